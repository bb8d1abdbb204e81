import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  baseDelayMs,
  longestDelayMs,
  mostAttempts,
  nextAttemptAt,
  type RetryQuestion,
} from '../../../src/domain/policy/retry.ts';
import { categories } from '../../../src/domain/vocabulary.ts';
import { steady } from '../../support/spec.ts';

const now = Date.UTC(2027, 2, 1, 9);
const second = 1_000;
const hour = 3_600 * second;

const question = (changes: Partial<RetryQuestion> = {}): RetryQuestion => ({
  attempt: 1,
  category: 'transactional',
  now,
  requestedAt: now,
  random: 0.5,
  ...changes,
});
const delay = (changes: Partial<RetryQuestion>): number | undefined => {
  const at = nextAttemptAt(question(changes));
  return at === undefined ? undefined : at - now;
};

/** Close to one, as `Math.random` never gets to it. */
const almostOne = 1 - 2 ** -53;
const randoms = fc.double({ min: 0, max: almostOne, noNaN: true });

describe('the pause before the next attempt', () => {
  test('is spread over the whole of an exponential window', () => {
    expect(delay({ random: 0 })).toBe(0);
    expect(delay({ attempt: 1, random: 0.5 })).toBe(baseDelayMs);
    expect(delay({ attempt: 3, random: 0.5 })).toBe(4 * baseDelayMs);
    expect(delay({ attempt: 7, random: almostOne })).toBe(128 * baseDelayMs);
  });

  test('never leaves its window, and never goes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: mostAttempts - 1 }), randoms, (attempt, random) => {
        const pause = delay({ attempt, random }) ?? NaN;
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(Math.min(longestDelayMs, baseDelayMs * 2 ** attempt));
        expect(Number.isInteger(pause)).toBe(true);
      }),
      steady,
    );
  });

  test.each([
    [0, second],
    [-5, second],
    [10 * second, 10 * second],
    [hour, hour],
    [5 * hour, hour],
  ])('is what the provider asked for (%p ms), within bounds', (retryAfterMs, least) => {
    expect(delay({ retryAfterMs, random: 0 })).toBe(least);
    expect(delay({ retryAfterMs, random: almostOne })).toBe(Math.round(least * 1.1));
  });

  test('is what the provider asked for, however many attempts there were', () => {
    expect(delay({ attempt: 7, retryAfterMs: 2 * second, random: 0 })).toBe(2 * second);
  });
});

describe('there is no next attempt', () => {
  test(`after ${mostAttempts} attempts, whatever the provider asks for`, () => {
    expect(delay({ attempt: mostAttempts - 1 })).toBeDefined();
    expect(delay({ attempt: mostAttempts })).toBeUndefined();
    expect(delay({ attempt: mostAttempts + 1, retryAfterMs: second })).toBeUndefined();
  });

  test('when it would come after the message has expired', () => {
    expect(delay({ expiresAt: now + second })).toBe(second);
    expect(delay({ expiresAt: now + second - 1 })).toBeUndefined();
    expect(delay({ retryAfterMs: hour, expiresAt: now + hour - 1 })).toBeUndefined();
  });

  test.each([
    ['system', 24],
    ['transactional', 24],
    ['marketing', 72],
  ] as const)('when a %s message is older than %d hours', (category, hours) => {
    const young = now - hours * hour + second;
    expect(delay({ category, requestedAt: young })).toBe(second);
    expect(delay({ category, requestedAt: young - 1 })).toBeUndefined();
  });

  test('after the deadline, in any case', () => {
    fc.assert(
      fc.property(
        fc.record({
          attempt: fc.integer({ min: 1, max: 10 }),
          category: fc.constantFrom(...categories),
          age: fc.integer({ min: 0, max: 80 * hour }),
          left: fc.integer({ min: -hour, max: 2 * hour }),
          retryAfterMs: fc.integer({ min: 0, max: 3 * hour }),
          random: randoms,
        }),
        ({ age, left, ...rest }) => {
          const at = nextAttemptAt(
            question({ ...rest, requestedAt: now - age, expiresAt: now + left }),
          );
          if (at === undefined) return;
          expect(at).toBeLessThanOrEqual(now + left);
          expect(at).toBeLessThanOrEqual(now - age + 72 * hour);
          expect(rest.attempt).toBeLessThan(mostAttempts);
        },
      ),
      steady,
    );
  });
});
