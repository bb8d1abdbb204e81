import {
  BrokenCircuitError,
  circuitBreaker,
  handleWhenResult,
  IterableBackoff,
  SamplingBreaker,
} from 'cockatiel';
import type { Outcome, Provider, RenderedMessage } from './providers/provider.ts';

/** A provider behind a circuit breaker. */
export interface GuardedProvider {
  readonly provider: Provider;
  /**
   * When a call makes sense again, in milliseconds since the epoch; undefined while it does now. It doesn't while
   * the breaker is open, nor as long as the provider asked when it turned away two calls in a row.
   */
  restsUntil(now: number): number | undefined;
  send(message: RenderedMessage): Promise<Outcome>;
}

interface Limited {
  /** Calls in a row that were turned away with a moment to come again. */
  readonly times: number;
  readonly until: number;
}

const unlimited: Limited = { times: 0, until: 0 };
/** One such answer may be about one recipient only. */
const limitedAfter = 2;
const longestLimitMs = 3_600_000;

const limitedBy = (outcome: Outcome, before: Limited, now: number): Limited => {
  if (outcome.kind === 'accepted') return unlimited;
  if (outcome.kind !== 'deferred' || outcome.retryAfterMs === undefined) return before;
  const until = now + Math.min(outcome.retryAfterMs, longestLimitMs);
  return { times: before.times + 1, until: Math.max(before.until, until) };
};

const pausesMs = [10_000, 20_000, 40_000, 60_000];

/**
 * Opens when more than half of the last calls failed for reasons of infrastructure, judged over about 30 s
 * and 20 calls or more; tries again after 10 s, then after up to 60 s (facts D22). What a provider says about
 * one message or one recipient doesn't count.
 */
export const guard = (provider: Provider, now: () => number): GuardedProvider => {
  let pauses = 0;
  let reopensAt: number | undefined;
  let limited = unlimited;
  const policy = circuitBreaker(
    handleWhenResult((result) => {
      const outcome = result as Outcome;
      if (outcome.kind === 'unknown') return true;
      if (outcome.kind === 'rejected') return outcome.scope === 'configuration';
      return outcome.kind === 'deferred' && outcome.retryAfterMs === undefined;
    }),
    {
      halfOpenAfter: new IterableBackoff(pausesMs),
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps: 20 / 30 }),
    },
  );
  policy.onBreak(() => {
    reopensAt = now() + (pausesMs[Math.min(pauses, pausesMs.length - 1)] ?? 0);
    pauses += 1;
  });
  policy.onReset(() => {
    reopensAt = undefined;
    pauses = 0;
  });

  return {
    provider,
    restsUntil: (at) => {
      const until = Math.max(reopensAt ?? 0, limited.times >= limitedAfter ? limited.until : 0);
      return until > at ? until : undefined;
    },
    send: async (message) => {
      try {
        const outcome = await policy.execute(() => provider.send(message));
        limited = limitedBy(outcome, limited, now());
        return outcome;
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        return { kind: 'deferred', code: 'BREAKER_OPEN', detail: 'the provider is resting' };
      }
    },
  };
};
