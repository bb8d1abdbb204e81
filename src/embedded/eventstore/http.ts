/**
 * The few HTTP/1 requests that EventStoreDB answers on the same port and that its tools still use:
 * `GET /ping`, `/health/live` and `/info`, and `POST /streams/<name>` of a single event.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { messageOf } from './errors.ts';
import { SERVER_VERSION } from './node.ts';
import { Expect } from './requests.ts';
import { proposeBytes } from './store/internal-events.ts';
import type { Store } from './store/store.ts';
import { MAX_APPEND_SIZE } from './streams/append.ts';

type Answer = (status: number, text: string, body?: object) => void;

const answerOf =
  (response: ServerResponse): Answer =>
  (status, text, body) => {
    response.statusCode = status;
    response.statusMessage = text;
    if (body !== undefined) response.setHeader('content-type', 'application/json');
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };

export const httpListener =
  (store: Store): RequestListener =>
  (request, response) => {
    const answer = answerOf(response);
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (request.method === 'POST' && path.startsWith('/streams/')) {
      post(store, request, response, decodeURIComponent(path.slice('/streams/'.length))).catch(
        (error: unknown) => answer(500, messageOf(error)),
      );
      return;
    }
    request.resume();
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(404, 'Not Found');
    else if (path === '/ping') {
      answer(200, 'OK', { msgTypeId: 4, text: 'Ping request successfully handled' });
    } else if (path === '/health/live') answer(204, 'No Content');
    else if (path === '/info') answer(200, 'OK', { esVersion: SERVER_VERSION, state: 'leader' });
    else answer(404, 'Not Found');
  };

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** Appends the body as it is: EventStoreDB doesn't look into it either. */
async function post(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
  stream: string,
): Promise<void> {
  const answer = answerOf(response);
  const type = header(request, 'es-eventtype');
  const contentType = header(request, 'content-type') ?? '';
  if (Number(header(request, 'content-length')) > MAX_APPEND_SIZE) {
    answer(413, 'Too large');
    return;
  }
  const data = await buffer(request);
  if (stream === '' || type === undefined) {
    answer(
      400,
      'Must include an event type with the request either in body or as ES-EventType header.',
    );
    return;
  }
  const event = proposeBytes(
    type,
    contentType.includes('json') ? 'application/json' : 'application/octet-stream',
    data,
    header(request, 'es-eventid') ?? randomUUID(),
  );
  const expected = Number(header(request, 'es-expectedversion') ?? Expect.any);
  const outcome = await store.commits.transact(() =>
    store.appender.append({ stream, expected }, [event]),
  );
  if (outcome.kind === 'deleted') answer(410, 'Stream deleted');
  else if (outcome.kind === 'wrong') answer(400, 'Wrong expected EventNumber');
  else {
    response.setHeader('location', `/streams/${encodeURIComponent(stream)}/${outcome.revision}`);
    answer(201, 'Created');
  }
}
