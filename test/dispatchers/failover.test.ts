import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Execute } from '../../src/commands/execute.ts';
import { createAttempt } from '../../src/dispatchers/attempt.ts';
import { guard } from '../../src/dispatchers/breaker.ts';
import type { Outcome, Provider } from '../../src/dispatchers/providers/provider.ts';
import { createRenderer } from '../../src/dispatchers/render.ts';
import { createRetryBudget } from '../../src/dispatchers/retryBudget.ts';
import { type Event, fold } from '../../src/domain/decider.ts';
import type { NotificationEvent } from '../../src/domain/notification/events.ts';
import { notification } from '../../src/domain/notification/notification.ts';
import type { Route } from '../../src/domain/policy/routing.ts';
import { defaultRules } from '../../src/domain/policy/rules.ts';
import type { TemplateContent } from '../../src/domain/template/content.ts';
import { ada } from '../domain/policy/people.ts';
import { example, without } from '../support/examples.ts';

const down: Outcome = { kind: 'deferred', code: 'http_503', detail: '' };
const refused: Outcome = { kind: 'deferred', code: 'connection_refused', detail: '' };
const asking = (retryAfterMs: number): Outcome => ({
  kind: 'deferred',
  code: 'http_429',
  detail: '',
  retryAfterMs,
});
const later = asking(60_000);
const locked: Outcome = {
  kind: 'rejected',
  code: 'http_401',
  detail: '',
  scope: 'configuration',
};
const lost: Outcome = { kind: 'unknown', code: 'timeout', detail: '' };
const badNumber: Outcome = { kind: 'rejected', code: 'x', detail: '', scope: 'recipient' };
const taken: Outcome = { kind: 'accepted', providerMessageId: 'm-1' };

const content: TemplateContent = {
  category: 'transactional',
  priority: 'normal',
  channels: { email: { subject: 'Hi', text: 'Hi' } },
  variables: [],
};
const requested = without(
  example('NotificationRequested', { channel: 'email', variables: {} }),
  'scheduledAt',
  'localTime',
  'expiresAt',
);

/** One notification, and providers that answer as they are told, in turn. */
const world = (answers: Readonly<Record<string, readonly Outcome[]>>, route?: Route) => {
  const clock = { now: Date.parse('2027-03-01T12:00:00.000Z') };
  const now = () => clock.now;
  const events: NotificationEvent[] = [requested];
  const calls: string[] = [];
  const execute: Execute = (aggregate, _id, commands) => {
    const decided: Event[] = [];
    let state = fold(aggregate.decider, events as never);
    for (const command of commands) {
      const more = aggregate.decider.decide(command, state);
      state = fold(aggregate.decider, more, state);
      decided.push(...more);
    }
    events.push(...(decided as unknown as NotificationEvent[]));
    return Promise.resolve({ state, events: decided as never, revision: events.length - 1 });
  };
  const guarded = new Map(
    Object.entries(answers).map(([name, outcomes]) => {
      const left = [...outcomes];
      const provider: Provider = {
        name,
        channel: 'email',
        repeat: 'unsafe',
        timeoutMs: 1_000,
        send: () => {
          calls.push(name);
          return Promise.resolve(left.shift() ?? taken);
        },
        close: () => Promise.resolve(),
      };
      return [name, guard(provider, now)] as const;
    }),
  );
  const names = Object.keys(answers);
  const free = { kind: 'go', giveBack: () => Promise.resolve() } as const;
  const attempt = createAttempt({
    execute,
    providers: {
      routeFor: () => route ?? { tiers: names.map((provider) => [{ provider, weight: 1 }]) },
      restsUntil: (name) => guarded.get(name)?.restsUntil(now()),
      reserve: (name) => guarded.get(name)?.reserve(now()),
      find: (name) => Promise.resolve(guarded.get(name)),
      health: () => [],
      close: () => Promise.resolve(),
    },
    findRecipients: () => Promise.resolve([{ user: ada }]),
    findContent: () => Promise.resolve(content),
    rules: defaultRules,
    limits: { leave: () => Promise.resolve(free) },
    budget: createRetryBudget(now),
    accepted: () => undefined,
    removeDeadTokens: () => Promise.resolve(),
    renderer: createRenderer(),
    links: {
      unsubscribe: () => 'https://t.example/u',
      preferences: () => 'https://t.example/p',
      opened: () => 'https://t.example/o',
      clicked: () => 'https://t.example/c',
      statusCallback: () => 'https://t.example/s',
      deviceAck: () => ({ url: 'https://t.example/d', token: 't' }),
    },
    sender: { address: 'a@tidings.example', name: 'Tidings' },
    secret: 'a secret of these tests',
    logger: pino({ level: 'silent' }),
    now,
    random: () => 0.5,
    newId: randomUUID,
    leaseMs: 30_000,
    settleMs: 120_000,
  });
  const run = () =>
    attempt({
      request: requested.data,
      requestedAt: now(),
      correlationId: 'c',
      causationId: 'e',
      recipient: { user: ada },
      hint: { state: fold(notification, events), revision: events.length - 1 },
    });
  return { run, calls, events, clock, guarded };
};

const typesOf = (events: readonly NotificationEvent[]) => events.slice(1).map(({ type }) => type);

describe('a message goes to the next provider at once', () => {
  test.each([
    ['answers 503', down],
    ['refuses the connection', refused],
    ['asks to be left alone', later],
    ['refuses our account', locked],
  ])('when one %s', async (_what, outcome) => {
    const { run, calls, events } = world({ sendgrid: [outcome], ses: [taken] });
    await run();
    expect(calls).toEqual(['sendgrid', 'ses']);
    expect(typesOf(events)).toEqual([
      'DispatchStarted',
      'NotificationFailed',
      'DispatchStarted',
      'NotificationSent',
    ]);
    expect(events.at(-1)).toMatchObject({ data: { provider: 'ses', attempt: 2 } });
  });

  test('and waits only when everybody has failed it', async () => {
    const { run, calls, events } = world({ sendgrid: [down], ses: [down], mailgun: [refused] });
    await run();
    expect(calls).toEqual(['sendgrid', 'ses', 'mailgun']);
    expect(events.at(-1)).toMatchObject({
      type: 'NotificationFailed',
      data: { permanent: false, nextAttemptAt: '2027-03-01T12:00:04.000Z' },
    });
  });
});

describe('a message stays where it is', () => {
  test('when nobody knows whether it was accepted', async () => {
    const { run, calls, events } = world({ sendgrid: [lost], ses: [taken] });
    await run();
    expect(calls).toEqual(['sendgrid']);
    expect(events.at(-1)).toMatchObject({ type: 'DispatchOutcomeUnknown' });
    await run();
    expect(calls).toEqual(['sendgrid']);
  });

  test('when its recipient is what is wrong: no other provider is asked', async () => {
    const { run, calls, events } = world({ twilio: [badNumber], vonage: [taken] });
    await run();
    expect(calls).toEqual(['twilio']);
    expect(typesOf(events).at(-1)).toBe('NotificationDeadLettered');
  });
});

test('a provider’s Retry-After holds back that provider, and no other', async () => {
  const { run, calls, events, clock } = world({ sendgrid: [later], ses: [down] });
  await run();
  expect(events.at(-1)).toMatchObject({
    data: { provider: 'ses', nextAttemptAt: '2027-03-01T12:00:02.000Z' },
  });
  clock.now += 2_000;
  await run();
  expect(calls).toEqual(['sendgrid', 'ses', 'ses']);
});

test('when all of them asked to be left alone, the first that can be called again is', async () => {
  const soon = asking(20_000);
  const { run, calls, events, clock } = world({ sendgrid: [later], ses: [soon] });
  await run();
  expect(events.at(-1)).toMatchObject({ data: { nextAttemptAt: '2027-03-01T12:00:21.000Z' } });
  clock.now += 21_000;
  await run();
  expect(calls).toEqual(['sendgrid', 'ses', 'ses']);
});

test('an open breaker uses up no attempt: its messages go elsewhere, or wait', async () => {
  const { run, calls, events, guarded } = world({ sendgrid: Array<Outcome>(20).fill(down) });
  const sendgrid = guarded.get('sendgrid');
  for (let n = 0; n < 20; n += 1) await sendgrid?.send({} as never);
  calls.length = 0;
  await run();
  expect(calls).toEqual([]);
  expect(typesOf(events)).toEqual(['NotificationDeferred']);
  expect(events.at(-1)).toMatchObject({ data: { reason: 'provider unavailable' } });
});

test('repeats that are over the budget of their provider wait, and use up no attempt', async () => {
  const soon = asking(1_000);
  const { run, calls, events, clock } = world({ sendgrid: Array<Outcome>(99).fill(soon) });
  const begin = clock.now;
  for (let n = 0; n < 40; n += 1) {
    await run();
    clock.now = Math.max(clock.now, Date.parse(lastMoment(events)));
  }
  const earned = 10 + (clock.now - begin) / 5_000;
  expect(calls.length).toBeGreaterThan(10);
  expect(calls.length).toBeLessThanOrEqual(1 + earned);
  expect(typesOf(events).filter((type) => type === 'NotificationDeferred').length).toBeGreaterThan(
    4,
  );
  expect(typesOf(events).filter((type) => type === 'DispatchStarted')).toHaveLength(calls.length);
});

const lastMoment = (events: readonly NotificationEvent[]): string => {
  const last = events.at(-1);
  if (last?.type === 'NotificationFailed') return last.data.nextAttemptAt ?? '';
  return last?.type === 'NotificationDeferred' ? last.data.until : '';
};

describe('a route that wants a receipt', () => {
  const tiers = [[{ provider: 'twilio', weight: 1 }], [{ provider: 'vonage', weight: 1 }]];
  const route = { tiers, receiptWithinMs: 30_000 };

  test('says by when, and takes the message to the next provider when none came', async () => {
    const { run, calls, events, clock } = world({ twilio: [taken], vonage: [taken] }, route);
    await run();
    expect(events.at(-1)).toMatchObject({ data: { receiptDueAt: '2027-03-01T12:00:30.000Z' } });
    clock.now += 30_000;
    await run();
    expect(calls).toEqual(['twilio', 'vonage']);
    expect(events.at(-1)).not.toHaveProperty('data.receiptDueAt');
    clock.now += 30_000;
    await run();
    expect(calls).toEqual(['twilio', 'vonage']);
  });

  test('has nothing to wait for at its last provider', async () => {
    const { run, events } = world({ twilio: [down], vonage: [taken] }, route);
    await run();
    expect(events.at(-1)?.type).toBe('NotificationSent');
    expect(events.at(-1)).not.toHaveProperty('data.receiptDueAt');
  });
});
