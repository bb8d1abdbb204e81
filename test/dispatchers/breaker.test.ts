import { afterEach, describe, expect, test } from '@jest/globals';
import { guard } from '../../src/dispatchers/breaker.ts';
import type {
  Outcome,
  Provider,
  RenderedMessage,
} from '../../src/dispatchers/providers/provider.ts';

const accepted: Outcome = { kind: 'accepted', providerMessageId: 'm' };
const failed: Outcome = { kind: 'deferred', code: 'HTTP_503', detail: 'down' };
const message: RenderedMessage = {
  channel: 'in_app',
  notificationId: 'n1',
  attempt: 1,
  userId: 'ada',
  title: 't',
  body: 'b',
};

const providerThat = (answer: (call: number) => Outcome) => {
  const state = { calls: 0 };
  const provider: Provider = {
    name: 'scripted',
    channel: 'in_app',
    repeat: 'safe',
    timeoutMs: 1_000,
    send: () => {
      state.calls += 1;
      return Promise.resolve(answer(state.calls));
    },
    close: () => Promise.resolve(),
  };
  return { provider, state };
};

const sendTimes = async (times: number, guarded: ReturnType<typeof guard>) => {
  const outcomes: Outcome[] = [];
  for (let n = 0; n < times; n += 1) outcomes.push(await guarded.send(message));
  return outcomes;
};

describe('a provider that fails', () => {
  test('is left alone for ten seconds after twenty calls, without another call', async () => {
    const { provider, state } = providerThat(() => failed);
    const guarded = guard(provider, () => 1_000_000);
    await sendTimes(21, guarded);
    const called = state.calls;
    expect(called).toBeGreaterThanOrEqual(20);
    expect(called).toBeLessThanOrEqual(21);
    const [refused] = await sendTimes(1, guarded);
    expect(refused).toMatchObject({ kind: 'deferred', code: 'BREAKER_OPEN' });
    expect(state.calls).toBe(called);
    expect(guarded.restsUntil(1_000_000)).toBe(1_010_000);
    expect(guarded.restsUntil(1_009_999)).toBe(1_010_000);
    expect(guarded.restsUntil(1_010_000)).toBeUndefined();
  });

  test('is called on while it has failed fewer than twenty times', async () => {
    const { provider, state } = providerThat(() => failed);
    const guarded = guard(provider, () => 0);
    await sendTimes(19, guarded);
    expect(state.calls).toBe(19);
    expect(guarded.restsUntil(0)).toBeUndefined();
  });

  test('is called on while most calls succeed', async () => {
    const { provider, state } = providerThat((call) => (call % 3 === 0 ? failed : accepted));
    const guarded = guard(provider, () => 0);
    await sendTimes(90, guarded);
    expect(state.calls).toBe(90);
    expect(guarded.restsUntil(0)).toBeUndefined();
  });
});

describe('what counts as a failure of the provider', () => {
  test.each<[string, Outcome]>([
    ['an outcome that nobody knows', { kind: 'unknown', code: 'TIMEOUT', detail: '' }],
    ['a failure of its servers', failed],
    [
      'our own account being refused',
      { kind: 'rejected', code: 'HTTP_401', detail: '', scope: 'configuration' },
    ],
  ])('is %s', async (_what, outcome) => {
    const guarded = guard(providerThat(() => outcome).provider, () => 0);
    await sendTimes(25, guarded);
    expect(guarded.restsUntil(0)).toBe(10_000);
  });

  test.each<[string, Outcome]>([
    ['an accepted message', accepted],
    ['a bad address', { kind: 'rejected', code: 'X', detail: '', scope: 'recipient' }],
    ['a bad message', { kind: 'rejected', code: 'X', detail: '', scope: 'message' }],
  ])('is not %s', async (_what, outcome) => {
    const { provider, state } = providerThat(() => outcome);
    const guarded = guard(provider, () => 0);
    const outcomes = await sendTimes(60, guarded);
    expect(state.calls).toBe(60);
    expect(outcomes.every((each) => each === outcome)).toBe(true);
    expect(guarded.restsUntil(0)).toBeUndefined();
  });
});

describe('a provider that says when to come again', () => {
  const limited = (retryAfterMs: number): Outcome => ({
    kind: 'deferred',
    code: 'HTTP_429',
    detail: '',
    retryAfterMs,
  });

  test('rests until then once it has said so twice in a row, and its breaker stays closed', async () => {
    const { provider, state } = providerThat((call) => limited(call * 1_000));
    const guarded = guard(provider, () => 0);
    await sendTimes(1, guarded);
    expect(guarded.restsUntil(0)).toBeUndefined();
    await sendTimes(1, guarded);
    expect(guarded.restsUntil(0)).toBe(2_000);
    expect(guarded.restsUntil(2_000)).toBeUndefined();
    await sendTimes(58, guarded);
    expect(state.calls).toBe(60);
  });

  test('rests for an hour at most, and no longer than until it accepts again', async () => {
    const day = 24 * 3_600_000;
    const { provider } = providerThat((call) => (call < 3 ? limited(day) : accepted));
    const guarded = guard(provider, () => 0);
    await sendTimes(2, guarded);
    expect(guarded.restsUntil(0)).toBe(3_600_000);
    await sendTimes(1, guarded);
    expect(guarded.restsUntil(0)).toBeUndefined();
  });
});

describe('a provider that was left alone', () => {
  const realNow = Date.now;
  afterEach(() => {
    Date.now = realNow;
  });
  /** The breaker's library reads the clock itself. */
  const openClock = () => {
    const clock = { now: realNow() };
    Date.now = () => clock.now;
    return clock;
  };

  test('is tried once after its pause, and used again when that goes well', async () => {
    const clock = openClock();
    let up = false;
    const { provider, state } = providerThat(() => (up ? accepted : failed));
    const guarded = guard(provider, () => clock.now);
    await sendTimes(25, guarded);
    const called = state.calls;
    clock.now += 9_999;
    await sendTimes(1, guarded);
    expect(state.calls).toBe(called);
    clock.now += 1;
    up = true;
    expect(guarded.restsUntil(clock.now)).toBeUndefined();
    expect(await sendTimes(3, guarded)).toEqual([accepted, accepted, accepted]);
  });

  test('is tried by one call at a time; whoever else asks is told to come a little later', async () => {
    const clock = openClock();
    const { provider } = providerThat(() => failed);
    const guarded = guard(provider, () => clock.now);
    await sendTimes(25, guarded);
    clock.now += 10_000;
    expect(guarded.restsUntil(clock.now)).toBeUndefined();
    guarded.reserve(clock.now);
    expect(guarded.restsUntil(clock.now)).toBe(clock.now + 1_000);
    // Whoever reserved it has died: the next one may.
    clock.now += 30_000;
    expect(guarded.restsUntil(clock.now)).toBeUndefined();
  });

  test('says so: closed, open, half open, with the last error and what its calls came to', async () => {
    const clock = openClock();
    const start = clock.now;
    let up = false;
    const { provider } = providerThat(() => (up ? accepted : failed));
    const guarded = guard(provider, () => clock.now);
    expect(guarded.health()).toMatchObject({ breaker: 'closed', since: new Date(start) });
    clock.now += 5;
    await sendTimes(20, guarded);
    await sendTimes(9, guarded);
    const counts = { accepted: 0, deferred: 20, rejected: 0, unknown: 0 };
    const since = new Date(start + 5);
    expect(guarded.health()).toEqual({ breaker: 'open', since, counts, lastError: 'HTTP_503' });
    clock.now += 10_000;
    up = true;
    await sendTimes(1, guarded);
    expect(guarded.health()).toMatchObject({ breaker: 'closed', since: new Date(clock.now) });
    expect(guarded.health().counts).toEqual({ ...counts, accepted: 1 });
  });

  test('is left alone for longer when it still fails: 10, 20, 40, then 60 seconds', async () => {
    const clock = openClock();
    const { provider, state } = providerThat(() => failed);
    const guarded = guard(provider, () => clock.now);
    await sendTimes(25, guarded);
    const pauses: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const until = guarded.restsUntil(clock.now) ?? NaN;
      pauses.push((until - clock.now) / 1_000);
      const called = state.calls;
      clock.now = until - 1;
      await sendTimes(2, guarded);
      expect(state.calls).toBe(called);
      clock.now = until;
      await sendTimes(1, guarded);
      expect(state.calls).toBe(called + 1);
    }
    expect(pauses).toEqual([10, 20, 40, 60, 60, 60]);
  });
});
