import { describe, expect, test } from '@jest/globals';
import { createRetryBudget } from '../../src/dispatchers/retryBudget.ts';

const open = () => {
  const clock = { now: 0 };
  const budget = createRetryBudget(() => clock.now);
  const granted = (wanted: number, provider = 'ses') =>
    Array.from({ length: wanted }, () => budget.again(provider)).filter(Boolean).length;
  return { budget, clock, granted };
};

describe('repeats at one provider', () => {
  test('are a tenth of its first calls, and a few where there is little traffic', () => {
    const { budget, granted } = open();
    for (let n = 0; n < 500; n += 1) budget.first('ses');
    expect(granted(1_000)).toBe(10 + 50);
  });

  test('of a day are not spent at once', () => {
    const { budget, granted } = open();
    for (let n = 0; n < 100_000; n += 1) budget.first('ses');
    expect(granted(1_000)).toBe(100);
  });

  test('that were used up come back slowly: one in five seconds, ten at most', () => {
    const { clock, granted } = open();
    expect(granted(20)).toBe(10);
    clock.now = 4_999;
    expect(granted(20)).toBe(0);
    clock.now = 10_000;
    expect(granted(20)).toBe(2);
    clock.now = 3_600_000;
    expect(granted(20)).toBe(10);
  });

  test('take nothing from another provider', () => {
    const { granted } = open();
    expect(granted(20, 'ses')).toBe(10);
    expect(granted(20, 'mailgun')).toBe(10);
  });
});
