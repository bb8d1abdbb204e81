import { chance } from './chance.ts';

export const PROVIDERS = [
  'sendgrid',
  'ses',
  'mailgun',
  'smtp',
  'twilio',
  'sns',
  'aws-sms',
  'vonage',
  'fcm',
  'apns',
  'webpush',
] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** A value for each provider. */
export const byProvider = <T>(
  of: (provider: ProviderName) => T,
): Readonly<Record<ProviderName, T>> =>
  Object.fromEntries(PROVIDERS.map((provider) => [provider, of(provider)])) as Record<
    ProviderName,
    T
  >;

export const isProvider = (name: string): name is ProviderName =>
  (PROVIDERS as readonly string[]).includes(name);

/**
 * What goes wrong at one provider, from the next request on: the body of `PUT /sandbox/faults/{provider}`, which replaces
 * the provider's faults as a whole. A share is the part of requests that is hit, 0 to 1, decided by (seed, notification,
 * number of the request for it): the same run has the same faults. Faults end with the sandbox; they are not stored.
 */
export interface Faults {
  /** Every answer takes this many milliseconds, 0 to 600,000, instead of the usual latency. Accepted at once all the same. */
  readonly latencyMs?: number;
  /** Answered 429 with `Retry-After: retryAfterSeconds` (0 to 86,400); not accepted. */
  readonly rateLimit?: { readonly share: number; readonly retryAfterSeconds: number };
  /** Answered 503 (Twilio: with an HTML body, as its gateways do); not accepted. */
  readonly serverError?: { readonly share: number };
  /** Accepted, in the ledger and called back about, but the connection is reset instead of answered. */
  readonly resetAfterAccept?: { readonly share: number };
  /**
   * The recipient can't be reached. SendGrid: accepted, then `bounce` with type=bounce. Twilio: accepted, then undelivered
   * with 30005. FCM: refused as UNREGISTERED.
   */
  readonly bounce?: { readonly share: number };
}

/** What the faults do to one request. */
interface FaultDecision {
  readonly latencyMs?: number;
  readonly refuse?: 'rateLimit' | 'serverError';
  readonly retryAfterSeconds: number;
  readonly reset: boolean;
  readonly bounce: boolean;
}

type FaultsReading =
  | { readonly ok: true; readonly faults: Faults }
  | { readonly ok: false; readonly field: string; readonly reason: string };

const SHARE = { share: [0, 1] } as const;
const GROUPS: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  rateLimit: { ...SHARE, retryAfterSeconds: [0, 86_400] },
  serverError: SHARE,
  resetAfterAccept: SHARE,
  bounce: SHARE,
};

/** Reads the body of a PUT; a wrong one names the field, as in `rateLimit.share`. */
export function readFaults(value: unknown): FaultsReading {
  if (!isRecord(value)) return wrong('body', 'must be a JSON object');
  for (const [name, content] of Object.entries(value)) {
    if (name === 'latencyMs') {
      if (!inRange(content, 0, 600_000)) return wrong(name, 'must be a number from 0 to 600000');
      continue;
    }
    const fields = GROUPS[name];
    if (fields === undefined) return wrong(name, 'is not a fault');
    if (!isRecord(content)) return wrong(name, 'must be a JSON object');
    const surplus = Object.keys(content).find((field) => !(field in fields));
    if (surplus !== undefined) return wrong(`${name}.${surplus}`, 'is not a field of this fault');
    for (const [field, [least, most]] of Object.entries(fields)) {
      if (!inRange(content[field], least, most)) {
        return wrong(`${name}.${field}`, `must be a number from ${least} to ${most}`);
      }
    }
  }
  return { ok: true, faults: value };
}

const wrong = (field: string, reason: string): FaultsReading => ({ ok: false, field, reason });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const inRange = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

export interface FaultBoard {
  all(): Readonly<Partial<Record<ProviderName, Faults>>>;
  set(provider: ProviderName, faults: Faults): void;
  /** Clears one provider's faults, or all. */
  clear(provider?: ProviderName): void;
  /** `message` names what is sent to whom, so that a second request for it counts as its second. */
  decide(provider: ProviderName, message: string): FaultDecision;
}

const REMEMBERED = 100_000;
const NONE: FaultDecision = { retryAfterSeconds: 0, reset: false, bounce: false };

export function createFaultBoard(seed: number): FaultBoard {
  const board: Partial<Record<ProviderName, Faults>> = {};
  const requests = new Map<string, number>();

  const count = (key: string): number => {
    const number = (requests.get(key) ?? 0) + 1;
    requests.set(key, number);
    if (requests.size > REMEMBERED) {
      for (const oldest of requests.keys()) {
        requests.delete(oldest);
        break;
      }
    }
    return number;
  };

  return {
    all: () => board,
    set: (provider, faults) => {
      board[provider] = faults;
    },
    clear: (provider) => {
      for (const name of provider === undefined ? PROVIDERS : [provider]) {
        board[name] = {};
      }
    },
    decide: (provider, message) => {
      const number = count(`${provider}\u0000${message}`);
      const faults = board[provider];
      if (faults === undefined) return NONE;
      const hits = (fault: 'rateLimit' | 'serverError' | 'resetAfterAccept' | 'bounce'): boolean =>
        chance(seed, provider, fault, message, number) < (faults[fault]?.share ?? 0);
      const refuse = hits('rateLimit')
        ? 'rateLimit'
        : hits('serverError')
          ? 'serverError'
          : undefined;
      return {
        ...(faults.latencyMs === undefined ? {} : { latencyMs: faults.latencyMs }),
        ...(refuse === undefined ? {} : { refuse }),
        retryAfterSeconds: faults.rateLimit?.retryAfterSeconds ?? 0,
        reset: hits('resetAfterAccept'),
        bounce: hits('bounce'),
      };
    },
  };
}
