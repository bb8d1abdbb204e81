import type { Refusal } from '../domain/notification/commands.ts';
import { limitsFor, type PolicyRules } from '../domain/policy/rules.ts';
import type { Category, Channel } from '../domain/vocabulary.ts';
import type { RateLimits, SlidingLimit, Taken } from '../readmodels/rateLimits.ts';

export interface LimitQuestion {
  readonly userId: string;
  readonly channel: Channel;
  readonly category: Category;
  readonly provider: string;
}

/** Leave to call the provider once; or not before a moment, in milliseconds since the epoch. */
export type Leave =
  | { readonly kind: 'go'; giveBack(): Promise<void> }
  | { readonly kind: 'later'; readonly until: number; readonly ruling: Refusal };

/** How much a user gets and how much a provider takes. */
export interface Limits {
  /** Asked last, right before the call. Where no limit is set it answers without asking anybody. */
  leave(question: LimitQuestion): Promise<Leave>;
}

export interface LimitPorts {
  readonly rules: PolicyRules;
  readonly rates: RateLimits;
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

/** A provider that is free again so soon is waited for; each deferral would be an event. */
const worthWaitingMs = 1_000;

const free = { kind: 'go', giveBack: () => Promise.resolve() } as const;

/**
 * While the store of the limits is down, marketing waits and everything else is counted by each process
 * alone (facts D23).
 */
export const createLimits = ({ rules, rates, now, wait }: LimitPorts): Limits => {
  const known = new Map<string, SlidingLimit>();
  const limitOf = (name: string, rate: { readonly most: number; readonly perSeconds: number }) => {
    const full = `${name}:${rate.most}/${rate.perSeconds}`;
    const limit = known.get(full) ?? rates.of(full, rate);
    known.set(full, limit);
    return limit;
  };

  /** Those that wait for one provider come back one after the other, as it takes them. */
  const queued = new Map<string, number>();
  const turnAt = (provider: string, earliest: number): number => {
    const { most, perSeconds } = rules.providers[provider] ?? { most: 1, perSeconds: 0 };
    const at = Math.max((queued.get(provider) ?? 0) + (perSeconds * 1_000) / most, earliest);
    queued.set(provider, at);
    return Math.ceil(at);
  };

  const ofProvider = async (provider: string, insured: boolean): Promise<Taken | undefined> => {
    const rate = rules.providers[provider];
    if (!rate) return undefined;
    const limit = limitOf('provider', rate);
    const until = now() + worthWaitingMs;
    for (;;) {
      const taken = await limit.take(provider, insured);
      if (taken.granted || taken.retryAt > until) return taken;
      await wait(Math.max(taken.retryAt - now(), 1));
    }
  };

  return {
    leave: async ({ userId, channel, category, provider }) => {
      const limits = limitsFor(rules, channel, category);
      if (limits.length === 0 && !rules.providers[provider]) return free;
      const insured = category !== 'marketing';
      const permits: Extract<Taken, { granted: true }>[] = [];
      const giveBack = async () => {
        await Promise.all(permits.map((permit) => permit.giveBack()));
      };
      for (const limit of limits) {
        const name = `user:${channel}:${limit.category ?? 'all'}`;
        const taken = await limitOf(name, limit).take(userId, insured);
        if (!taken.granted) {
          await giveBack();
          const per = `${limit.most} in ${limit.perSeconds} s`;
          const reason = `the user gets at most ${per} over ${channel}`;
          return { kind: 'later', until: taken.retryAt, ruling: { ruleId: 'rate-limit', reason } };
        }
        permits.push(taken);
      }
      const taken = await ofProvider(provider, insured);
      if (taken && !taken.granted) {
        await giveBack();
        const reason = `${provider} takes no more for now`;
        const until = turnAt(provider, taken.retryAt);
        return { kind: 'later', until, ruling: { ruleId: 'provider-rate', reason } };
      }
      return permits.length === 0 ? free : { kind: 'go', giveBack };
    },
  };
};
