import type { Outcome } from './provider.ts';
import type { TransportError } from './transport.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Nobody waits longer than this for a provider that says "later". */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

const first = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];

/**
 * Milliseconds a provider asks us to wait, at most a day: `Retry-After` in seconds or as an HTTP date (RFC 9110 §10.2.3),
 * else `X-RateLimit-Reset` in epoch seconds (SendGrid promises only that one). Undefined when absent or unreadable.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const wait = waitOf(first(headers['retry-after']), first(headers['x-ratelimit-reset']), now);
  return wait === undefined ? undefined : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}

function waitOf(
  retryAfter: string | undefined,
  reset: string | undefined,
  now: number,
): number | undefined {
  if (retryAfter !== undefined) {
    if (/^\s*\d+(\.\d+)?\s*$/.test(retryAfter)) return Math.ceil(Number(retryAfter) * 1000);
    const date = Date.parse(retryAfter);
    if (!Number.isNaN(date)) return date - now;
  }
  if (reset !== undefined && /^\d+$/.test(reset)) return Number(reset) * 1000 - now;
  return undefined;
}

export function deferred(code: string, detail: string, waitMs?: number): Outcome {
  return {
    kind: 'deferred',
    code,
    detail,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
}

export const rejected = (
  code: string,
  detail: string,
  scope: 'recipient' | 'message' | 'configuration',
): Outcome => ({ kind: 'rejected', code, detail, scope });

export const unknown = (code: string, detail: string): Outcome => ({
  kind: 'unknown',
  code,
  detail,
});

/** No answer: deferred if nothing can have left, else unknown. */
export const noAnswer = (error: TransportError): Outcome =>
  error.mayHaveArrived
    ? unknown(error.code, 'the request was written and no answer came')
    : deferred(error.code, 'no connection, nothing was sent');

/**
 * What a status of 300 or more means when the provider's own error code says nothing better. 504 is unknown: a gateway
 * gave up waiting for a server that may have taken the message.
 */
export function refusal(status: number, headers: Headers): Outcome {
  const code = `http_${status}`;
  const wait = retryAfterMs(headers, Date.now());
  if (status === 504) return unknown(code, 'a gateway gave up waiting for the provider');
  if (status === 429) return deferred(code, 'the provider limits our rate', wait);
  if (status === 408 || status >= 500) return deferred(code, 'the provider has trouble', wait);
  if (status === 401 || status === 403) {
    return rejected(code, 'the provider refused our credentials', 'configuration');
  }
  if (status < 400 || status === 404 || status === 405) {
    return rejected(code, 'the provider has no such address for sending', 'configuration');
  }
  return rejected(code, 'the provider refused the message', 'message');
}
