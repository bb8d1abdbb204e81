import http from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

/** A provider's answer, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** No answer came. `mayHaveArrived` is false only when no byte of the request can have left. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: 'connection_refused' | 'not_connected' | 'connection_lost' | 'timeout';
  readonly mayHaveArrived: boolean;

  constructor(code: TransportError['code'], mayHaveArrived: boolean) {
    super(code);
    this.code = code;
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** An answer of 300 or more, as it came: the SDKs' own errors have no headers, so Retry-After would be lost. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`status ${reply.status}`);
    this.reply = reply;
  }
}

export interface Transport {
  /** Posts once. Rejects with {@link TransportError} only; an answer of any status resolves. */
  post(request: PostRequest): Promise<Reply>;
  close(): void;
}

/** Idle sockets are dropped before vendors drop them, so that a request rarely meets a closing one. */
const IDLE_MS = 4000;
const LARGEST_BODY = 256 * 1024;

/**
 * HTTP over keep-alive sockets, in place of the axios inside the SDKs: axios costs several times the CPU, can't tell
 * "refused" from "lost after it was written" for sure, and its errors carry the credential (facts, providers §0 row 5).
 * The SDKs still build and sign every request. `timeoutMs` bounds the whole exchange, connecting included. Proxies
 * from the environment are not used.
 */
export function createTransport(options: {
  readonly timeoutMs: number;
  readonly maxSockets?: number;
  /** Whom to trust instead of the public authorities, PEM: only for the sandbox. */
  readonly ca?: string;
}): Transport {
  const sockets = {
    keepAlive: true,
    maxSockets: options.maxSockets ?? 128,
    timeout: IDLE_MS,
    scheduling: 'lifo',
  } as const;
  const plain = new http.Agent(sockets);
  const secure = new https.Agent({
    ...sockets,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });

  return {
    post: ({ url, headers, body }) =>
      new Promise((resolve, reject) => {
        const isSecure = url.startsWith('https:');
        let mayHaveArrived = false;
        const request = (isSecure ? https : http).request(url, {
          method: 'POST',
          agent: isSecure ? secure : plain,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        });
        const fail = (code: TransportError['code']): void => {
          clearTimeout(timer);
          reject(new TransportError(code, mayHaveArrived));
          request.destroy();
        };
        const timer = setTimeout(fail, options.timeoutMs, 'timeout');

        request.once('socket', (socket: Socket) => {
          if (socket.connecting) {
            socket.once(isSecure ? 'secureConnect' : 'connect', () => (mayHaveArrived = true));
          } else {
            mayHaveArrived = true;
          }
        });
        request.on('error', (error: NodeJS.ErrnoException) => {
          if (mayHaveArrived) fail('connection_lost');
          else fail(error.code === 'ECONNREFUSED' ? 'connection_refused' : 'not_connected');
        });
        request.once('response', (response) => {
          const chunks: Buffer[] = [];
          let length = 0;
          response.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length <= LARGEST_BODY) chunks.push(chunk);
          });
          response.on('error', () => fail('connection_lost'));
          response.on('end', () => {
            clearTimeout(timer);
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('utf8'),
            });
          });
        });
        request.end(body);
      }),

    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}
