import { once } from 'node:events';
import { constants } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type apn from '@parse/node-apn';
import { type Reply, TransportError } from './transport.ts';

interface SignedToken {
  readonly current: string;
  readonly generation: number;
  isExpired(afterSeconds: number): boolean;
  regenerate(generation: number): void;
}

/** The part of the SDK's client that is reached into. */
export interface ApnsClient {
  readonly config: { readonly token: SignedToken };
  readonly session?: ClientHttp2Session;
  request(
    session: ClientHttp2Session,
    address: string,
    notification: { readonly headers: OutgoingHttpHeaders; readonly body: string },
    path: string,
  ): Promise<{ readonly answer: Reply | TransportError | undefined }>;
}

/** Apple wants a new token after 20 to 60 minutes. */
const TOKEN_LIFE_SECONDS = 50 * 60;
const LARGEST_BODY = 16 * 1024;

/**
 * Takes the exchange itself out of the SDK's hands, which still connects, signs, builds the message and keeps the
 * connection alive: it looks for Retry-After by a name that HTTP/2 never has, loses the status of an empty answer, and
 * can't tell "never sent" from "no answer" (facts, providers §2.3). Throws if a later version has moved what this reaches
 * into.
 */
export function answerOver(provider: apn.Provider, timeoutMs: number): ApnsClient {
  const client = Reflect.get(provider, 'client') as Partial<ApnsClient> | undefined;
  const token = client?.config?.token;
  if (client?.request === undefined || typeof token?.regenerate !== 'function') {
    throw new Error('this version of node-apn hides its client; its answers can not be read');
  }
  client.request = async (session, address, { headers, body }, path) => {
    if (token.isExpired(TOKEN_LIFE_SECONDS)) token.regenerate(token.generation);
    const all = {
      ':scheme': 'https',
      ':method': 'POST',
      ':authority': address,
      ':path': path,
      ...headers,
      authorization: `bearer ${token.current}`,
    };
    return { answer: await exchange(session, all, body, timeoutMs) };
  };
  return client as ApnsClient;
}

/** Says goodbye and waits for it; the SDK's own promise never settles when the connection was lost before. */
export async function shutDown(provider: apn.Provider, { session }: ApnsClient): Promise<void> {
  const closed = session !== undefined && !session.destroyed ? once(session, 'close') : undefined;
  void provider.shutdown();
  await closed;
}

/** One request and its answer, or why there is none; `timeoutMs` bounds all of it. */
function exchange(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body: string,
  timeoutMs: number,
): Promise<Reply | TransportError> {
  return new Promise((resolve) => {
    if (session.closed || session.destroyed) {
      resolve(new TransportError('not_connected', false));
      return;
    }
    const request = session.request(headers);
    let answered: IncomingHttpHeaders | undefined;
    let text = '';
    let ended = false;

    const fail = (code: TransportError['code']): void => {
      // A stream without a number was never written; one that the server refused was never looked at.
      const refused = request.rstCode === constants.NGHTTP2_REFUSED_STREAM;
      const arrived = !request.pending && !refused;
      resolve(new TransportError(arrived || code === 'timeout' ? code : 'not_connected', arrived));
    };
    const timer = setTimeout(() => {
      fail('timeout');
      request.close(constants.NGHTTP2_CANCEL);
      // Whoever comes next gets a connection of its own; others on this one may still be answered.
      session.close();
    }, timeoutMs);

    request.setEncoding('utf8');
    request.on('response', (received) => {
      answered = received;
    });
    request.on('data', (part: string) => {
      if (text.length < LARGEST_BODY) text += part;
    });
    request.on('end', () => {
      ended = true;
    });
    request.on('error', () => undefined);
    request.on('close', () => {
      clearTimeout(timer);
      const isWhole = ended && !request.aborted && request.rstCode === constants.NGHTTP2_NO_ERROR;
      if (answered === undefined || !isWhole) {
        fail('connection_lost');
        return;
      }
      const status = Number(answered[':status']);
      resolve({ status, headers: answered, body: text });
    });
    request.end(body);
  });
}
