/**
 * gRPC over HTTP/2: messages, trailers, back-pressure and reset codes. HTTP/1 is answered on the same
 * port: the first bytes of a connection tell which it is.
 */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { Code, GrpcError, toGrpcError } from './errors.ts';
import { openFront } from './front.ts';
import { encodeHeaders, type Header } from './http2/hpack.ts';
import type { RequestHeaders } from './http2/request.ts';
import { serveHttp2, type Session } from './http2/session.ts';
import type { ServerStream, StreamHandler } from './http2/stream.ts';
import { createMessageReader } from './messages.ts';

/** One call of one client. */
export interface Call {
  readonly path: string;
  readonly headers: RequestHeaders;
  /** Address and port of the client. */
  readonly peer: string;
  readonly closed: () => boolean;
  /** Sends whole gRPC frames; false means: wait for `drained` before the next. */
  write(frames: Buffer): boolean;
  /** Resolves when more may be written, or when the call is over. */
  drained(): Promise<void>;
  finish(): void;
  fail(error: unknown): void;
}

/** What a route does with a call. A throw inside `message` or `end` fails the call. */
export interface CallHandler {
  message(bytes: Buffer): void;
  /** The client has sent its last message. */
  end?(): void;
  /** The call is over, for whatever reason. */
  closed?(): void;
}

export type Route = (call: Call) => CallHandler;

export interface Transport {
  readonly port: number;
  close(): Promise<void>;
}

const RESPONSE: readonly Header[] = [
  [':status', '200'],
  ['content-type', 'application/grpc+proto'],
];
const RESPONSE_BLOCK = encodeHeaders(RESPONSE);
const SUCCESS: readonly Header[] = [['grpc-status', String(Code.ok)]];

function trailersOf(error: GrpcError | undefined): readonly Header[] {
  if (error === undefined) return SUCCESS;
  return [
    ['grpc-status', String(error.code)],
    ['grpc-message', error.message.replace(/[^ -$&-~]+/gu, encodeURIComponent)],
    ...Object.entries(error.trailers).map(([name, value]): Header => [
      name,
      // Header values are ASCII on the wire; the client shows other names encoded.
      /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value),
    ]),
  ];
}

function serve(
  stream: ServerStream,
  headers: RequestHeaders,
  peer: string,
  route: Route,
): StreamHandler {
  let waiting: (() => void)[] = [];
  let paused = false;

  const wake = (): void => {
    paused = false;
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const finish = (error?: GrpcError): void => {
    if (stream.closed()) return;
    const trailers = trailersOf(error);
    stream.end(stream.headersSent() ? trailers : [...RESPONSE, ...trailers]);
    wake();
  };
  const call: Call = {
    path: headers[':path'] ?? '',
    headers,
    peer,
    closed: stream.closed,
    write(frames) {
      if (stream.closed()) return true;
      if (!stream.headersSent()) stream.respond(RESPONSE_BLOCK);
      paused = !stream.write(frames);
      return !paused;
    },
    drained() {
      if (!paused || stream.closed()) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    finish: () => finish(),
    fail: (error) => finish(toGrpcError(error)),
  };

  const handler = route(call);
  const guarded = (work: () => void): void => {
    if (stream.closed()) return;
    try {
      work();
    } catch (error) {
      call.fail(error);
    }
  };
  const read = createMessageReader((bytes) => {
    if (!stream.closed()) handler.message(bytes);
  });
  return {
    data(bytes) {
      // As `guarded`, without a function for each chunk.
      if (stream.closed()) return;
      try {
        read(bytes);
      } catch (error) {
        call.fail(error);
      }
    },
    end: () => guarded(() => handler.end?.()),
    drained: wake,
    closed() {
      wake();
      handler.closed?.();
    },
  };
}

const unknownRoute =
  (path: string): Route =>
  (call) => {
    call.fail(
      new GrpcError(
        Code.unimplemented,
        `The embedded event store does not support ${path}. Use a real EventStoreDB for it.`,
      ),
    );
    return { message: () => undefined };
  };

/** Listens on cleartext HTTP/2, and HTTP/1 for `http`. `routes` maps `/package.Service/Method` to its handler. */
export async function startTransport(
  routes: ReadonlyMap<string, Route>,
  http: RequestListener,
  host: string,
  port: number,
): Promise<Transport> {
  const sessions = new Set<Session>();
  const front = await openFront(
    (socket) => {
      const peer = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
      const session = serveHttp2(socket, (stream, headers) => {
        const path = headers[':path'] ?? '';
        return serve(stream, headers, peer, routes.get(path) ?? unknownRoute(path));
      });
      sessions.add(session);
      socket.on('close', () => sessions.delete(session));
    },
    createHttpServer(http),
    host,
    port,
  );

  return {
    port: front.port,
    async close() {
      const closed = front.stop();
      // CANCEL tells the client that the server ended the call, and makes it reconnect.
      for (const session of sessions) session.close();
      await new Promise((resolve) => setImmediate(resolve));
      front.disconnect();
      await closed;
    },
  };
}
