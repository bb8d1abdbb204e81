import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { NotificationCommand, RequestNotification } from './commands.ts';
import type { About, NotificationEvent } from './events.ts';
import { aboutOf, evolve, type KnownState, type NotificationState } from './state.ts';

/** One message to one user over one channel. Its life as a chart: docs/architecture.md. */
export const notification: Decider<NotificationState, NotificationCommand, NotificationEvent> = {
  initialState: { status: 'none' },
  evolve,
  decide: (command, state) => {
    if (command.type === 'RequestNotification') return request(command, state);
    if (state.status === 'none') {
      throw new DomainError('UNKNOWN_NOTIFICATION', 'there is no such notification', 'id');
    }
    return decideKnown(command, state);
  },
};

const request = (
  { request: data, refusal, deferral, expiry, at }: RequestNotification,
  state: NotificationState,
): readonly NotificationEvent[] => {
  if (state.status !== 'none') {
    if (state.fingerprint === data.fingerprint) return [];
    throw new DomainError(
      'IDEMPOTENCY_KEY_REUSED',
      'this idempotency key was used for a different notification',
      'idempotencyKey',
    );
  }
  const requested: NotificationEvent = { type: 'NotificationRequested', data };
  const about = aboutOf(data);
  if (refusal)
    return [requested, { type: 'NotificationSuppressed', data: { ...about, ...refusal } }];
  if (data.scheduledAt !== undefined && data.scheduledAt > at) {
    const scheduled = { ...about, until: data.scheduledAt, reason: 'scheduled' } as const;
    return [requested, { type: 'NotificationDeferred', data: scheduled }];
  }
  if (expiry && data.expiresAt !== undefined) {
    const expired = { ...about, expiresAt: data.expiresAt, ...expiry };
    return [requested, { type: 'NotificationExpired', data: expired }];
  }
  if (deferral)
    return [requested, { type: 'NotificationDeferred', data: { ...about, ...deferral } }];
  return [requested];
};

const decideKnown = (
  command: Exclude<NotificationCommand, RequestNotification>,
  state: KnownState,
): readonly NotificationEvent[] => {
  const about = aboutOf(state);
  switch (command.type) {
    case 'StartDispatch': {
      if (!mayStart(state, command.at, command.repeatIsSafe)) return [];
      const { claimId, provider, leaseUntil } = command;
      const attempt = state.attempts + 1;
      return [
        { type: 'DispatchStarted', data: { ...about, claimId, attempt, provider, leaseUntil } },
      ];
    }
    case 'DeferDispatch': {
      if (!isUnsent(state) || (state.status === 'waiting' && state.until === command.until))
        return [];
      const { type: _, ...deferral } = command;
      return [{ type: 'NotificationDeferred', data: { ...about, ...deferral } }];
    }
    case 'RescheduleNotification': {
      const { until } = command;
      const isScheduled =
        state.status === 'waiting' && state.waitsFor === 'scheduled' && state.until !== until;
      return isScheduled && state.localTime !== undefined
        ? [{ type: 'NotificationDeferred', data: { ...about, until, reason: 'scheduled' } }]
        : [];
    }
    case 'SuppressNotification':
      return isUnsent(state)
        ? [{ type: 'NotificationSuppressed', data: { ...about, ...command.refusal } }]
        : [];
    case 'ExpireNotification':
      return isUnsent(state) && state.expiresAt !== undefined && state.expiresAt <= command.at
        ? [
            {
              type: 'NotificationExpired',
              data: { ...about, expiresAt: state.expiresAt, ...command.because },
            },
          ]
        : [];
    case 'RecordSent': {
      if (state.attempts < command.attempt || state.sent.includes(command.attempt)) return [];
      const { type: _, ...acceptance } = command;
      return [{ type: 'NotificationSent', data: { ...about, ...acceptance } }];
    }
    case 'RecordFailure': {
      if (state.status !== 'sending' || state.attempt !== command.attempt) return [];
      const { type: _, nextAttemptAt, ...failed } = command;
      if (state.sent.length > 0) {
        return [{ type: 'NotificationFailed', data: { ...about, ...failed } }];
      }
      const failure: NotificationEvent = {
        type: 'NotificationFailed',
        data: { ...about, ...failed, ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }) },
      };
      return nextAttemptAt === undefined ? [failure, deadLetter(state, command.code)] : [failure];
    }
    case 'RecordUnknownOutcome': {
      if (state.status !== 'sending' || state.attempt !== command.attempt) return [];
      const { attempt, provider, code, settleAt } = command;
      const resolution = state.sent.length > 0 ? 'keep' : command.resolution;
      const data = { ...about, attempt, provider, code, resolution, settleAt };
      return [{ type: 'DispatchOutcomeUnknown', data }];
    }
    case 'GiveUp': {
      if (state.status === 'in doubt' && state.settleAt <= command.at) {
        return [deadLetter(state, state.code)];
      }
      const abandoned = state.status === 'sending' && state.leaseUntil <= command.at;
      return abandoned ? [deadLetter(state, 'LEASE_EXPIRED')] : [];
    }
    case 'CancelNotification': {
      if (state.status === 'ended' && state.as === 'cancelled') return [];
      if (!isUnsent(state)) {
        throw new DomainError('NOT_CANCELLABLE', 'the notification is no longer waiting', 'id');
      }
      const { by, why } = command;
      return [{ type: 'NotificationCancelled', data: { ...about, by, why } }];
    }
    case 'DiscardDeadLetter': {
      if (state.status === 'ended' && state.as === 'discarded') return [];
      mustBeDeadLettered(state);
      const { by, why } = command;
      return [{ type: 'NotificationDiscarded', data: { ...about, by, why } }];
    }
    case 'RequeueNotification': {
      if (state.status === 'waiting' && state.forgiven > 0) return [];
      mustBeDeadLettered(state);
      const { by, why } = command;
      return [{ type: 'NotificationRequeued', data: { ...about, by, why } }];
    }
    case 'RecordDelivered':
    case 'RecordOpened':
    case 'RecordClicked':
    case 'RecordBounced':
    case 'RecordComplained':
      return news(command, state, about);
  }
};

const mustBeDeadLettered = (state: KnownState): void => {
  if (state.status === 'ended' && state.as === 'dead-lettered') return;
  throw new DomainError('NOT_DEAD_LETTERED', 'the notification is not dead-lettered', 'id');
};

type NewsCommand = Extract<NotificationCommand, { readonly providerEventId: string }>;

/** Each kind of news is recorded once; news of what was never handed to a provider is refused. */
const news = (
  command: NewsCommand,
  state: KnownState,
  about: About,
): readonly NotificationEvent[] => {
  if (state.attempts === 0) {
    throw new DomainError('NOT_YET_SENT', 'the notification was not sent yet', 'id');
  }
  const told = state.news;
  const { provider } = state;
  switch (command.type) {
    case 'RecordDelivered': {
      const { type: _, ...report } = command;
      if (told.delivered || told.bounced) return [];
      return [{ type: 'NotificationDelivered', data: { ...about, ...report, provider } }];
    }
    case 'RecordOpened': {
      const { type: _, ...report } = command;
      return told.opened
        ? []
        : [{ type: 'NotificationOpened', data: { ...about, ...report, provider } }];
    }
    case 'RecordClicked': {
      const { type: _, ...report } = command;
      return told.clicked
        ? []
        : [{ type: 'NotificationClicked', data: { ...about, ...report, provider } }];
    }
    case 'RecordBounced': {
      const { type: _, ...report } = command;
      return told.bounced
        ? []
        : [{ type: 'NotificationBounced', data: { ...about, ...report, provider } }];
    }
    case 'RecordComplained': {
      const { type: _, ...report } = command;
      return told.complained
        ? []
        : [{ type: 'NotificationComplained', data: { ...about, ...report, provider } }];
    }
  }
};

/** Nothing was handed to a provider, or all that was has certainly failed. */
const isUnsent = (state: KnownState): boolean =>
  state.status === 'waiting' || state.status === 'retrying';

const mayStart = (state: KnownState, at: string, repeatIsSafe: boolean): boolean => {
  switch (state.status) {
    case 'waiting':
      return state.until === undefined || state.until <= at;
    case 'retrying':
      return state.nextAttemptAt <= at;
    case 'in doubt':
      return state.resolution === 'resend' && state.settleAt <= at;
    case 'sending':
      return repeatIsSafe && state.leaseUntil <= at;
    case 'sent':
      return (
        state.receiptDueAt !== undefined &&
        state.receiptDueAt <= at &&
        Object.keys(state.news).length === 0
      );
    default:
      return false;
  }
};

const deadLetter = (state: KnownState, lastError: string): NotificationEvent => ({
  type: 'NotificationDeadLettered',
  data: { ...aboutOf(state), attempts: state.attempts - state.forgiven, lastError },
});
