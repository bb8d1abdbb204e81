import type { ServerResponse } from 'node:http';
import { constants } from 'node:http2';
import type { Http2ServerResponse } from 'node:http2';
import type { Ledger } from './ledger.ts';
import type { Acceptance, Answer } from './vendor.ts';

/** APNs is answered over HTTP/2. */
export type SandboxResponse = ServerResponse | Http2ServerResponse;

export interface AnswerDesk {
  /** Answers after `delayMs`; what was accepted is in the ledger before. `reset` cuts the connection instead. */
  answer(
    response: SandboxResponse,
    outcome: Answer | Acceptance,
    delayMs: number,
    reset?: boolean,
  ): void;
  /** Writes what is still unwritten and cuts what is still unanswered. */
  close(): void;
}

interface Waiting {
  readonly response: SandboxResponse;
  readonly answer: Answer;
  readonly at: number;
  readonly reset: boolean;
}

const TICK_MS = 5;

/** Collects requests for up to 5 ms, writes them in one transaction, then answers those whose latency is over. */
export function createAnswerDesk(ledger: Ledger, onWritten: () => void): AnswerDesk {
  let accepted: Acceptance[] = [];
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  const write = (): void => {
    if (accepted.length === 0) return;
    ledger.write({
      entries: accepted.flatMap(({ entries }) => entries),
      callbacks: accepted.flatMap(({ callbacks }) => callbacks),
    });
    accepted = [];
    onWritten();
  };
  const tick = (): void => {
    timer = undefined;
    write();
    const now = performance.now() + TICK_MS / 2;
    const later: Waiting[] = [];
    for (const each of waiting) {
      if (each.at > now) later.push(each);
      else if (each.reset) cut(each.response);
      else send(each.response, each.answer);
    }
    waiting = later;
    if (waiting.length > 0) timer = setTimeout(tick, TICK_MS);
  };

  return {
    answer: (response, outcome, delayMs, reset = false) => {
      const taken = 'answer' in outcome;
      if (taken && outcome.entries.length > 0) accepted.push(outcome);
      waiting.push({
        response,
        answer: taken ? outcome.answer : outcome,
        at: performance.now() + delayMs,
        reset,
      });
      timer ??= setTimeout(tick, Math.min(delayMs, TICK_MS));
    },
    close: () => {
      clearTimeout(timer);
      write();
      for (const { response } of waiting) cut(response);
      waiting = [];
    },
  };
}

/** Resets the connection, or over HTTP/2 the one stream. */
function cut(response: SandboxResponse): void {
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  // Under TLS there is no reset, only an end without warning.
  else if (response.socket !== null && 'encrypted' in response.socket) response.socket.destroy();
  else response.socket?.resetAndDestroy();
}

/** Sends an answer at once. */
export function send(response: SandboxResponse, { status, headers = {}, body = '' }: Answer): void {
  const isText = typeof body === 'string';
  const content = isText ? body : JSON.stringify(body);
  // Both kinds take the same arguments; the compiler can't tell so of their union.
  (response as ServerResponse).writeHead(status, {
    ...(isText ? {} : { 'content-type': 'application/json' }),
    ...headers,
    'content-length': Buffer.byteLength(content),
  });
  response.end(content);
}
