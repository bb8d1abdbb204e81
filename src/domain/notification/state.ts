import type { Instant } from '../vocabulary.ts';
import type { Refusal } from './commands.ts';
import type { About, DeferralReason, DoubtResolution, NotificationEvent } from './events.ts';

/** What holds of a notification from its request on. */
interface Known extends About {
  readonly userId: string;
  readonly fingerprint: string;
  readonly expiresAt?: Instant;
  /** On the reader's clock; it is scheduled by that. */
  readonly localTime?: string;
  /** Attempts started so far. */
  readonly attempts: number;
  /** Attempts that were already used when an operator requeued it. */
  readonly forgiven: number;
  /** Of the last attempt; empty before the first. */
  readonly provider: string;
  /** Calls since the last requeue that did not come to an acceptance. */
  readonly tried: readonly Tried[];
  /** Attempts whose `NotificationSent` is recorded. */
  readonly sent: readonly number[];
  readonly news: { readonly [N in News]?: true };
}

/** A provider that was called and did not take it, or may not have. */
interface Tried {
  readonly provider: string;
  /** It asked not to be called about this one before. */
  readonly restsUntil?: Instant;
}

type News = 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained';

export type NotificationState =
  | { readonly status: 'none' }
  | (Known & {
      readonly status: 'waiting';
      readonly until?: Instant;
      readonly waitsFor?: DeferralReason;
    })
  | (Known & {
      readonly status: 'sending';
      readonly attempt: number;
      readonly leaseUntil: Instant;
    })
  | (Known & { readonly status: 'retrying'; readonly nextAttemptAt: Instant })
  | (Known & { readonly status: 'failed' })
  | (Known & {
      readonly status: 'in doubt';
      readonly code: string;
      readonly resolution: DoubtResolution;
      readonly settleAt: Instant;
    })
  | (Known & { readonly status: 'sent'; readonly receiptDueAt?: Instant })
  | (Known & {
      readonly status: 'ended';
      readonly as: 'suppressed' | 'cancelled' | 'expired' | 'dead-lettered' | 'discarded';
      /** Of what was suppressed. */
      readonly refusal?: Refusal;
    });

export type KnownState = Exclude<NotificationState, { status: 'none' }>;

const known = (state: KnownState): Known => ({
  ...aboutOf(state),
  userId: state.userId,
  fingerprint: state.fingerprint,
  ...(state.expiresAt === undefined ? {} : { expiresAt: state.expiresAt }),
  ...(state.localTime === undefined ? {} : { localTime: state.localTime }),
  attempts: state.attempts,
  forgiven: state.forgiven,
  provider: state.provider,
  tried: state.tried,
  sent: state.sent,
  news: state.news,
});

/** Proof that the provider has it, in whatever order the proofs arrive (facts W2). */
const proven = (state: KnownState, news: News): NotificationState => ({
  ...known(state),
  status: 'sent',
  news: { ...state.news, [news]: true },
});

export const evolve = (state: NotificationState, event: NotificationEvent): NotificationState => {
  if (event.type === 'NotificationRequested') {
    const { userId, fingerprint, expiresAt, localTime } = event.data;
    return {
      status: 'waiting',
      ...aboutOf(event.data),
      userId,
      fingerprint,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(localTime === undefined ? {} : { localTime }),
      attempts: 0,
      forgiven: 0,
      provider: '',
      tried: [],
      sent: [],
      news: {},
    };
  }
  return state.status === 'none' ? state : evolveKnown(state, event);
};

/** The part of it that every event of the notification repeats. */
export const aboutOf = ({ channel, template, category, broadcastId }: About): About => ({
  channel,
  template,
  category,
  ...(broadcastId === undefined ? {} : { broadcastId }),
});

const evolveKnown = (state: KnownState, event: NotificationEvent): NotificationState => {
  switch (event.type) {
    case 'NotificationDeferred': {
      const { until, reason } = event.data;
      return { ...known(state), status: 'waiting', until, waitsFor: reason };
    }
    case 'DispatchStarted': {
      const { attempt, provider, leaseUntil } = event.data;
      return {
        ...known(state),
        status: 'sending',
        attempts: attempt,
        provider,
        attempt,
        leaseUntil,
      };
    }
    case 'NotificationSent': {
      const { attempt, provider, receiptDueAt } = event.data;
      const sent = [...state.sent, attempt];
      if (receiptDueAt === undefined) return { ...known(state), status: 'sent', sent };
      const tried = [...state.tried, { provider }];
      return { ...known(state), status: 'sent', sent, tried, receiptDueAt };
    }
    case 'NotificationFailed': {
      const { nextAttemptAt, provider, providerRestsUntil: restsUntil } = event.data;
      const tried = [
        ...state.tried,
        { provider, ...(restsUntil === undefined ? {} : { restsUntil }) },
      ];
      // It was the second of two providers: the first one has it.
      if (state.sent.length > 0) return { ...known(state), tried, status: 'sent' };
      return nextAttemptAt === undefined
        ? { ...known(state), tried, status: 'failed' }
        : { ...known(state), tried, status: 'retrying', nextAttemptAt };
    }
    case 'DispatchOutcomeUnknown': {
      const { code, resolution, settleAt, provider } = event.data;
      const tried = [...state.tried, { provider }];
      if (resolution === 'keep') return { ...known(state), tried, status: 'sent' };
      return { ...known(state), tried, status: 'in doubt', code, resolution, settleAt };
    }
    case 'NotificationDelivered':
      return proven(state, 'delivered');
    case 'NotificationOpened':
      return proven(state, 'opened');
    case 'NotificationClicked':
      return proven(state, 'clicked');
    case 'NotificationBounced':
      return proven(state, 'bounced');
    case 'NotificationComplained':
      return proven(state, 'complained');
    case 'NotificationRequeued':
      return { ...known(state), status: 'waiting', forgiven: state.attempts, tried: [] };
    case 'NotificationSuppressed': {
      const { ruleId, reason, evidence } = event.data;
      const refusal = { ruleId, reason, ...(evidence === undefined ? {} : { evidence }) };
      return { ...known(state), status: 'ended', as: 'suppressed', refusal };
    }
    case 'NotificationDeadLettered':
      return { ...known(state), status: 'ended', as: 'dead-lettered' };
    case 'NotificationDiscarded':
      return { ...known(state), status: 'ended', as: 'discarded' };
    case 'NotificationCancelled':
      return { ...known(state), status: 'ended', as: 'cancelled' };
    case 'NotificationExpired':
      return { ...known(state), status: 'ended', as: 'expired' };
    default:
      return state;
  }
};
