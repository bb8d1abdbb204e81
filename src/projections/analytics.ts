import type { NotificationEvent } from '../domain/notification/events.ts';
import type { Category, Channel } from '../domain/vocabulary.ts';
import type { Recorded } from '../eventstore/event.ts';
import type { Collection } from '../readmodels/database.ts';
import type { Projection, ReadModel } from './projection.ts';

export const analyticsIntervals = ['hour', 'day'] as const;
export type AnalyticsInterval = (typeof analyticsIntervals)[number];

export const analyticsDimensions = ['channel', 'template', 'category', 'provider'] as const;
export type AnalyticsDimension = (typeof analyticsDimensions)[number];

export const analyticsCounters = [
  'requested',
  'suppressed',
  'deferred',
  'sent',
  'failedAttempts',
  'unknownOutcomes',
  'delivered',
  'opened',
  'clicked',
  'bounced',
  'complained',
  'deadLettered',
  'cancelled',
  'expired',
] as const;
export type AnalyticsCounter = (typeof analyticsCounters)[number];
export type AnalyticsCounts = Readonly<Record<AnalyticsCounter, number>>;

/**
 * Counts of one hour (UTC) of one channel, template, category and provider; a counter that is absent is
 * zero. The day stands beside the hour, so that days are sums of the same documents.
 */
export interface AnalyticsDocument extends ReadModel, Partial<AnalyticsCounts> {
  readonly hour: Date;
  readonly day: Date;
  readonly channel: Channel;
  readonly template: string;
  readonly category: Category;
  /** Empty for what happens before a provider is chosen. */
  readonly provider: string;
}

const counterOf: Readonly<Record<string, AnalyticsCounter>> = {
  NotificationRequested: 'requested',
  NotificationSuppressed: 'suppressed',
  NotificationDeferred: 'deferred',
  NotificationSent: 'sent',
  NotificationFailed: 'failedAttempts',
  DispatchOutcomeUnknown: 'unknownOutcomes',
  NotificationDelivered: 'delivered',
  NotificationOpened: 'opened',
  NotificationClicked: 'clicked',
  NotificationBounced: 'bounced',
  NotificationComplained: 'complained',
  NotificationDeadLettered: 'deadLettered',
  NotificationCancelled: 'cancelled',
  NotificationExpired: 'expired',
} satisfies Partial<Record<NotificationEvent['type'], AnalyticsCounter>>;

const hourOf = (instant: string): string => `${instant.slice(0, 13)}:00:00.000Z`;
const dayOf = (instant: string): string => `${instant.slice(0, 10)}T00:00:00.000Z`;

const placeOf = (event: Recorded) => {
  const {
    channel,
    template,
    category,
    provider = '',
  } = (event as NotificationEvent).data as {
    readonly channel: Channel;
    readonly template: string;
    readonly category: Category;
    readonly provider?: string;
  };
  return { channel, template, category, provider };
};

/** Counters by the time of the event, so that a report of a day never changes its meaning. */
export const analyticsProjection: Projection<AnalyticsDocument> = {
  name: 'analytics',
  version: 1,
  handles: Object.keys(counterOf) as NotificationEvent['type'][],
  indexes: [{ key: { hour: 1 } }],
  personalData: 'none',
  readsPersonalData: false,
  guard: 'position',
  pace: 'gathered',
  idsOf: (event) => {
    const { channel, template, category, provider } = placeOf(event);
    const hour = hourOf(event.metadata.occurredAt);
    return [`${hour}|${channel}|${template}|${category}|${provider}`];
  },
  apply: (document, event, id) => {
    const counter = counterOf[event.type];
    if (!counter) return document;
    const { occurredAt } = event.metadata;
    const before: Omit<AnalyticsDocument, 'v'> = document ?? {
      _id: id,
      hour: new Date(hourOf(occurredAt)),
      day: new Date(dayOf(occurredAt)),
      ...placeOf(event),
    };
    return { ...before, v: Number(event.position.commit), [counter]: (before[counter] ?? 0) + 1 };
  },
};

export interface AnalyticsRow extends AnalyticsCounts {
  /** Absent when rows aren't split by time. */
  readonly bucket?: Date;
  readonly channel?: Channel;
  readonly template?: string;
  readonly category?: Category;
  readonly provider?: string;
}

export interface AnalyticsQueries {
  /**
   * Sums over [from, until), split by time when an interval is given and by each dimension of groupBy;
   * ordered by time, then by the dimensions.
   */
  sums(question: {
    readonly from: Date;
    readonly until: Date;
    readonly interval?: AnalyticsInterval;
    readonly groupBy: readonly AnalyticsDimension[];
  }): Promise<readonly AnalyticsRow[]>;
}

export const analyticsQueries = (collection: Collection<AnalyticsDocument>): AnalyticsQueries => ({
  sums: async ({ from, until, interval, groupBy }) => {
    const keys = Object.fromEntries([
      ...(interval ? [['bucket', `$${interval}`]] : []),
      ...groupBy.map((dimension) => [dimension, `$${dimension}`]),
    ]) as Readonly<Record<string, string>>;
    const rows = await collection
      .aggregate<{ readonly _id: Omit<AnalyticsRow, AnalyticsCounter> } & AnalyticsCounts>([
        { $match: { hour: { $gte: from, $lt: until } } },
        {
          $group: {
            _id: keys,
            ...Object.fromEntries(analyticsCounters.map((c) => [c, { $sum: `$${c}` }])),
          },
        },
      ])
      .toArray();
    const order = (row: AnalyticsRow) =>
      [row.bucket?.toISOString() ?? '', row.channel, row.template, row.category, row.provider].join(
        '|',
      );
    return rows
      .map(({ _id, ...counts }): AnalyticsRow => ({ ..._id, ...counts }))
      .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  },
});
