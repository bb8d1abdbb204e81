import {
  type Audience,
  type BroadcastEvent,
  broadcastSchemas,
  type RecipientRefusal,
} from '../domain/broadcast/events.ts';
import type { NotificationEvent } from '../domain/notification/events.ts';
import type { Category, Channel, Priority } from '../domain/vocabulary.ts';
import type { Recorded } from '../eventstore/event.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/** What became of a broadcast's notifications, counted by their events. */
export const outcomes = [
  'deferred',
  'sent',
  'delivered',
  'opened',
  'clicked',
  'bounced',
  'complained',
  'failedAttempts',
  'deadLettered',
  'cancelled',
  'expired',
] as const;
export type Outcome = (typeof outcomes)[number];

/** How far a broadcast is and what became of it. */
export interface BroadcastDocument extends ReadModel, Readonly<Record<Outcome, number>> {
  readonly status: 'open' | 'paused' | 'completed' | 'cancelled';
  /** Something is to be done for it from `startAt` on. */
  readonly hasWork: boolean;
  readonly startAt: Date;
  readonly title?: string;
  readonly audience: Audience;
  readonly channel: Channel;
  readonly template: string;
  readonly templateVersion: number;
  readonly category: Category;
  readonly priority: Priority;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly scheduledAt?: Date;
  readonly localTime?: string;
  readonly expiresAt?: Date;
  /** How many there seemed to be when it was started. */
  readonly recipients?: number;
  readonly startedAt?: Date;
  readonly completedAt?: Date;
  readonly cancelledAt?: Date;
  /** Its time was over before everybody was asked for. */
  readonly ranOut: boolean;
  readonly pages: number;
  readonly accepted: number;
  readonly suppressed: number;
  readonly refused: number;
  readonly refusedByCode: Readonly<Record<string, number>>;
}

const counterOf: Partial<Record<Recorded['type'], Outcome>> = {
  NotificationDeferred: 'deferred',
  NotificationSent: 'sent',
  NotificationDelivered: 'delivered',
  NotificationOpened: 'opened',
  NotificationClicked: 'clicked',
  NotificationBounced: 'bounced',
  NotificationComplained: 'complained',
  NotificationFailed: 'failedAttempts',
  NotificationDeadLettered: 'deadLettered',
  NotificationCancelled: 'cancelled',
  NotificationExpired: 'expired',
};

const none = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;

const apply = (document: BroadcastDocument | null, event: Recorded): BroadcastDocument | null => {
  const at = new Date(event.metadata.occurredAt);
  const v = Number(event.position.commit);
  if (event.type === 'BroadcastRequested') {
    const { broadcastId, variables: _, fingerprint: __, ...rest } = event.data;
    const { scheduledAt, expiresAt, ...known } = rest;
    return {
      ...known,
      ...none,
      _id: broadcastId,
      v,
      status: 'open',
      hasWork: true,
      startAt: scheduledAt === undefined ? at : new Date(scheduledAt),
      requestedAt: at,
      ...(scheduledAt === undefined ? {} : { scheduledAt: new Date(scheduledAt) }),
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
      ranOut: false,
      pages: 0,
      accepted: 0,
      suppressed: 0,
      refused: 0,
      refusedByCode: {},
    };
  }
  if (!document) return null;
  const counter = counterOf[event.type];
  if (counter) return { ...document, v, [counter]: document[counter] + 1 };
  return { ...document, ...changes(document, event as unknown as BroadcastEvent, at), v };
};

const changes = (
  document: BroadcastDocument,
  event: BroadcastEvent,
  at: Date,
): Partial<BroadcastDocument> => {
  switch (event.type) {
    case 'BroadcastLinesRefused':
      return refusing(document, event.data.refusals);
    case 'BroadcastTakenUp': {
      const { recipients } = event.data;
      return { recipients, startedAt: document.startedAt ?? at };
    }
    case 'BroadcastPageExpanded': {
      const { page, accepted, suppressed, refusals } = event.data;
      return {
        pages: page,
        accepted: document.accepted + accepted,
        suppressed: document.suppressed + suppressed,
        ...refusing(document, refusals),
      };
    }
    case 'BroadcastPaused':
      return { status: 'paused', hasWork: false };
    case 'BroadcastResumed':
      return { status: 'open', hasWork: true };
    case 'BroadcastCompleted':
      return { status: 'completed', hasWork: false, completedAt: at, ranOut: event.data.expired };
    case 'BroadcastCancelled':
      return { status: 'cancelled', hasWork: true, startAt: at, cancelledAt: at };
    case 'BroadcastCancellationFinished':
      return { hasWork: false };
    case 'BroadcastRequested':
      return {};
  }
};

const refusing = (
  { refused, refusedByCode }: BroadcastDocument,
  refusals: readonly RecipientRefusal[],
): Partial<BroadcastDocument> => {
  const byCode = { ...refusedByCode };
  for (const { code } of refusals) byCode[code] = (byCode[code] ?? 0) + 1;
  return { refused: refused + refusals.length, refusedByCode: byCode };
};

const isOfBroadcast = (type: string): boolean => Object.hasOwn(broadcastSchemas, type);

export const broadcastsProjection: Projection<BroadcastDocument> = {
  name: 'broadcasts',
  version: 1,
  handles: [
    ...(Object.keys(broadcastSchemas) as BroadcastEvent['type'][]),
    ...(Object.keys(counterOf) as NotificationEvent['type'][]),
  ],
  indexes: [
    { key: { requestedAt: -1, _id: -1 } },
    { key: { startAt: 1 }, partialFilterExpression: { hasWork: true } },
  ],
  personalData: 'none',
  readsPersonalData: false,
  guard: 'position',
  pace: 'prompt',
  idsOf: (event) => {
    if (isOfBroadcast(event.type)) return [streamId(event)];
    const { broadcastId } = event.data as { readonly broadcastId?: string };
    return broadcastId === undefined ? [] : [broadcastId];
  },
  apply: (document, event) => apply(document, event),
};
