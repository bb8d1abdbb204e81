import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  handleWhenResult,
  IterableBackoff,
  SamplingBreaker,
} from 'cockatiel';
import type { BreakerState, ProviderReport } from '../domain/providerReport.ts';
import type { Outcome, Provider, RenderedMessage } from './providers/provider.ts';

/** How a provider is doing. */
export type ProviderHealth = Omit<ProviderReport, 'provider' | 'channel'>;

/** A provider, or several as one, that says when it can be called. */
export interface CallableProvider {
  readonly provider: Provider;
  /**
   * When a call makes sense again, in milliseconds since the epoch; undefined while it does now. It doesn't while
   * the breaker is open or is trying the provider out, nor as long as the provider asked when it turned away two
   * calls in a row.
   */
  restsUntil(now: number): number | undefined;
  /** Says that a call will be made: of one that is tried out only one may be. Given back by the call. */
  reserve(now: number): void;
  send(message: RenderedMessage): Promise<Outcome>;
}

/** A provider behind a circuit breaker. */
export interface GuardedProvider extends CallableProvider {
  health(): ProviderHealth;
}

const pausesMs = [10_000, 20_000, 40_000, 60_000];
/** Calls that try out a provider at once; facts D22 allow three. */
const mostProbes = 1;
/** A reservation that no call followed is void after this time. */
const reservationMs = 30_000;
const askAgainMs = 1_000;

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

/** A failure of the provider itself; what it says about one message or one recipient is none. */
const isFailure = (outcome: Outcome): boolean => {
  if (outcome.kind === 'unknown') return true;
  if (outcome.kind === 'rejected') return outcome.scope === 'configuration';
  return outcome.kind === 'deferred' && outcome.retryAfterMs === undefined;
};

/**
 * Opens when more than half of the calls of the last 30 s failed for reasons of infrastructure, and there were 20
 * or more; tries again after 10 s, then after up to 60 s (facts D22).
 */
export const guard = (provider: Provider, now: () => number): GuardedProvider => {
  let pauses = 0;
  let reopensAt: number | undefined;
  let limited = unlimited;
  let since = now();
  let lastError: string | undefined;
  const counts = { accepted: 0, deferred: 0, rejected: 0, unknown: 0 };
  /** When each reservation becomes void. */
  let reserved: number[] = [];
  const policy = circuitBreaker(
    handleWhenResult((result) => isFailure(result as Outcome)),
    {
      halfOpenAfter: new IterableBackoff(pausesMs),
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps: 20 / 30 }),
    },
  );
  policy.onStateChange(() => (since = now()));
  policy.onBreak(() => {
    reopensAt = now() + (pausesMs[Math.min(pauses, pausesMs.length - 1)] ?? 0);
    pauses += 1;
    reserved = [];
  });
  policy.onReset(() => {
    reopensAt = undefined;
    pauses = 0;
    reserved = [];
  });

  const call = async (message: RenderedMessage): Promise<Outcome> => {
    const outcome = await provider.send(message);
    counts[outcome.kind] += 1;
    if (outcome.kind !== 'accepted') lastError = outcome.code;
    limited = limitedBy(outcome, limited, now());
    return outcome;
  };
  return {
    provider,
    restsUntil: (at) => {
      if (reopensAt !== undefined && reopensAt <= at) {
        reserved = reserved.filter((until) => until > at);
        if (reserved.length >= mostProbes) return at + askAgainMs;
      }
      const until = Math.max(reopensAt ?? 0, limited.times >= limitedAfter ? limited.until : 0);
      return until > at ? until : undefined;
    },
    reserve: (at) => {
      if (reopensAt !== undefined) reserved.push(at + reservationMs);
    },
    health: () => ({
      breaker: states[policy.state],
      since: new Date(since),
      counts: { ...counts },
      ...(lastError === undefined ? {} : { lastError }),
    }),
    send: async (message) => {
      try {
        return await policy.execute(() => call(message));
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        return { kind: 'deferred', code: 'BREAKER_OPEN', detail: 'the provider is resting' };
      } finally {
        reserved.shift();
      }
    },
  };
};

const states: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half open',
  [CircuitState.Isolated]: 'open',
};
