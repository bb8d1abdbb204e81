import type { Category } from '../vocabulary.ts';

const second = 1_000;
const hour = 3_600 * second;

export const baseDelayMs = second;
export const longestDelayMs = 15 * 60 * second;
export const mostAttempts = 8;

/** How long a message is worth trying (facts D18). */
const worthTryingMs: Readonly<Record<Category, number>> = {
  system: 24 * hour,
  transactional: 24 * hour,
  marketing: 72 * hour,
};

export interface RetryQuestion {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly category: Category;
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
 * Full jitter, `random × min(cap, base × 2^attempt)` (facts D18); a provider's Retry-After, clamped to
 * 1 s to 1 h, wins and gets up to a tenth of itself on top (facts D19).
 */
export const nextAttemptAt = (question: RetryQuestion): number | undefined => {
  const { attempt, category, now, requestedAt, expiresAt, retryAfterMs, random } = question;
  if (attempt >= mostAttempts) return undefined;
  const asked =
    retryAfterMs === undefined ? undefined : Math.min(Math.max(retryAfterMs, second), hour);
  const delay =
    asked === undefined
      ? random * Math.min(longestDelayMs, baseDelayMs * 2 ** attempt)
      : asked + random * asked * 0.1;
  const at = question.substitute === true ? now : Math.ceil(now + delay);
  const deadline = Math.min(expiresAt ?? Infinity, requestedAt + worthTryingMs[category]);
  return at > deadline ? undefined : at;
};
