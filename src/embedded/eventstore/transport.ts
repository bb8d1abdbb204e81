/**
 * gRPC over node:http2: framing, trailers, back-pressure and reset codes. HTTP/1 is answered on the
 * same port: the first bytes of a connection tell which it is.
 */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { Code, GrpcError, toGrpcError } from './errors.ts';
import { openFront } from './front.ts';

/** Largest message taken from a client, in bytes. */
const MAX_MESSAGE = 17 * 1024 * 1024;

/** One call of one client. */
export interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
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

/** Cuts DATA chunks into gRPC messages without copying those that arrive whole. */
function createFrameReader(onMessage: (bytes: Buffer) => void): (chunk: Buffer) => void {
  let kept: Buffer[] = [];
  let size = 0;
  let wanted = 5;

  const cut = (bytes: Buffer): void => {
    let at = 0;
    while (bytes.length - at >= 5) {
      if (bytes[at] !== 0) {
        throw new GrpcError(Code.unimplemented, 'Compressed messages are not supported.');
      }
      const length = bytes.readUInt32BE(at + 1);
      if (length > MAX_MESSAGE) {
        throw new GrpcError(Code.resourceExhausted, `A message of ${length} bytes is too large.`);
      }
      if (bytes.length - at - 5 < length) {
        wanted = length + 5;
        break;
      }
      onMessage(bytes.subarray(at + 5, at + 5 + length));
      at += 5 + length;
      wanted = 5;
    }
    kept = at < bytes.length ? [bytes.subarray(at)] : [];
    size = bytes.length - at;
  };

  return (chunk) => {
    if (size === 0) {
      cut(chunk);
      return;
    }
    kept.push(chunk);
    size += chunk.length;
    if (size >= wanted) cut(Buffer.concat(kept));
  };
}

function trailersOf(error: GrpcError | undefined): Record<string, string> {
  const trailers: Record<string, string> = { 'grpc-status': String(error?.code ?? Code.ok) };
  if (error === undefined) return trailers;
  trailers['grpc-message'] = error.message.replace(/[^ -$&-~]+/gu, encodeURIComponent);
  for (const [name, value] of Object.entries(error.trailers)) {
    // Header values are ASCII on the wire; the client shows other names encoded.
    trailers[name] = /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value);
  }
  return trailers;
}

const RESPONSE = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;

function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, route: Route): void {
  let over = false;
  let finished = false;
  let outcome: GrpcError | undefined;
  let waiting: (() => void)[] = [];

  /** A stream may be gone before it says so; using it would throw. */
  const isOver = (): boolean => over || finished || stream.destroyed || stream.closed;
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const finish = (error?: GrpcError): void => {
    if (isOver()) return;
    finished = true;
    outcome = error;
    if (stream.headersSent) {
      stream.end();
    } else {
      stream.respond({ ...RESPONSE, ...trailersOf(outcome) }, { endStream: true });
    }
    wake();
  };

  const { remoteAddress = '', remotePort = 0 } = stream.session?.socket ?? {};
  const call: Call = {
    path: headers[':path'] ?? '',
    headers,
    peer: `${remoteAddress}:${remotePort}`,
    closed: isOver,
    write(frames) {
      if (isOver()) return true;
      if (!stream.headersSent) stream.respond(RESPONSE, { waitForTrailers: true });
      return stream.write(frames);
    },
    drained() {
      if (isOver() || !stream.writableNeedDrain) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    finish: () => finish(),
    fail: (error) => finish(toGrpcError(error)),
  };

  stream.on('error', () => undefined);
  stream.on('drain', wake);
  stream.on('wantTrailers', () => {
    if (!stream.destroyed && !stream.closed) stream.sendTrailers(trailersOf(outcome));
  });
  const handler = route(call);
  const guarded = (work: () => void): void => {
    if (isOver()) return;
    try {
      work();
    } catch (error) {
      call.fail(error);
    }
  };
  const read = createFrameReader((bytes) => guarded(() => handler.message(bytes)));
  stream.on('data', (chunk: Buffer) => guarded(() => read(chunk)));
  stream.on('end', () => guarded(() => handler.end?.()));
  stream.on('close', () => {
    over = true;
    wake();
    handler.closed?.();
  });
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
  const sessions = new Set<ServerHttp2Session>();
  const streams = new Set<ServerHttp2Stream>();
  const server = createServer({
    settings: { initialWindowSize: 1 << 20, maxConcurrentStreams: 10_000 },
    maxSessionMemory: 1024,
    // Clients cancel reads and subscriptions freely; only loopback reaches this port.
    streamResetBurst: 1_000_000,
    streamResetRate: 100_000,
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.setLocalWindowSize(8 << 20);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
    const path = headers[':path'] ?? '';
    serve(stream, headers, routes.get(path) ?? unknownRoute(path));
  });
  const front = await openFront(server, createHttpServer(http), host, port);

  return {
    port: front.port,
    async close() {
      const closed = front.stop();
      // CANCEL tells the client that the server ended the call, and makes it reconnect.
      for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
      await new Promise((resolve) => setImmediate(resolve));
      for (const session of sessions) session.destroy();
      front.disconnect();
      await closed;
    },
  };
}
