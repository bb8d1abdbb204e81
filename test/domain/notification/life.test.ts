import { describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/domain/decider.ts';
import { notification } from '../../../src/domain/notification/notification.ts';
import { example } from '../../support/examples.ts';
import * as the from './vocabulary.ts';

const { given, requested, started, noon } = the;

describe('a request', () => {
  test('is recorded as it was asked for', () => {
    given().when(the.request).then(requested);
  });

  test('for later is recorded together with its schedule', () => {
    const scheduledAt = '2027-03-01T18:00:00.000Z';
    const later = example('NotificationRequested', { scheduledAt });
    given()
      .when({ ...the.request, request: later.data })
      .then(later, the.scheduledUntil(scheduledAt));
  });

  test('for a moment that has come waits for nothing', () => {
    const now = example('NotificationRequested', { scheduledAt: noon });
    given()
      .when({ ...the.request, request: now.data })
      .then(now);
  });

  test('that a rule forbids is recorded together with its refusal, even when it is for later', () => {
    const { ruleId, reason, evidence = '' } = the.suppressed.data;
    const later = example('NotificationRequested', { scheduledAt: the.tomorrow });
    given()
      .when({ ...the.request, request: later.data, refusal: { ruleId, reason, evidence } })
      .then(later, the.suppressed);
  });

  test('with a key that was used for something else is refused and names the key', () => {
    given(requested)
      .when({ ...the.request, request: { ...requested.data, fingerprint: 'f2' } })
      .thenRefused('IDEMPOTENCY_KEY_REUSED', 'idempotencyKey');
  });
});

describe('two dispatchers', () => {
  test('on the same notification have one winner: who comes second starts nothing', () => {
    const [won] = given(requested).when(the.start).decided();
    if (!won) throw new Error('nobody won');
    given(requested, won)
      .when({ ...the.start, claimId: 'claim-2', at: '2027-03-01T12:00:01.000Z' })
      .thenNothing();
  });

  test('number their attempts one after the other', () => {
    given(requested, started, the.failed)
      .when(the.start)
      .then(example('DispatchStarted', { attempt: 2, leaseUntil: the.start.leaseUntil }));
  });

  test('of which one lost its lease: the second call is made only where a repeat is safe', () => {
    given(requested, started).when(the.start).thenNothing();
    given(requested, started)
      .when({ ...the.start, repeatIsSafe: true })
      .then(example('DispatchStarted', { attempt: 2, leaseUntil: the.start.leaseUntil }));
    given(requested, started)
      .when({ ...the.start, repeatIsSafe: true, at: '2027-03-01T09:00:29.999Z' })
      .thenNothing();
  });

  test('are both heard when both calls were accepted', () => {
    const second = example('DispatchStarted', { attempt: 2 });
    given(requested, started, second, the.sent)
      .when({ ...the.recordSent, attempt: 2 })
      .then({ ...the.sent, data: { ...the.sent.data, attempt: 2 } });
    given(requested, started, second, the.sent).when(the.recordSent).thenNothing();
  });

  test('cannot record the outcome of an attempt that was never started', () => {
    given(requested, started)
      .when({ ...the.recordSent, attempt: 2 })
      .thenNothing();
    given(requested, started)
      .when({ ...the.recordFailure, attempt: 2 })
      .thenNothing();
    given(requested, started)
      .when({ ...the.recordUnknown, attempt: 2 })
      .thenNothing();
  });

  test('may not fail an attempt that is over while the next one runs', () => {
    const second = example('DispatchStarted', { attempt: 2 });
    given(requested, started, the.failed, second).when(the.recordFailure).thenNothing();
  });
});

describe('what waits', () => {
  test('is not started before its moment', () => {
    const early = { ...the.start, at: '2027-03-01T09:00:59.999Z' };
    given(requested, the.deferred).when(early).thenNothing();
    given(requested, started, the.failed).when(early).thenNothing();
    given(requested, started, the.inDoubt).when(early).thenNothing();
  });

  test('is deferred once to the same moment, and again to another', () => {
    const { until, reason } = the.deferred.data;
    const { type: _, ...deferral } = the.defer;
    const { channel, template, category, broadcastId = '' } = the.deferred.data;
    const about = { channel, template, category, broadcastId };
    given(requested, the.deferred).when({ type: 'DeferDispatch', until, reason }).thenNothing();
    given(requested, the.deferred)
      .when(the.defer)
      .then({ type: 'NotificationDeferred', data: { ...about, ...deferral } });
  });

  test('expires at its moment, not before, and never without one', () => {
    const { ruleId = '', reason = '', evidence = '' } = the.expired.data;
    const because = { ruleId, reason, evidence };
    given(requested)
      .when({ type: 'ExpireNotification', at: '2027-03-02T08:59:59.999Z' })
      .thenNothing();
    given(requested)
      .when({ type: 'ExpireNotification', at: '2027-03-02T09:00:00.000Z', because })
      .then(the.expired);
    const { expiresAt: _, ...endless } = requested.data;
    given({ type: 'NotificationRequested', data: endless }).when(the.expire).thenNothing();
  });
});

describe('a failure', () => {
  test('with a next attempt is recorded with its moment', () => {
    given(requested, started).when(the.recordFailure).then(the.failed);
  });

  test('without one is dead-lettered in the same append', () => {
    given(requested, started).when(the.recordLastFailure).then(the.failedForGood, the.deadLettered);
  });

  test('of a requeued notification counts only the attempts since then', () => {
    given(...the.givenUp, the.requeued, example('DispatchStarted', { attempt: 2 }))
      .when({ ...the.recordLastFailure, attempt: 2 })
      .then(
        { ...the.failedForGood, data: { ...the.failedForGood.data, attempt: 2 } },
        the.deadLettered,
      );
  });

  test('is not believed after the provider has reported the message', () => {
    given(requested, started, the.delivered).when(the.recordFailure).thenNothing();
    given(requested, started, the.delivered).when(the.recordUnknown).thenNothing();
  });
});

describe('a message that was accepted with a receipt to wait for', () => {
  const due = '2027-03-01T09:00:30.000Z';
  const late = { ...the.start, provider: 'ses', at: due };
  const second = example('DispatchStarted', { attempt: 2, provider: 'ses' });
  const sent = [requested, started, the.sentForReceipt] as const;

  test('is told with its moment', () => {
    const receiptDueAt = due;
    given(requested, started)
      .when({ ...the.recordSent, receiptDueAt })
      .then(the.sentForReceipt);
  });

  test('goes to another provider once that moment has come without news', () => {
    given(...sent)
      .when({ ...late, at: '2027-03-01T09:00:29.999Z' })
      .thenNothing();
    const { leaseUntil, claimId } = the.start;
    given(...sent)
      .when(late)
      .then({ ...second, data: { ...second.data, leaseUntil, claimId } });
  });

  test('goes to nobody else after any news, or when no receipt is waited for', () => {
    given(...sent, the.delivered)
      .when(late)
      .thenNothing();
    given(requested, started, the.sent).when(late).thenNothing();
  });

  test('is not given up when the second provider does not take it', () => {
    const attempt = { attempt: 2, provider: 'ses' };
    const failed = { ...the.recordFailure, ...attempt };
    const { nextAttemptAt: _, ...data } = example('NotificationFailed', attempt).data;
    given(...sent, second)
      .when(failed)
      .then({ type: 'NotificationFailed', data });
    given(...sent, second, { type: 'NotificationFailed', data })
      .when({ ...late, at: the.noon })
      .thenNothing();
    given(...sent, second)
      .when({ ...the.recordUnknown, ...attempt })
      .then(example('DispatchOutcomeUnknown', { ...attempt, resolution: 'keep' }));
  });
});

describe('an outcome that nobody knows', () => {
  test('is recorded with what will be done about it', () => {
    given(requested, started).when(the.recordUnknown).then(the.inDoubt);
  });

  test('is sent again after its time to settle, where the message allows it', () => {
    given(requested, started, the.inDoubt)
      .when(the.start)
      .then(example('DispatchStarted', { attempt: 2, leaseUntil: the.start.leaseUntil }));
  });

  test('is never sent again where the message does not allow it, only given up', () => {
    given(requested, started, the.inDoubtForGood)
      .when({ ...the.start, repeatIsSafe: true })
      .thenNothing();
    given(requested, started, the.inDoubtForGood)
      .when({ type: 'GiveUp', at: '2027-03-01T09:01:59.999Z' })
      .thenNothing();
    given(requested, started, the.inDoubtForGood)
      .when(the.giveUp)
      .then(example('NotificationDeadLettered', { attempts: 1, lastError: 'TIMEOUT' }));
  });

  test('is settled by a report, and then neither sent again nor given up', () => {
    const { sent, delivered, opened, clicked, bounced, complained } = the;
    for (const proof of [sent, delivered, opened, clicked, bounced, complained]) {
      given(requested, started, the.inDoubt, proof).when(the.start).thenNothing();
      given(requested, started, the.inDoubtForGood, proof).when(the.giveUp).thenNothing();
    }
  });
});

describe('an attempt that nobody reported on', () => {
  test('is given up when its lease has ended, and not before', () => {
    given(requested, started)
      .when({ type: 'GiveUp', at: '2027-03-01T09:00:29.999Z' })
      .thenNothing();
    given(requested, started)
      .when({ type: 'GiveUp', at: '2027-03-01T09:00:30.000Z' })
      .then(example('NotificationDeadLettered', { attempts: 1, lastError: 'LEASE_EXPIRED' }));
  });

  test('is believed when it is reported on after it was given up', () => {
    given(requested, started, the.deadLettered).when(the.recordSent).then(the.sent);
    given(requested, started, the.deadLettered).when(the.recordDelivered).then(the.delivered);
  });
});

describe('an operator', () => {
  test('requeues what was dead-lettered, once, and it may start at once', () => {
    given(...the.givenUp)
      .when(the.requeue)
      .then(the.requeued);
    given(...the.givenUp, the.requeued)
      .when(the.requeue)
      .thenNothing();
    given(...the.givenUp, the.requeued)
      .when(the.start)
      .then(example('DispatchStarted', { attempt: 2, leaseUntil: the.start.leaseUntil }));
  });

  test('may requeue again what was dead-lettered again', () => {
    const second = example('DispatchStarted', { attempt: 2 });
    given(...the.givenUp, the.requeued, second, the.failedForGood, the.deadLettered)
      .when(the.requeue)
      .then(the.requeued);
  });

  test('discards a dead letter for good, with who and why: it is not requeued', () => {
    given(...the.givenUp)
      .when(the.discard)
      .then(the.discarded);
    given(...the.givenUp, the.discarded)
      .when(the.requeue)
      .thenRefused('NOT_DEAD_LETTERED', 'id');
  });

  test('cancels what still waits, with who and why', () => {
    given(requested).when(the.cancel).then(the.cancelled);
  });

  test('cannot cancel what has been handed to a provider', () => {
    given(requested, started).when(the.cancel).thenRefused('NOT_CANCELLABLE', 'id');
    given(requested, started, the.inDoubt).when(the.cancel).thenRefused('NOT_CANCELLABLE', 'id');
  });
});

test('an event of a newer program changes nothing that this one knows', () => {
  const state = fold(notification, [requested, started]);
  const future = { type: 'NotificationTranslated', data: {} } as unknown as typeof requested;
  expect(notification.evolve(state, future, '')).toBe(state);
});

test('an event without a request before it says nothing', () => {
  expect(fold(notification, [started, the.sent, the.delivered])).toEqual({ status: 'none' });
});
