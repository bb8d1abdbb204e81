import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../src/domain/decider.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { notification } from '../../src/domain/notification/notification.ts';
import type { KnownState } from '../../src/domain/notification/state.ts';
import type { Recorded } from '../../src/eventstore/event.ts';
import { type DueDocument, dueProjection } from '../../src/projections/due.ts';
import { example, without } from '../support/examples.ts';
import { history } from '../support/log.ts';
import { steady } from '../support/spec.ts';
import { logs } from './lives.ts';

const dueAfter = (events: readonly Recorded[]): DueDocument | null =>
  events.reduce<DueDocument | null>(
    (document, event) => dueProjection.apply(document, event, 'n1'),
    null,
  );
const after = (...events: readonly DomainEvent[]) => {
  const due = dueAfter(history('notification-n1', ...events));
  return due && [due.why, due.dueAt.toISOString()];
};

const requested = example('NotificationRequested');
const started = example('DispatchStarted');
const failed = example('NotificationFailed');
const sent = example('NotificationSent');

describe('a notification is looked at again', () => {
  test.each([
    ['two minutes after its request', [requested], ['sweep', '2027-03-01T09:02:00.000Z']],
    [
      'at the end of its deferral',
      [requested, example('NotificationDeferred')],
      ['deferred', '2027-03-01T10:00:00.000Z'],
    ],
    ['when its lease ends', [requested, started], ['lease', '2027-03-01T09:00:30.000Z']],
    ['when its retry is due', [requested, started, failed], ['retry', '2027-03-01T09:01:00.000Z']],
    [
      'when its doubt has settled',
      [requested, started, example('DispatchOutcomeUnknown')],
      ['settle', '2027-03-01T09:02:00.000Z'],
    ],
    [
      'when a receipt should have come',
      [requested, started, sent],
      ['receipt', '2027-03-01T09:00:30.000Z'],
    ],
    [
      'at once when it is requeued',
      [requested, example('NotificationDeadLettered'), example('NotificationRequeued')],
      ['retry', '2027-03-01T09:00:02.000Z'],
    ],
  ] as const)('%s', (_when, events, expected) => {
    expect(after(...events)).toEqual(expected);
  });
});

describe('a notification is never looked at again', () => {
  test.each([
    [[requested, started, without(sent, 'receiptDueAt')]],
    [[requested, started, sent, example('NotificationDelivered')]],
    [[requested, started, sent, example('DispatchOutcomeUnknown', { resolution: 'keep' })]],
    [[requested, example('NotificationDeadLettered'), example('NotificationDiscarded')]],
    [[requested, started, example('NotificationDelivered')]],
    [[requested, started, example('NotificationBounced')]],
    [[requested, example('NotificationSuppressed')]],
    [[requested, example('NotificationCancelled')]],
    [[requested, example('NotificationExpired')]],
    [[requested, started, without(failed, 'nextAttemptAt'), example('NotificationDeadLettered')]],
  ] as const)('after %#', (events) => {
    expect(after(...events)).toBeNull();
  });
});

/** The one moment that a state waits for, as the decider sees it. */
const waitsFor = (state: KnownState): 'something' | 'nothing' => {
  switch (state.status) {
    case 'waiting':
    case 'sending':
    case 'retrying':
    case 'in doubt':
      return 'something';
    case 'sent':
    case 'ended':
    case 'failed':
      return 'nothing';
  }
};

test('whatever happened, exactly what still waits for something has a moment, and only one', () => {
  fc.assert(
    fc.property(logs, (log) => {
      for (const stream of new Set(log.map((event) => event.stream))) {
        const events = log.filter((event) => event.stream === stream);
        for (let length = 1; length <= events.length; length += 1) {
          const past = events.slice(0, length);
          const state = fold(notification, past as never[]);
          if (state.status === 'none') continue;
          const due = dueAfter(past);
          expect([state.status, due ? 'something' : 'nothing']).toEqual([
            state.status,
            waitsFor(state),
          ]);
          if (due?.state) expect(due.state).toEqual(state);
        }
      }
    }),
    { ...steady, numRuns: 200 },
  );
});

test('a claim of the scheduler is gone after the next event', () => {
  const [first, second] = history('notification-n1', requested, started) as [Recorded, Recorded];
  const due = dueProjection.apply(null, first, 'n1');
  if (!due) throw new Error('there is no moment');
  const claimed = { ...due, claim: 'c', dueAt: new Date() };
  expect(dueProjection.apply(claimed, second, 'n1')).not.toHaveProperty('claim');
});

test('it carries its request and its state to the attempt, through retries too', () => {
  const due = dueAfter(history('notification-n1', requested, started, failed));
  expect(due).toMatchObject({ v: 2, state: { status: 'retrying', attempts: 1 } });
  expect(JSON.parse(due?.request ?? '')).toMatchObject({ data: { userId: 'ada' } });
});

test('a request that was stored in another form is left to its stream', () => {
  const [first] = history('notification-n1', requested);
  if (!first) throw new Error('nothing is requested');
  const metadata = { ...first.metadata, schemaVersion: 0 };
  expect(dueProjection.apply(null, { ...first, metadata }, 'n1')).not.toHaveProperty('request');
});
