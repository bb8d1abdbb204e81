import type { Event } from '../decider.ts';
import type { SchemasOf } from '../schema.ts';
import type { Category, Channel, Instant, Priority, Variables } from '../vocabulary.ts';

export const notificationStream = (notificationId: string): string =>
  `notification-${notificationId}`;

/** What every event of a notification repeats, so that a reader of one event can place it. */
export interface About {
  readonly channel: Channel;
  readonly template: string;
  readonly category: Category;
  /** The broadcast that it belongs to, so that a reader of one event can count it there. */
  readonly broadcastId?: string;
}

export type DeferralReason = 'scheduled' | 'quiet hours' | 'rate limit' | 'provider unavailable';

/**
 * What is done about an outcome that can't be known: wait for news until `settleAt`, then … ; `keep`: nothing,
 * since another provider has accepted the message.
 */
export type DoubtResolution = 'resend' | 'give up' | 'keep';

/** News from a provider, the pixel or the recipient's client. */
export interface Report {
  /** When it happened, by the source's clock. */
  readonly when: Instant;
  /** Who told us: a provider's name, `device` or `client`. */
  readonly source: string;
  readonly providerEventId: string;
}

/** News as it is recorded: with the provider of the attempt that it is about. */
export type RecordedReport = Report & { readonly provider: string };

type Ev<T extends string, D extends object> = Event<T, About & D>;

export type NotificationEvent =
  | Ev<
      'NotificationRequested',
      {
        readonly notificationId: string;
        readonly userId: string;
        readonly templateVersion: number;
        readonly priority: Priority;
        readonly variables: Variables;
        readonly scheduledAt?: Instant;
        /** On the clock of the reader: `scheduledAt` is when that was, by the zone known then. */
        readonly localTime?: string;
        readonly expiresAt?: Instant;
        readonly requestedBy: string;
        readonly fingerprint: string;
      }
    >
  | Ev<
      'NotificationSuppressed',
      { readonly ruleId: string; readonly reason: string; readonly evidence?: string }
    >
  | Ev<
      'NotificationDeferred',
      {
        readonly until: Instant;
        readonly reason: DeferralReason;
        readonly ruleId?: string;
        readonly evidence?: string;
      }
    >
  | Ev<
      'DispatchStarted',
      {
        readonly claimId: string;
        readonly attempt: number;
        readonly provider: string;
        readonly leaseUntil: Instant;
      }
    >
  | Ev<
      'NotificationSent',
      {
        readonly attempt: number;
        readonly provider: string;
        readonly providerMessageId: string;
        readonly contentHash: string;
        /** Without news by then another provider gets it, too. */
        readonly receiptDueAt?: Instant;
      }
    >
  | Ev<
      'NotificationFailed',
      {
        readonly attempt: number;
        readonly provider: string;
        readonly code: string;
        readonly permanent: boolean;
        readonly nextAttemptAt?: Instant;
        /** The provider asked not to be called about this one before; another one may be. */
        readonly providerRestsUntil?: Instant;
      }
    >
  | Ev<
      'DispatchOutcomeUnknown',
      {
        readonly attempt: number;
        readonly provider: string;
        readonly code: string;
        readonly resolution: DoubtResolution;
        readonly settleAt: Instant;
      }
    >
  | Ev<'NotificationDelivered', RecordedReport>
  | Ev<'NotificationOpened', RecordedReport>
  | Ev<'NotificationClicked', RecordedReport & { readonly url?: string }>
  | Ev<
      'NotificationBounced',
      RecordedReport & { readonly permanent: boolean; readonly code?: string }
    >
  | Ev<'NotificationComplained', RecordedReport>
  | Ev<'NotificationDeadLettered', { readonly attempts: number; readonly lastError: string }>
  | Ev<'NotificationRequeued', { readonly by: string; readonly why: string }>
  | Ev<'NotificationDiscarded', { readonly by: string; readonly why: string }>
  | Ev<'NotificationCancelled', { readonly by: string; readonly why: string }>
  | Ev<
      'NotificationExpired',
      {
        readonly expiresAt: Instant;
        /** What would have kept it waiting for longer than that. */
        readonly ruleId?: string;
        readonly reason?: string;
        readonly evidence?: string;
      }
    >;

export type NotificationEventOf<T extends NotificationEvent['type']> = Extract<
  NotificationEvent,
  { type: T }
>;

const about = {
  channel: 'none',
  template: 'none',
  category: 'none',
  broadcastId: 'identifier',
} as const;
const report = {
  ...about,
  when: 'none',
  source: 'none',
  provider: 'none',
  providerEventId: 'identifier',
} as const;
const attempt = { ...about, attempt: 'none', provider: 'none' } as const;

// Version 2 adds `localTime` to requests and the rule to deferrals and expiries; what has none needs nothing.
const unchanged = { 1: (data: Record<string, unknown>) => data };

export const notificationSchemas: SchemasOf<NotificationEvent> = {
  NotificationRequested: {
    version: 2,
    upcasters: unchanged,
    fields: {
      ...about,
      notificationId: 'identifier',
      userId: 'identifier',
      templateVersion: 'none',
      priority: 'none',
      variables: 'content',
      scheduledAt: 'none',
      localTime: 'none',
      expiresAt: 'none',
      requestedBy: 'identifier',
      fingerprint: 'none',
    },
  },
  NotificationSuppressed: {
    version: 1,
    fields: { ...about, ruleId: 'none', reason: 'none', evidence: 'identifier' },
  },
  NotificationDeferred: {
    version: 2,
    upcasters: unchanged,
    fields: { ...about, until: 'none', reason: 'none', ruleId: 'none', evidence: 'identifier' },
  },
  DispatchStarted: {
    version: 1,
    fields: { ...attempt, claimId: 'identifier', leaseUntil: 'none' },
  },
  NotificationSent: {
    version: 2,
    upcasters: unchanged,
    fields: {
      ...attempt,
      providerMessageId: 'identifier',
      contentHash: 'none',
      receiptDueAt: 'none',
    },
  },
  NotificationFailed: {
    version: 2,
    upcasters: unchanged,
    fields: {
      ...attempt,
      code: 'none',
      permanent: 'none',
      nextAttemptAt: 'none',
      providerRestsUntil: 'none',
    },
  },
  DispatchOutcomeUnknown: {
    version: 1,
    fields: { ...attempt, code: 'none', resolution: 'none', settleAt: 'none' },
  },
  NotificationDelivered: { version: 1, fields: report },
  NotificationOpened: { version: 1, fields: report },
  NotificationClicked: { version: 1, fields: { ...report, url: 'content' } },
  NotificationBounced: { version: 1, fields: { ...report, permanent: 'none', code: 'none' } },
  NotificationComplained: { version: 1, fields: report },
  NotificationDeadLettered: {
    version: 1,
    fields: { ...about, attempts: 'none', lastError: 'none' },
  },
  NotificationRequeued: { version: 1, fields: { ...about, by: 'identifier', why: 'content' } },
  NotificationDiscarded: { version: 1, fields: { ...about, by: 'identifier', why: 'content' } },
  NotificationCancelled: { version: 1, fields: { ...about, by: 'identifier', why: 'content' } },
  NotificationExpired: {
    version: 2,
    upcasters: unchanged,
    fields: {
      ...about,
      expiresAt: 'none',
      ruleId: 'none',
      reason: 'none',
      evidence: 'identifier',
    },
  },
};
