/** A bare HTTP/2 server on our sessions, which echoes, and a client that sends frames by hand. */
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net';
import {
  frame,
  FRAME_HEADER,
  PREFACE,
  settingsFrame,
} from '../../../src/embedded/eventstore/http2/frames.ts';
import { encodeHeaders } from '../../../src/embedded/eventstore/http2/hpack.ts';
import type { RequestHeaders } from '../../../src/embedded/eventstore/http2/request.ts';
import { serveHttp2, type Session } from '../../../src/embedded/eventstore/http2/session.ts';
import type { ServerStream, StreamHandler } from '../../../src/embedded/eventstore/http2/stream.ts';

export type Answer = (stream: ServerStream, headers: RequestHeaders) => StreamHandler;

export const RESPONSE = encodeHeaders([[':status', '200']]);
export const TRAILERS = [['grpc-status', '0']] as const;

const NOTHING = (): void => undefined;

export const handlerOf = (handler: Partial<StreamHandler>): StreamHandler => ({
  data: NOTHING,
  end: NOTHING,
  drained: NOTHING,
  closed: NOTHING,
  ...handler,
});

/** Sends back what comes. */
export const echo: Answer = (stream) => {
  stream.respond(RESPONSE);
  return handlerOf({
    data: (bytes) => stream.write(bytes),
    end: () => stream.end(TRAILERS),
  });
};

export interface TestServer {
  readonly port: number;
  readonly sessions: ReadonlySet<Session>;
  client(options?: Parameters<typeof connectHttp2>[1]): ClientHttp2Session;
  close(): Promise<void>;
}

export async function openServer(answer: Answer = echo): Promise<TestServer> {
  const sessions = new Set<Session>();
  const sockets = new Set<Socket>();
  const clients: ClientHttp2Session[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    const session = serveHttp2(socket, answer);
    sessions.add(session);
    socket.on('error', NOTHING);
    socket.on('close', () => sessions.delete(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    sessions,
    client(options) {
      const client = connectHttp2(`http://127.0.0.1:${port}`, options);
      client.on('error', NOTHING);
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A frame as it was received. */
export interface Received {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client that speaks in frames. */
export interface RawClient {
  send(...bytes: Buffer[]): void;
  /** The next frame that fits; rejects when the connection ends before. */
  next(fits: (frame: Received) => boolean): Promise<Received>;
  /** Resolves when the server has ended the connection. */
  ended(): Promise<void>;
  end(): void;
}

export const REQUEST = encodeHeaders([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/echo'],
  ['te', 'trailers'],
]);
export const GREETING = Buffer.concat([PREFACE, settingsFrame({})]);
/** HEADERS of a whole block, for a stream that sends more. */
export const request = (stream: number, block = REQUEST): Buffer => frame(1, 4, stream, block);

export async function openRawClient(port: number): Promise<RawClient> {
  const socket = connectSocket(port, '127.0.0.1');
  await once(socket, 'connect');
  const frames: Received[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let over = false;
  let wake = NOTHING;
  const changed = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  socket.on('error', NOTHING);
  socket.on('close', () => {
    over = true;
    wake();
  });
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= FRAME_HEADER && rest.length >= FRAME_HEADER + rest.readUIntBE(0, 3)) {
      const end = FRAME_HEADER + rest.readUIntBE(0, 3);
      frames.push({
        type: rest.readUInt8(3),
        flags: rest.readUInt8(4),
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(FRAME_HEADER, end),
      });
      rest = rest.subarray(end);
    }
    wake();
  });
  return {
    send: (...bytes) => socket.write(Buffer.concat(bytes)),
    async next(fits) {
      for (;;) {
        const index = frames.findIndex(fits);
        const [found] = index < 0 ? [] : frames.splice(index, 1);
        if (found !== undefined) return found;
        if (over) throw new Error('The connection ended before.');
        await changed();
      }
    },
    async ended() {
      while (!over) await changed();
    },
    end: () => socket.destroy(),
  };
}
