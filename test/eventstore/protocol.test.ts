/** What the client never sends, sent by hand: the server must answer, and go on serving. */
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { createWriter, visit, type Writer } from '../../src/embedded/eventstore/wire.ts';
import { collect, counted, openServer, series, unique, type TestServer } from './support.ts';

let server: TestServer;
let client: EventStoreDBClient;
let session: ClientHttp2Session;

beforeAll(async () => {
  server = await openServer('embedded');
  client = server.client();
  session = connect(server.url.replace(/^esdb:/, 'http:').replace(/\?.*/, ''));
});
afterAll(async () => {
  session.destroy();
  await server.close();
});

interface Answer {
  readonly status: string | undefined;
  readonly message: string;
  readonly body: Buffer;
}

/** One gRPC call with `body` as the client's whole stream. */
function call(path: string, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let last: IncomingHttpHeaders = {};
    stream.on('response', (headers) => {
      last = { ...last, ...headers };
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      last = { ...last, ...trailers };
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () =>
      resolve({
        status: last['grpc-status'] as string | undefined,
        message: String(last['grpc-message']),
        body: Buffer.concat(chunks),
      }),
    );
    stream.end(body);
  });
}

const READ = '/event_store.client.streams.Streams/Read';

function framed(body: (writer: Writer) => void): Buffer {
  const writer = createWriter();
  writer.frame(() => body(writer));
  return writer.take();
}

const readRequest = (stream: string): Buffer =>
  framed((writer) =>
    writer.message(1, () => {
      writer.message(1, () => {
        writer.message(1, () => writer.text(3, stream));
        writer.message(3, () => undefined);
      });
      writer.varint(5, 10);
    }),
  );

test('server-side projections are unimplemented, by name', async () => {
  await expect(client.getProjectionStatus(unique('projection'))).rejects.toThrow(
    /does not support .*Projections/,
  );
});

test('an unknown method is unimplemented, by name', async () => {
  const answer = await call(
    '/event_store.client.users.Users/Create',
    framed(() => undefined),
  );
  expect(answer.status).toBe('12');
  expect(answer.message).toMatch(/does not support .*Users\/Create/);
});

test.each([
  ['a number that never ends', Buffer.alloc(12, 0xff)],
  ['a field longer than its message', Buffer.from([0x0a, 0x7f, 1])],
  ['a wire type that does not exist', Buffer.from([0x0f, 1])],
  ['no stream', Buffer.from([0x0a, 0x02, 0x28, 0x01])],
])('%s is an invalid argument', async (_case, garbage) => {
  const answer = await call(
    READ,
    framed((writer) => writer.raw(garbage)),
  );
  expect(answer.status).toBe('3');
});

test('a compressed message is unimplemented', async () => {
  const request = readRequest('stream-1');
  request[0] = 1;
  expect((await call(READ, request)).status).toBe('12');
});

test('a message of absurd length is refused before it is read', async () => {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(0x7fffffff, 1);
  expect((await call(READ, header)).status).toBe('8');
});

test('a message that comes in many pieces is put together', async () => {
  const stream = unique('pieces');
  await client.appendToStream(stream, counted(1));
  const request = readRequest(stream);
  const answer = await new Promise<number>((resolve, reject) => {
    const http = session.request({
      ':method': 'POST',
      ':path': READ,
      'content-type': 'application/grpc',
    });
    let size = 0;
    http.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    http.on('error', reject);
    http.on('close', () => resolve(size));
    for (const byte of request) http.write(Buffer.from([byte]));
    http.end();
  });
  expect(answer).toBeGreaterThan(50);
});

test('connections that vanish in the middle of everything leave the server serving', async () => {
  const stream = unique('vanishing');
  await client.appendToStream(stream, series(2_000));
  const origin = server.url.replace(/^esdb:/, 'http:').replace(/\?.*/, '');
  for (let round = 0; round < 20; round += 1) {
    const doomed = connect(origin);
    doomed.on('error', () => undefined);
    await once(doomed, 'connect');
    const calls = [READ, '/event_store.client.streams.Streams/BatchAppend'].flatMap((path) =>
      Array.from({ length: 5 }, () => {
        const http = doomed.request({
          ':method': 'POST',
          ':path': path,
          'content-type': 'application/grpc',
        });
        http.on('error', () => undefined);
        http.write(path === READ ? readRequest(stream) : Buffer.from([0, 0, 0, 1, 0, 10]));
        return http;
      }),
    );
    for (const http of calls.slice(0, round % 5)) http.close(constants.NGHTTP2_CANCEL);
    // The fifth read is never cancelled.
    const [answered] = calls.slice(4);
    if (round % 2 === 0 && answered) await once(answered, 'response');
    doomed.destroy();
  }
  await client.appendToStream(stream, counted(2_000));
  expect(await collect(client.readStream(stream))).toHaveLength(2_001);
});

test('ids are two integers for clients that ask for no text', async () => {
  const stream = unique('structured');
  const id = 'f0e1d2c3-b4a5-4687-8990-a1b2c3d4e5f6';
  await client.appendToStream(stream, counted(1, 'Counted', id));
  const { status, body } = await call(READ, readRequest(stream));
  expect(status).toBe('0');
  const path: number[] = [];
  const walk = (start: number, end: number, depth: number): void =>
    visit(body, start, end, (field, _value, from, to) => {
      if (depth < 4 && field === 1) {
        path.push(field);
        walk(from, to, depth + 1);
      }
    });
  walk(5, body.length, 0);
  // ReadResp.event.event.id.structured
  expect(path.slice(0, 4)).toEqual([1, 1, 1, 1]);
  const [read] = await collect(client.readStream(stream));
  expect(read?.event?.id).toBe(id);
});
