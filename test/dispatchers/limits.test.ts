import { describe, expect, test } from '@jest/globals';
import { createLimits, type LimitQuestion } from '../../src/dispatchers/limits.ts';
import { defaultRules, type PolicyRules } from '../../src/domain/policy/rules.ts';
import type { RateLimits } from '../../src/readmodels/rateLimits.ts';

/** Limits over a clock that only moves when somebody waits; permits come back after their window. */
const open = (changes: Partial<PolicyRules>) => {
  let now = 1_000_000;
  const asked: { readonly name: string; readonly insured: boolean }[] = [];
  const rates: RateLimits = {
    of: (name, { most, perSeconds }) => {
      const taken = new Map<string, number[]>();
      return {
        take: (key, insured) => {
          asked.push({ name, insured });
          const held = (taken.get(key) ?? []).filter((at) => at + perSeconds * 1_000 > now);
          taken.set(key, held);
          if (held.length >= most) {
            const retryAt = Math.min(...held) + perSeconds * 1_000;
            return Promise.resolve({ granted: false, retryAt });
          }
          held.push(now);
          const giveBack = () => Promise.resolve(void held.pop());
          return Promise.resolve({ granted: true, giveBack });
        },
      };
    },
  };
  const limits = createLimits({
    rules: { ...defaultRules, limits: [], providers: {}, ...changes },
    rates,
    now: () => now,
    wait: (milliseconds) => {
      now += milliseconds;
      return Promise.resolve();
    },
  });
  return { limits, asked, clock: () => now };
};

const offer: LimitQuestion = {
  userId: 'ada',
  channel: 'sms',
  category: 'marketing',
  provider: 'twilio',
};
const perUser = { channel: 'sms', category: 'marketing', most: 1, perSeconds: 60 } as const;

describe('where no limit is set', () => {
  test('nobody is asked', async () => {
    const { limits, asked } = open({ limits: [perUser] });
    expect(await limits.leave({ ...offer, category: 'system' })).toMatchObject({ kind: 'go' });
    expect(await limits.leave({ ...offer, channel: 'email' })).toMatchObject({ kind: 'go' });
    expect(asked).toEqual([]);
  });
});

describe('over the limit of a user', () => {
  test('it waits until a permit is free, with the rule in words', async () => {
    const { limits, clock } = open({ limits: [perUser] });
    expect(await limits.leave(offer)).toMatchObject({ kind: 'go' });
    expect(await limits.leave(offer)).toMatchObject({
      kind: 'later',
      until: clock() + 60_000,
      ruling: { ruleId: 'rate-limit', reason: 'the user gets at most 1 in 60 s over sms' },
    });
    expect(await limits.leave({ ...offer, userId: 'bob' })).toMatchObject({ kind: 'go' });
  });

  test('what certainly failed gives its permit back', async () => {
    const { limits } = open({ limits: [perUser] });
    const leave = await limits.leave(offer);
    if (leave.kind === 'go') await leave.giveBack();
    expect(await limits.leave(offer)).toMatchObject({ kind: 'go' });
  });

  test('a permit of one limit is given back when another one refuses', async () => {
    const all = { channel: 'sms', most: 2, perSeconds: 60 } as const;
    const { limits } = open({ limits: [all, perUser] });
    await limits.leave(offer);
    expect(await limits.leave(offer)).toMatchObject({ kind: 'later' });
    expect(await limits.leave({ ...offer, category: 'system' })).toMatchObject({ kind: 'go' });
  });

  test('only marketing waits while nobody can be asked', async () => {
    const all = { channel: 'sms', most: 9, perSeconds: 60 } as const;
    const { limits, asked } = open({ limits: [all] });
    await limits.leave(offer);
    await limits.leave({ ...offer, category: 'system' });
    expect(asked.map(({ insured }) => insured)).toEqual([false, true]);
  });
});

describe('a provider that takes no more', () => {
  test('is waited for when it soon takes more again', async () => {
    const { limits, clock } = open({ providers: { twilio: { most: 2, perSeconds: 1 } } });
    const before = clock();
    for (let n = 0; n < 3; n += 1) expect(await limits.leave(offer)).toMatchObject({ kind: 'go' });
    expect(clock() - before).toBe(1_000);
  });

  test('is asked again by one after the other, as it takes them', async () => {
    const { limits, clock } = open({ providers: { twilio: { most: 1, perSeconds: 10 } } });
    await limits.leave(offer);
    const turns = [await limits.leave(offer), await limits.leave(offer), await limits.leave(offer)];
    const now = clock();
    expect(turns.map((turn) => turn.kind === 'later' && turn.until - now)).toEqual([
      10_000, 20_000, 30_000,
    ]);
    expect(turns[0]).toMatchObject({ ruling: { ruleId: 'provider-rate' } });
  });
});
