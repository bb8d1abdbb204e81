/** Node's own HTTP/2 client against our sessions. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ServerStream } from '../../../src/embedded/eventstore/http2/stream.ts';
import { eventually } from '../support.ts';
import { handlerOf, openServer, RESPONSE, TRAILERS, type TestServer } from './support.ts';

let server: TestServer;
afterEach(() => server.close());

const POST = { ':method': 'POST', ':path': '/echo', te: 'trailers' };

const send = (client: ClientHttp2Session, ...chunks: Buffer[]): ClientHttp2Stream => {
  const stream = client.request(POST);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  return stream;
};

test('what many streams send at once comes back whole, with trailers', async () => {
  server = await openServer();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 5 }), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.integer({ min: 1_000, max: 200_000 }),
      fc.integer({ min: 16_384, max: 100_000 }),
      async (requests, initialWindowSize, maxFrameSize) => {
        const client = server.client({ settings: { initialWindowSize, maxFrameSize } });
        await Promise.all(
          requests.map(async (sizes) => {
            const chunks = sizes.map((size) => randomBytes(size));
            const stream = send(client, ...chunks);
            const trailers = once(stream, 'trailers');
            expect((await buffer(stream)).equals(Buffer.concat(chunks))).toBe(true);
            expect((await trailers)[0]).toMatchObject({ 'grpc-status': '0' });
          }),
        );
        client.destroy();
      },
    ),
    { numRuns: 12 },
  );
});

test('a message of sixteen megabytes goes there and back', async () => {
  server = await openServer();
  const message = randomBytes(16 << 20);
  // Node's client gives up at ten megabytes by itself.
  const client = server.client({ maxSessionMemory: 64 });
  expect((await buffer(send(client, message))).equals(message)).toBe(true);
});

test('headers of every kind arrive: repeated, long enough for several frames, of all characters', async () => {
  const seen: unknown[] = [];
  server = await openServer((stream, headers) => {
    seen.push(headers);
    stream.end([[':status', '200'], ...TRAILERS]);
    return handlerOf({});
  });
  const client = server.client();
  const all = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join('');
  const latin1 = Array.from({ length: 96 }, (_, n) => String.fromCharCode(160 + n)).join('');
  const long = all.repeat(400);
  for (let round = 0; round < 3; round += 1) {
    const stream = client.request({ ...POST, all, latin1, long, twice: ['1', '2'] });
    await once(stream, 'response');
    expect(seen.at(-1)).toMatchObject({ all, latin1, long, twice: '1, 2', ':path': '/echo' });
  }
});

test('who reads slowly makes the server pause, and holds up nobody else', async () => {
  const total = 20 << 20;
  let written = 0;
  server = await openServer((stream, headers) => {
    stream.respond(RESPONSE);
    if (headers[':path'] === '/quick') stream.write(Buffer.from('quick'));
    const page = Buffer.alloc(100_000, 7);
    const more = (): void => {
      while (written < total) {
        written += page.length;
        if (!stream.write(page)) return;
      }
      stream.end(TRAILERS);
    };
    return handlerOf({ data: more, drained: more });
  });
  const client = server.client();
  const slow = send(client, Buffer.from('slow'));
  slow.pause();
  const paused = await eventually(async () => {
    const before = written;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return written === before && written > 0 && written;
  });
  expect(paused).toBeLessThan(1 << 20);
  // Its own connection: Node's client shares one window among the streams of a connection.
  const other = server.client().request({ ...POST, ':path': '/quick' });
  expect(String((await once(other, 'data'))[0])).toBe('quick');
  other.close();
  slow.resume();
  expect((await buffer(slow)).length).toBeGreaterThanOrEqual(total);
});

test('a stream that the client resets is over for the server, whatever waits to be sent', async () => {
  const open = new Set<ServerStream>();
  server = await openServer((stream) => {
    open.add(stream);
    stream.respond(RESPONSE);
    stream.write(Buffer.alloc(1 << 20));
    return handlerOf({ closed: () => open.delete(stream) });
  });
  const client = server.client();
  const streams = Array.from({ length: 50 }, () => client.request(POST));
  await eventually(() => open.size === 50);
  const [kept, ...dropped] = streams;
  for (const stream of dropped) {
    stream.on('error', () => undefined);
    stream.close(constants.NGHTTP2_CANCEL);
  }
  await eventually(() => open.size === 1);
  expect(kept?.destroyed).toBe(false);
  client.destroy();
  await eventually(() => open.size === 0);
});

test('an answer before the end of the request ends both', async () => {
  server = await openServer((stream) => {
    stream.end([[':status', '200'], ...TRAILERS]);
    return handlerOf({});
  });
  const stream = server.client().request(POST);
  stream.write(Buffer.alloc(100));
  expect((await once(stream, 'response'))[0]).toMatchObject({ 'grpc-status': '0' });
  await once(stream, 'close');
  expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
});

test('settings may change at any time, and pings are answered', async () => {
  server = await openServer();
  const client = server.client();
  const message = randomBytes(300_000);
  for (const settings of [
    { headerTableSize: 0 },
    { initialWindowSize: 500 },
    { headerTableSize: 100_000, maxFrameSize: 40_000 },
    { initialWindowSize: 1 << 24 },
  ]) {
    const running = buffer(send(client, message));
    await new Promise<void>((resolve) => {
      client.settings(settings, () => resolve());
    });
    await new Promise<void>((resolve, reject) => {
      client.ping((error) => (error ? reject(error) : resolve()));
    });
    expect((await running).equals(message)).toBe(true);
    expect((await buffer(send(client, message))).equals(message)).toBe(true);
  }
});

test('a server that closes cancels what is open and says goodbye', async () => {
  server = await openServer();
  const client = server.client();
  const stream = client.request(POST);
  stream.on('error', () => undefined);
  stream.write('started');
  await once(stream, 'data');
  const goodbye = once(client, 'goaway');
  for (const session of server.sessions) session.close();
  expect((await goodbye)[0]).toBe(constants.NGHTTP2_NO_ERROR);
  await once(client, 'close');
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
});
