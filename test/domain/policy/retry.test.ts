import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  nextAttemptAt,
  type RetryQuestion,
  retryPolicies,
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
    expect(delay({ attempt: 1, random: 0.5 })).toBe(second);
    expect(delay({ attempt: 3, random: 0.5 })).toBe(4 * second);
    expect(delay({ attempt: 7, random: almostOne })).toBe(128 * second);
    expect(delay({ attempt: 1, random: 0.5, category: 'marketing' })).toBe(4 * second);
  });

  test.each([
    ['transactional', undefined, 900],
    ['marketing', undefined, 3_600],
    ['system', 'oneTimeCode', 15],
  ] as const)('of a %s message (%s) is %d s at most', (category, purpose, seconds) => {
    const kind = { category, ...(purpose ? { purpose } : {}), requestedAt: now };
    expect(delay({ ...kind, attempt: 60, random: almostOne })).toBe(seconds * second);
  });

  test('never leaves its window, and never goes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), randoms, (attempt, random) => {
        const pause = delay({ attempt, random }) ?? NaN;
        const { baseMs, longestMs } = retryPolicies.transactional;
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(Math.min(longestMs, baseMs * 2 ** attempt));
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

test('a message that another provider takes waits for nothing, and is given up all the same in the end', () => {
  expect(delay({ substitute: true, attempt: 9, random: almostOne })).toBe(0);
  expect(delay({ substitute: true, retryAfterMs: hour })).toBe(0);
  expect(delay({ substitute: true, expiresAt: now - 1 })).toBeUndefined();
});

describe('there is no next attempt', () => {
  test('when it would come after the message has expired', () => {
    expect(delay({ expiresAt: now + second })).toBe(second);
    expect(delay({ expiresAt: now + second - 1 })).toBeUndefined();
    expect(delay({ retryAfterMs: hour, expiresAt: now + hour - 1 })).toBeUndefined();
  });

  test('however long a one-time code lives, before it ends; ten minutes where it has no end', () => {
    const code = { category: 'system', purpose: 'oneTimeCode', random: 0.5 } as const;
    const yesterday = now - 25 * hour;
    expect(delay({ ...code, requestedAt: yesterday, expiresAt: now + second })).toBe(second);
    expect(delay({ ...code, requestedAt: yesterday, expiresAt: now + 999 })).toBeUndefined();
    const tenMinutes = 600 * second;
    expect(delay({ ...code, requestedAt: now - tenMinutes + second })).toBe(second);
    expect(delay({ ...code, requestedAt: now - tenMinutes + 999 })).toBeUndefined();
  });

  test.each([
    ['system', 24],
    ['transactional', 24],
    ['marketing', 72],
  ] as const)('when a %s message is older than %d hours', (category, hours) => {
    const pause = retryPolicies[category].baseMs;
    const young = now - hours * hour + pause;
    expect(delay({ category, requestedAt: young })).toBe(pause);
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
        },
      ),
      steady,
    );
  });
});
