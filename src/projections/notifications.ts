import type { NotificationEvent } from '../domain/notification/events.ts';
import { notificationSchemas } from '../domain/notification/events.ts';
import type { Category, Channel, Priority } from '../domain/vocabulary.ts';
import { cursorOf, type Recorded } from '../eventstore/event.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

export const notificationStatuses = [
  'PENDING',
  'SCHEDULED',
  'DEFERRED',
  'SENDING',
  'SENT',
  'DELIVERED',
  'FAILED',
  'SUPPRESSED',
  'CANCELLED',
  'EXPIRED',
  'BOUNCED',
  'DEAD_LETTERED',
] as const;
export type NotificationStatus = (typeof notificationStatuses)[number];

/** One thing that happened to a notification, in the order of its stream. */
export interface TimelineEntry {
  readonly type: NotificationEvent['type'];
  /** When it happened, by its source's clock where it has one. */
  readonly at: Date;
  readonly attempt?: number;
  readonly provider?: string;
  /** An error code, a rule id or a reason; never personal data. */
  readonly detail?: string;
  readonly cursor: string;
}

/** The status and the story of one notification; holds no variables and no content. */
export interface NotificationDocument extends ReadModel {
  readonly userId: string;
  readonly channel: Channel;
  readonly template: string;
  readonly templateVersion: number;
  readonly category: Category;
  readonly priority: Priority;
  readonly status: NotificationStatus;
  readonly requestedBy: string;
  readonly broadcastId?: string;
  readonly requestedAt: Date;
  readonly scheduledAt?: Date;
  /** On the clock of the reader. */
  readonly localTime?: string;
  readonly expiresAt?: Date;
  /** The next moment at which something is tried: a schedule, a deferral or a retry. */
  readonly nextAttemptAt?: Date;
  readonly attempts: number;
  readonly provider?: string;
  readonly providerMessageId?: string;
  readonly sentAt?: Date;
  readonly deliveredAt?: Date;
  readonly openedAt?: Date;
  readonly clickedAt?: Date;
  readonly bouncedAt?: Date;
  readonly complainedAt?: Date;
  readonly endedAt?: Date;
  /** Dead-lettered, and given up by an operator. */
  readonly discardedAt?: Date;
  readonly error?: string;
  readonly inDoubt: boolean;
  readonly suppression?: {
    readonly ruleId: string;
    readonly reason: string;
    readonly evidence?: string;
  };
  readonly timeline: readonly TimelineEntry[];
  /** Of the last event; a subscription `after` it continues without a gap. */
  readonly cursor: string;
}

const apply = (
  document: NotificationDocument | null,
  event: Recorded,
): NotificationDocument | null => {
  const at = new Date(event.metadata.occurredAt);
  if (event.type === 'NotificationRequested') {
    const {
      notificationId,
      variables: _,
      fingerprint: __,
      scheduledAt,
      expiresAt,
      ...rest
    } = event.data;
    return {
      ...rest,
      _id: notificationId,
      v: event.revision,
      status: 'PENDING',
      requestedAt: at,
      ...(scheduledAt === undefined ? {} : { scheduledAt: new Date(scheduledAt) }),
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
      attempts: 0,
      inDoubt: false,
      timeline: [entryOf(event, at)],
      cursor: cursorOf(event.position),
    };
  }
  if (!document) return null;
  // These two hold until the next event says otherwise.
  const { nextAttemptAt: _, endedAt: __, ...lasting } = document;
  return {
    ...lasting,
    ...changes(document, event, at),
    v: event.revision,
    timeline: [...document.timeline, entryOf(event, at)],
    cursor: cursorOf(event.position),
  };
};

type Changes = Partial<Omit<NotificationDocument, '_id' | 'v' | 'timeline' | 'cursor'>>;

const changes = (
  document: Pick<NotificationDocument, 'status'>,
  event: Recorded,
  at: Date,
): Changes => {
  switch (event.type) {
    case 'NotificationSuppressed': {
      const { ruleId, reason, evidence } = event.data;
      const suppression = { ruleId, reason, ...(evidence === undefined ? {} : { evidence }) };
      return { status: 'SUPPRESSED', suppression, endedAt: at };
    }
    case 'NotificationDeferred': {
      const status = event.data.reason === 'scheduled' ? 'SCHEDULED' : 'DEFERRED';
      return { status, nextAttemptAt: new Date(event.data.until) };
    }
    case 'DispatchStarted': {
      const { attempt, provider } = event.data;
      return { status: furthest(document, 'SENDING'), attempts: attempt, provider, inDoubt: false };
    }
    case 'NotificationSent': {
      const { provider, providerMessageId } = event.data;
      const status = furthest(document, 'SENT');
      return { status, provider, providerMessageId, sentAt: at, inDoubt: false };
    }
    case 'NotificationFailed': {
      const { code, nextAttemptAt } = event.data;
      const next = nextAttemptAt === undefined ? {} : { nextAttemptAt: new Date(nextAttemptAt) };
      return { status: furthest(document, 'FAILED'), error: code, ...next };
    }
    case 'DispatchOutcomeUnknown':
      if (event.data.resolution === 'keep') return { status: furthest(document, 'SENT') };
      return {
        error: event.data.code,
        inDoubt: true,
        nextAttemptAt: new Date(event.data.settleAt),
      };
    case 'NotificationDelivered':
      return {
        status: furthest(document, 'DELIVERED'),
        deliveredAt: when(event.data),
        inDoubt: false,
      };
    case 'NotificationOpened':
      return {
        status: furthest(document, 'DELIVERED'),
        openedAt: when(event.data),
        inDoubt: false,
      };
    case 'NotificationClicked':
      return {
        status: furthest(document, 'DELIVERED'),
        clickedAt: when(event.data),
        inDoubt: false,
      };
    case 'NotificationComplained':
      return {
        status: furthest(document, 'DELIVERED'),
        complainedAt: when(event.data),
        inDoubt: false,
      };
    case 'NotificationBounced': {
      const error = event.data.code === undefined ? {} : { error: event.data.code };
      return { status: 'BOUNCED', bouncedAt: when(event.data), inDoubt: false, ...error };
    }
    case 'NotificationDeadLettered':
      return { status: 'DEAD_LETTERED', endedAt: at, error: event.data.lastError };
    case 'NotificationRequeued':
      return { status: 'PENDING' };
    case 'NotificationDiscarded':
      return { discardedAt: at, endedAt: at };
    case 'NotificationCancelled':
      return { status: 'CANCELLED', endedAt: at };
    case 'NotificationExpired':
      return { status: 'EXPIRED', endedAt: at };
    default:
      return {};
  }
};

/** The status after an event, for one who follows events without the document. */
export const statusAfter = (before: NotificationStatus, event: Recorded): NotificationStatus =>
  changes({ status: before }, event, new Date(event.metadata.occurredAt)).status ?? before;

const when = (report: { readonly when: string }): Date => new Date(report.when);

/** Statuses by how much they prove; news that comes late never moves a status back (facts W2). */
const proof: Partial<Record<NotificationStatus, number>> = { SENT: 1, DELIVERED: 2, BOUNCED: 3 };

const furthest = (
  { status }: Pick<NotificationDocument, 'status'>,
  next: NotificationStatus,
): NotificationStatus => ((proof[status] ?? 0) > (proof[next] ?? 0) ? status : next);

export const entryOf = (event: Recorded, at: Date): TimelineEntry => {
  const data = event.data as {
    readonly attempt?: number;
    readonly provider?: string;
    readonly when?: string;
    readonly code?: string;
    readonly ruleId?: string;
    readonly reason?: string;
  };
  const detail = data.code ?? data.ruleId ?? data.reason;
  return {
    type: event.type as NotificationEvent['type'],
    at: data.when === undefined ? at : new Date(data.when),
    ...(data.attempt === undefined ? {} : { attempt: data.attempt }),
    ...(data.provider === undefined ? {} : { provider: data.provider }),
    ...(detail === undefined ? {} : { detail }),
    cursor: cursorOf(event.position),
  };
};

/** Status and timeline of every notification. */
export const notificationsProjection: Projection<NotificationDocument> = {
  name: 'notifications',
  version: 1,
  handles: Object.keys(notificationSchemas) as NotificationEvent['type'][],
  indexes: [
    { key: { userId: 1, requestedAt: -1, _id: -1 } },
    { key: { status: 1, requestedAt: -1, _id: -1 } },
    { key: { requestedAt: -1, _id: -1 } },
  ],
  personalData: { subjectPath: 'userId' },
  readsPersonalData: false,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) => [streamId(event)],
  apply,
};
