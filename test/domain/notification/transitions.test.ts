import { describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/domain/decider.ts';
import { DomainError, type ErrorCode } from '../../../src/domain/errors.ts';
import type { NotificationCommand } from '../../../src/domain/notification/commands.ts';
import type { NotificationEvent } from '../../../src/domain/notification/events.ts';
import { notification } from '../../../src/domain/notification/notification.ts';
import * as the from './vocabulary.ts';

const commands = {
  'request the same': the.request,
  'request something else': {
    ...the.request,
    request: { ...the.requested.data, fingerprint: 'f2' },
  },
  start: the.start,
  'start at a provider where a repeat is safe': { ...the.start, repeatIsSafe: true },
  defer: the.defer,
  suppress: the.suppress,
  expire: the.expire,
  'record sent': the.recordSent,
  'record failure': the.recordFailure,
  'record last failure': the.recordLastFailure,
  'record unknown': the.recordUnknown,
  'give up': the.giveUp,
  'record delivered': the.recordDelivered,
  'record opened': the.recordOpened,
  'record clicked': the.recordClicked,
  'record bounced': the.recordBounced,
  'record complained': the.recordComplained,
  cancel: the.cancel,
  requeue: the.requeue,
  discard: the.discard,
} as const satisfies Record<string, NotificationCommand>;
type Name = keyof typeof commands;
const names = Object.keys(commands) as Name[];

/** What each command comes to: the types of its events, or the code of its refusal. */
type Row = Partial<Record<Name, readonly NotificationEvent['type'][] | ErrorCode>>;

const all = (of: readonly Name[], result: Row[Name]): Row =>
  Object.fromEntries(of.map((name) => [name, result]));

const news = [
  'record delivered',
  'record opened',
  'record clicked',
  'record bounced',
  'record complained',
] as const;
const newsIsRecorded: Row = {
  'record delivered': ['NotificationDelivered'],
  'record opened': ['NotificationOpened'],
  'record clicked': ['NotificationClicked'],
  'record bounced': ['NotificationBounced'],
  'record complained': ['NotificationComplained'],
};
const newsIsRefused = all(news, 'NOT_YET_SENT');
const isKnown: Row = { 'request something else': 'IDEMPOTENCY_KEY_REUSED' };
const isNoDeadLetter: Row = { requeue: 'NOT_DEAD_LETTERED', discard: 'NOT_DEAD_LETTERED' };
const isOver: Row = { ...isKnown, ...isNoDeadLetter, cancel: 'NOT_CANCELLABLE' };
const mayGo: Row = {
  ...isKnown,
  start: ['DispatchStarted'],
  'start at a provider where a repeat is safe': ['DispatchStarted'],
  defer: ['NotificationDeferred'],
  suppress: ['NotificationSuppressed'],
  expire: ['NotificationExpired'],
  cancel: ['NotificationCancelled'],
  ...isNoDeadLetter,
};
const lateProof: Row = { 'record sent': ['NotificationSent'] };

const { requested, started, sent } = the;
const sentOnce = [requested, started, sent] as const;

/** Each state by a past that leads there, and what is not `nothing` in it. */
const states: Readonly<Record<string, readonly [past: readonly NotificationEvent[], row: Row]>> = {
  'never requested': [
    [],
    {
      ...all(names, 'UNKNOWN_NOTIFICATION'),
      'request the same': ['NotificationRequested'],
      'request something else': ['NotificationRequested'],
    },
  ],
  waiting: [[requested], { ...mayGo, ...newsIsRefused }],
  deferred: [[requested, the.deferred], { ...mayGo, ...newsIsRefused }],
  sending: [
    [requested, started],
    {
      ...isOver,
      ...newsIsRecorded,
      'start at a provider where a repeat is safe': ['DispatchStarted'],
      'record sent': ['NotificationSent'],
      'record failure': ['NotificationFailed'],
      'record last failure': ['NotificationFailed', 'NotificationDeadLettered'],
      'record unknown': ['DispatchOutcomeUnknown'],
      'give up': ['NotificationDeadLettered'],
    },
  ],
  'waiting for a retry': [
    [requested, started, the.failed],
    { ...mayGo, ...newsIsRecorded, ...lateProof },
  ],
  'in doubt, to be sent again': [
    [requested, started, the.inDoubt],
    {
      ...isOver,
      ...newsIsRecorded,
      ...lateProof,
      start: ['DispatchStarted'],
      'start at a provider where a repeat is safe': ['DispatchStarted'],
      'give up': ['NotificationDeadLettered'],
    },
  ],
  'in doubt, to be given up': [
    [requested, started, the.inDoubtForGood],
    {
      ...isOver,
      ...newsIsRecorded,
      ...lateProof,
      'give up': ['NotificationDeadLettered'],
    },
  ],
  sent: [sentOnce, { ...isOver, ...newsIsRecorded }],
  'delivered before it was known to be sent': [
    [requested, started, the.delivered],
    { ...isOver, ...newsIsRecorded, ...lateProof, 'record delivered': [] },
  ],
  delivered: [
    [...sentOnce, the.delivered],
    { ...isOver, ...newsIsRecorded, 'record delivered': [] },
  ],
  bounced: [
    [...sentOnce, the.bounced],
    { ...isOver, ...newsIsRecorded, 'record delivered': [], 'record bounced': [] },
  ],
  'dead-lettered': [
    the.givenUp,
    {
      ...isOver,
      ...newsIsRecorded,
      ...lateProof,
      requeue: ['NotificationRequeued'],
      discard: ['NotificationDiscarded'],
    },
  ],
  discarded: [
    [...the.givenUp, the.discarded],
    { ...isOver, ...newsIsRecorded, ...lateProof, discard: [] },
  ],
  requeued: [
    [...the.givenUp, the.requeued],
    { ...mayGo, ...newsIsRecorded, ...lateProof, requeue: [] },
  ],
  suppressed: [[requested, the.suppressed], { ...isOver, ...newsIsRefused }],
  cancelled: [[requested, the.cancelled], { ...isOver, ...newsIsRefused, cancel: [] }],
  expired: [[requested, the.expired], { ...isOver, ...newsIsRefused }],
};

describe.each(Object.entries(states))('a notification that is %s', (_state, [past, row]) => {
  const state = fold(notification, past);
  const outcome = (command: NotificationCommand) => {
    try {
      return notification.decide(command, state).map(({ type }) => type);
    } catch (error) {
      if (error instanceof DomainError) return error.code;
      throw error;
    }
  };

  test.each(names.map((name) => [name, row[name] ?? []] as const))(
    'asked to %s answers %j',
    (name, expected) => {
      expect(outcome(commands[name])).toEqual(expected);
    },
  );
});
