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
  /** When a call makes sense again, in milliseconds since the epoch; undefined while it does now. */
  openUntil(now: number): number | undefined;
  send(message: RenderedMessage): Promise<Outcome>;
}

const pausesMs = [10_000, 20_000, 40_000, 60_000];

/**
 * Opens when more than half of the last calls failed for reasons of infrastructure, judged over about 30 s
 * and 20 calls or more; tries again after 10 s, then after up to 60 s (facts D22). What a provider says about
 * one message or one recipient doesn't count.
 */
export const guard = (provider: Provider, now: () => number): GuardedProvider => {
  let pauses = 0;
  let reopensAt: number | undefined;
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
    openUntil: (at) => (reopensAt !== undefined && reopensAt > at ? reopensAt : undefined),
    send: async (message) => {
      try {
        return await policy.execute(() => provider.send(message));
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        return { kind: 'deferred', code: 'BREAKER_OPEN', detail: 'the provider is resting' };
      }
    },
  };
};
