import type { Purpose } from '../template/content.ts';
import type { Category } from '../vocabulary.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How a kind of message is tried again. */
export interface RetryPolicy {
  /** The first pause is up to twice this. */
  readonly baseMs: number;
  readonly longestMs: number;
  /** How long it is worth trying, counted from the moment at which it was to be sent. */
  readonly worthTryingMs: number;
}

/** Facts D18. A one-time code is worth its own life, or ten minutes where nobody says how long that is. */
export const retryPolicies: Readonly<Record<Category | 'oneTimeCode', RetryPolicy>> = {
  oneTimeCode: { baseMs: second, longestMs: 15 * second, worthTryingMs: 10 * minute },
  system: { baseMs: second, longestMs: 15 * minute, worthTryingMs: 24 * hour },
  transactional: { baseMs: second, longestMs: 15 * minute, worthTryingMs: 24 * hour },
  marketing: { baseMs: 4 * second, longestMs: hour, worthTryingMs: 72 * hour },
};

export interface RetryQuestion {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly category: Category;
  readonly purpose?: Purpose;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly requestedAt: number;
  readonly expiresAt?: number;
  /** Another provider takes it: there is nothing to wait for. */
  readonly substitute?: boolean;
  /** What the provider asked for. */
  readonly retryAfterMs?: number;
  /** In [0, 1). */
  readonly random: number;
}

/**
 * When to try again, in milliseconds since the epoch, or undefined to give up.
 *
 * Full jitter, `random × min(longest, base × 2^attempt)` (facts D18); a provider's Retry-After, clamped to
 * 1 s to 1 h, wins and gets up to a tenth of itself on top (facts D19). How often it was tried doesn't
 * matter: how old it is does.
 */
export const nextAttemptAt = (question: RetryQuestion): number | undefined => {
  const { attempt, category, purpose, now, requestedAt, expiresAt, retryAfterMs, random } =
    question;
  const isCode = purpose === 'oneTimeCode';
  const { baseMs, longestMs, worthTryingMs } = retryPolicies[isCode ? purpose : category];
  const asked =
    retryAfterMs === undefined ? undefined : Math.min(Math.max(retryAfterMs, second), hour);
  const delay =
    asked === undefined
      ? random * Math.min(longestMs, baseMs * 2 ** attempt)
      : asked + random * asked * 0.1;
  const at = question.substitute === true ? now : Math.ceil(now + delay);
  const lifetime = isCode && expiresAt !== undefined ? Infinity : requestedAt + worthTryingMs;
  return at > Math.min(expiresAt ?? Infinity, lifetime) ? undefined : at;
};
