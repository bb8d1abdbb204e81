/** Frames sent by hand: what a client may do, what it may not (RFC 9113), and sheer noise. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  Frame,
  frame,
  PREFACE,
  Reason,
  settingsFrame,
  windowUpdateFrame,
} from '../../../src/embedded/eventstore/http2/frames.ts';
import { encodeHeaders } from '../../../src/embedded/eventstore/http2/hpack.ts';
import { eventually } from '../support.ts';
import {
  GREETING,
  openRawClient,
  openServer,
  REQUEST,
  request,
  type RawClient,
  type TestServer,
} from './support.ts';

let server: TestServer;
let client: RawClient;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  client = await openRawClient(server.port);
});
afterEach(() => client.end());

const data = (stream: number, text: string | Buffer, flags = 0): Buffer =>
  frame(Frame.data, flags, stream, Buffer.from(text));
const numbers = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
};
const block = (...headers: [string, string][]): Buffer => encodeHeaders(headers);
const ofType = (type: number, stream?: number) => (received: { type: number; stream: number }) =>
  received.type === type && (stream === undefined || received.stream === stream);

const goAwayCode = async (): Promise<number> =>
  (await client.next(ofType(Frame.goAway))).payload.readUInt32BE(4);
const resetCode = async (stream: number): Promise<number> =>
  (await client.next(ofType(Frame.resetStream, stream))).payload.readUInt32BE(0);
const echoed = async (stream: number): Promise<string> =>
  String((await client.next(ofType(Frame.data, stream))).payload);

describe('a conforming client', () => {
  test('gets the settings first, and its own acknowledged', async () => {
    client.send(GREETING);
    expect((await client.next(() => true)).type).toBe(Frame.settings);
    expect(await client.next(ofType(Frame.settings))).toMatchObject({ flags: 1 });
  });

  test('may send everything byte by byte', async () => {
    const bytes = Buffer.concat([GREETING, request(1), data(1, 'hello', 1)]);
    for (const byte of bytes) client.send(Buffer.from([byte]));
    expect(await echoed(1)).toBe('hello');
  });

  test('may pad, set priorities, split header blocks and use frames that are not known here', async () => {
    const priority = Buffer.from([0, 0, 0, 0, 15]);
    const padded = Buffer.concat([Buffer.from([3]), priority, REQUEST, Buffer.alloc(3)]);
    client.send(
      GREETING,
      frame(Frame.priority, 0, 1, priority),
      frame(0xbe, 0xff, 7, Buffer.from('extension')),
      frame(Frame.headers, 4 | 8 | 32, 1, padded),
      data(1, '\u0004abc\0\0\0\0', 8),
      frame(Frame.headers, 0, 3, REQUEST.subarray(0, 2)),
      frame(Frame.continuation, 0, 3, REQUEST.subarray(2, 5)),
      frame(Frame.continuation, 4, 3, REQUEST.subarray(5)),
      data(3, 'def', 1),
    );
    expect(await echoed(1)).toBe('abc');
    expect(await echoed(3)).toBe('def');
  });

  test('may send trailers', async () => {
    client.send(GREETING, request(1), data(1, 'x'), frame(Frame.headers, 5, 1, block(['a', 'b'])));
    const { flags } = await client.next(
      (received) => received.type === Frame.headers && (received.flags & 1) === 1,
    );
    expect(flags).toBe(5);
  });

  test('gets no more than its windows take, even when it shuts them in between', async () => {
    client.send(PREFACE, settingsFrame({ 4: 4 }), request(1), data(1, '0123456789'));
    expect(await echoed(1)).toBe('0123');
    client.send(settingsFrame({ 4: 1 }), windowUpdateFrame(1, 2));
    client.send(frame(Frame.ping, 0, 0, Buffer.from('probably')));
    expect(String((await client.next(ofType(Frame.ping))).payload)).toBe('probably');
    client.send(windowUpdateFrame(1, 3));
    expect(await echoed(1)).toBe('45');
    client.send(settingsFrame({ 4: 100 }));
    expect(await echoed(1)).toBe('6789');
  });

  test('is told to send on when it has used half of its window', async () => {
    client.send(GREETING, request(1));
    const part = Buffer.alloc(16_384);
    for (let sent = 0; sent <= 1 << 19; sent += part.length) client.send(data(1, part));
    const { payload } = await client.next(ofType(Frame.windowUpdate, 1));
    expect(payload.readUInt32BE(0)).toBeGreaterThan(1 << 19);
  });

  test('may send on for a stream that was answered and ended already', async () => {
    client.send(
      GREETING,
      request(1, block([':method', 'POST'])),
      data(1, 'late'),
      data(1, 'later', 1),
    );
    expect(await resetCode(1)).toBe(Reason.protocol);
    client.send(request(3), data(3, 'next'));
    expect(await echoed(3)).toBe('next');
  });
});

const valid = [':method', 'POST'] as [string, string];
const rest: [string, string][] = [
  [':scheme', 'http'],
  [':path', '/'],
];

test.each([
  ['no path', block(valid, [':scheme', 'http'])],
  ['an unknown pseudo-header', block(valid, ...rest, [':status', '200'])],
  ['a pseudo-header twice', block(valid, valid, ...rest)],
  ['a pseudo-header behind others', block(valid, ['a', 'b'], ...rest)],
  ['a name in upper case', block(valid, ...rest, ['Upper', 'x'])],
  ['a header of HTTP/1', block(valid, ...rest, ['connection', 'close'])],
  ['another te than trailers', block(valid, ...rest, ['te', 'gzip'])],
  ['a line break in a value', block(valid, ...rest, ['a', 'b\r\nc'])],
])('a request with %s is reset, and the connection goes on', async (_what, malformed) => {
  client.send(GREETING, request(1, malformed));
  expect(await resetCode(1)).toBe(Reason.protocol);
  client.send(request(3), data(3, 'next'));
  expect(await echoed(3)).toBe('next');
});

test.each([
  ['data behind the end', [request(1), data(1, 'x', 1), data(1, 'y')], Reason.streamClosed],
  ['a window opened by nothing', [request(1), windowUpdateFrame(1, 0)], Reason.protocol],
  ['a window too large', [request(1), windowUpdateFrame(1, 0x7fffffff)], Reason.flowControl],
  [
    'trailers that do not end the stream',
    [request(1), frame(Frame.headers, 4, 1, block(['a', 'b']))],
    Reason.protocol,
  ],
])('%s resets the stream', async (_what, frames, code) => {
  client.send(GREETING, ...frames);
  expect(await resetCode(1)).toBe(code);
});

const floodOf = (one: Buffer): Buffer[] => Array<Buffer>(11_000).fill(one);

test.each<[string, Buffer[], number]>([
  ['anything before SETTINGS', [PREFACE, request(1)], Reason.protocol],
  [
    'a frame that is too large',
    [GREETING, Buffer.from('0040010000000001', 'hex'), Buffer.alloc(9)],
    Reason.frameSize,
  ],
  ['DATA on the connection', [GREETING, data(0, 'x')], Reason.protocol],
  ['DATA on a stream that was never opened', [GREETING, data(5, 'x')], Reason.protocol],
  ['padding longer than its frame', [GREETING, request(1), data(1, '\u0009x', 8)], Reason.protocol],
  ['HEADERS on a stream of the server', [GREETING, request(2)], Reason.protocol],
  [
    'HEADERS on a stream that is over',
    [GREETING, request(1), frame(Frame.resetStream, 0, 1, numbers(8)), request(1)],
    Reason.streamClosed,
  ],
  [
    'a block that does not decode',
    [GREETING, request(1, Buffer.from([0xff, 0xff, 0xff]))],
    Reason.compression,
  ],
  [
    'a block that is interrupted',
    [GREETING, frame(Frame.headers, 0, 1, REQUEST), data(1, 'x')],
    Reason.protocol,
  ],
  [
    'CONTINUATION of nothing',
    [GREETING, frame(Frame.continuation, 4, 1, REQUEST)],
    Reason.protocol,
  ],
  ['a push', [GREETING, frame(Frame.pushPromise, 4, 1, numbers(2))], Reason.protocol],
  [
    'a short RST_STREAM',
    [GREETING, request(1), frame(Frame.resetStream, 0, 1, Buffer.alloc(3))],
    Reason.frameSize,
  ],
  [
    'a RST_STREAM of a stream never opened',
    [GREETING, frame(Frame.resetStream, 0, 9, numbers(8))],
    Reason.protocol,
  ],
  ['a short PING', [GREETING, frame(Frame.ping, 0, 0, Buffer.alloc(7))], Reason.frameSize],
  ['a PING on a stream', [GREETING, frame(Frame.ping, 0, 1, Buffer.alloc(8))], Reason.protocol],
  [
    'a SETTINGS frame cut off',
    [GREETING, frame(Frame.settings, 0, 0, Buffer.alloc(5))],
    Reason.frameSize,
  ],
  [
    'an acknowledgement with settings',
    [GREETING, frame(Frame.settings, 1, 0, Buffer.alloc(6))],
    Reason.frameSize,
  ],
  [
    'a window setting out of range',
    [GREETING, settingsFrame({ 4: 0x80000000 })],
    Reason.flowControl,
  ],
  ['a frame size out of range', [GREETING, settingsFrame({ 5: 100 })], Reason.protocol],
  ['a push setting out of range', [GREETING, settingsFrame({ 2: 2 })], Reason.protocol],
  [
    'a connection window too large',
    [GREETING, windowUpdateFrame(0, 0x7fffffff)],
    Reason.flowControl,
  ],
  ['a connection window opened by nothing', [GREETING, windowUpdateFrame(0, 0)], Reason.protocol],
  [
    'a flood of pings',
    [GREETING, ...floodOf(frame(Frame.ping, 1, 0, Buffer.alloc(8)))],
    Reason.enhanceYourCalm,
  ],
  ['a flood of settings', [GREETING, ...floodOf(settingsFrame({}))], Reason.enhanceYourCalm],
  [
    'a flood of empty data',
    [GREETING, request(1), ...floodOf(data(1, ''))],
    Reason.enhanceYourCalm,
  ],
  [
    'a flood of continuations',
    [
      GREETING,
      frame(Frame.headers, 0, 1, REQUEST),
      ...Array<Buffer>(70).fill(frame(Frame.continuation, 0, 1, Buffer.alloc(0))),
    ],
    Reason.enhanceYourCalm,
  ],
])('%s ends the connection', async (_what, frames, code) => {
  client.send(...frames);
  expect(await goAwayCode()).toBe(code);
  await client.ended();
});

test('noise of any kind neither stops the server nor keeps a connection waiting for ever', async () => {
  const conversation = Buffer.concat([
    GREETING,
    request(1),
    data(1, 'hello'),
    settingsFrame({ 1: 0, 4: 100 }),
    request(3),
    data(3, 'more', 1),
    windowUpdateFrame(0, 1_000),
    frame(Frame.ping, 0, 0, Buffer.alloc(8)),
  ]);
  const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const damaged = fc
    .array(fc.tuple(fc.nat(conversation.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    .map((changes) => {
      const bytes = Buffer.from(conversation);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  const afterGreeting = noise.map((bytes) => Buffer.concat([GREETING, bytes]));
  const framed = fc
    .array(fc.tuple(fc.nat(10), fc.nat(255), fc.nat(4), noise), { maxLength: 8 })
    .map((frames) =>
      Buffer.concat([
        GREETING,
        ...frames.map(([type, flags, stream, payload]) => frame(type, flags, stream, payload)),
      ]),
    );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(noise, damaged, afterGreeting, framed),
      fc.nat(400),
      async (bytes, cut) => {
        const noisy = await openRawClient(server.port);
        noisy.send(bytes.subarray(0, cut));
        noisy.send(bytes.subarray(cut));
        const calm = await openRawClient(server.port);
        calm.send(GREETING, request(1), data(1, 'alive', 1));
        expect(String((await calm.next(ofType(Frame.data))).payload)).toBe('alive');
        calm.end();
        noisy.end();
        await noisy.ended();
      },
    ),
    { numRuns: 300 },
  );
});

test('a connection that vanishes in the middle of a frame is forgotten', async () => {
  const other = await openServer();
  const doomed = await openRawClient(other.port);
  doomed.send(GREETING, request(1), data(1, 'abc').subarray(0, 10));
  await doomed.next(ofType(Frame.settings));
  const [session] = other.sessions;
  expect(session).toBeDefined();
  doomed.end();
  await doomed.ended();
  await eventually(() => other.sessions.size === 0);
  await other.close();
});
