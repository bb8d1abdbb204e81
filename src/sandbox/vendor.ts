import type { IncomingHttpHeaders } from 'node:http';
import type { ProviderName } from './faults.ts';
import type { CallbackDraft, LedgerEntry } from './ledger.ts';

/** An HTTP answer; an object is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
}

/** One message as the vendor understood it. */
export interface Message {
  readonly notificationId: string | null;
  readonly attempt: number | null;
  /** Address, number or device token. */
  readonly recipient: string;
}

export interface Acceptance {
  readonly answer: Answer;
  readonly entries: readonly LedgerEntry[];
  readonly callbacks: readonly CallbackDraft[];
}

export interface VendorRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as it came; Web Push's is encrypted. */
  readonly rawBody: Buffer;
}

/** What a vendor makes of a request: `refused` holds its own error. */
export type Reading<M extends Message = Message> =
  { readonly refused: Answer } | { readonly messages: readonly [M, ...M[]] };

/** One vendor's sending API. A request that it can't take, for whatever reason, is an `Answer`. */
export interface Vendor<M extends Message = Message> {
  readonly provider: ProviderName;
  /** Whether the request is this vendor's; AWS tells its services apart by header alone. */
  serves(path: string, headers: IncomingHttpHeaders): boolean;
  /** Checks credentials and body. */
  read(request: VendorRequest): Reading<M> | Promise<Reading<M>>;
  /** Takes the messages of one request; `bounce` makes their recipients unreachable. */
  accept(messages: readonly [M, ...M[]], bounce: boolean, now: number): Acceptance;
  rateLimited(retryAfterSeconds: number): Answer;
  unavailable(): Answer;
}

/** The fields of an object, none for anything else. */
export const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

export const asText = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;

export function asAttempt(value: unknown): number | null {
  const number = typeof value === 'string' ? Number(value) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A callback URL as it is stored: without the base when it lies below it. */
export const relativeTo = (baseUrl: string, url: string): string =>
  url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length) : url;
