import type { NotificationCommand } from '../../../src/domain/notification/commands.ts';
import { notification } from '../../../src/domain/notification/notification.ts';
import { example, without } from '../../support/examples.ts';
import { specFor } from '../../support/spec.ts';

/** The words of the tests of a notification: what was, and what is asked for. */

export const given = specFor(notification);

/** After everything that the examples wait for, and before they expire. */
export const noon = '2027-03-01T12:00:00.000Z';
export const tomorrow = '2027-03-02T12:00:00.000Z';

export const requested = example('NotificationRequested');
export const deferred = example('NotificationDeferred');
/** What a schedule adds: no rule is behind it. */
export const scheduledUntil = (until: string) =>
  without(example('NotificationDeferred', { until, reason: 'scheduled' }), 'ruleId', 'evidence');
export const started = example('DispatchStarted');
export const sent = without(example('NotificationSent'), 'receiptDueAt');
/** Another provider gets it when no news comes by half a minute past nine. */
export const sentForReceipt = example('NotificationSent');
export const failed = example('NotificationFailed');
export const failedForGood = without(failed, 'nextAttemptAt', 'providerRestsUntil');
export const deadLettered = example('NotificationDeadLettered', { attempts: 1 });
export const requeued = example('NotificationRequeued');
export const discarded = example('NotificationDiscarded');
export const inDoubt = example('DispatchOutcomeUnknown');
export const inDoubtForGood = example('DispatchOutcomeUnknown', { resolution: 'give up' });
export const delivered = example('NotificationDelivered');
export const opened = example('NotificationOpened');
export const clicked = example('NotificationClicked');
export const bounced = example('NotificationBounced');
export const complained = example('NotificationComplained');
export const suppressed = example('NotificationSuppressed');
export const cancelled = example('NotificationCancelled');
export const expired = example('NotificationExpired');

/** Everything up to an attempt that was dead-lettered. */
export const givenUp = [requested, started, failedForGood, deadLettered] as const;

type CommandOf<T extends NotificationCommand['type']> = Extract<NotificationCommand, { type: T }>;

const report = {
  when: '2027-03-01T09:05:00.000Z',
  source: 'sendgrid',
  providerEventId: 'event-1',
} as const;

export const request: CommandOf<'RequestNotification'> = {
  type: 'RequestNotification',
  request: requested.data,
  at: noon,
};
export const start: CommandOf<'StartDispatch'> = {
  type: 'StartDispatch',
  claimId: 'claim-1',
  provider: 'sendgrid',
  leaseUntil: '2027-03-01T12:00:30.000Z',
  repeatIsSafe: false,
  at: noon,
};
export const defer: CommandOf<'DeferDispatch'> = {
  type: 'DeferDispatch',
  until: '2027-03-01T13:00:00.000Z',
  reason: 'rate limit',
};
export const suppress: CommandOf<'SuppressNotification'> = {
  type: 'SuppressNotification',
  refusal: { ruleId: 'opted-out', reason: 'the user opted out' },
};
export const expire: CommandOf<'ExpireNotification'> = { type: 'ExpireNotification', at: tomorrow };
export const recordSent: CommandOf<'RecordSent'> = {
  type: 'RecordSent',
  attempt: 1,
  provider: 'sendgrid',
  providerMessageId: 'm-1',
  contentHash: 'h1',
};
export const recordFailure: CommandOf<'RecordFailure'> = {
  type: 'RecordFailure',
  attempt: 1,
  provider: 'sendgrid',
  code: 'HTTP_503',
  permanent: false,
  nextAttemptAt: '2027-03-01T09:01:00.000Z',
  providerRestsUntil: '2027-03-01T09:02:00.000Z',
};
export const recordLastFailure: CommandOf<'RecordFailure'> = {
  type: 'RecordFailure',
  attempt: 1,
  provider: 'sendgrid',
  code: 'HTTP_503',
  permanent: false,
};
export const recordUnknown: CommandOf<'RecordUnknownOutcome'> = {
  type: 'RecordUnknownOutcome',
  attempt: 1,
  provider: 'sendgrid',
  code: 'TIMEOUT',
  resolution: 'resend',
  settleAt: '2027-03-01T09:02:00.000Z',
};
export const giveUp: CommandOf<'GiveUp'> = { type: 'GiveUp', at: noon };
export const recordDelivered: CommandOf<'RecordDelivered'> = { type: 'RecordDelivered', ...report };
export const recordOpened: CommandOf<'RecordOpened'> = { type: 'RecordOpened', ...report };
export const recordClicked: CommandOf<'RecordClicked'> = {
  type: 'RecordClicked',
  ...report,
  url: 'https://shop.example/orders/A-17',
};
export const recordBounced: CommandOf<'RecordBounced'> = {
  type: 'RecordBounced',
  ...report,
  permanent: true,
  code: '5.1.1',
};
export const recordComplained: CommandOf<'RecordComplained'> = {
  type: 'RecordComplained',
  ...report,
};
export const cancel: CommandOf<'CancelNotification'> = {
  type: 'CancelNotification',
  by: 'client:shop',
  why: 'the order was cancelled',
};
export const requeue: CommandOf<'RequeueNotification'> = {
  type: 'RequeueNotification',
  by: 'operator:eve',
  why: 'the provider is back',
};
export const discard: CommandOf<'DiscardDeadLetter'> = {
  type: 'DiscardDeadLetter',
  by: 'operator:eve',
  why: 'the customer was called',
};
