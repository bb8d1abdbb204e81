import { schemas } from '../domain/events.ts';
import type { NotificationEvent, NotificationEventOf } from '../domain/notification/events.ts';
import { notification } from '../domain/notification/notification.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import { type Recorded, refOf } from '../eventstore/event.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/**
 * For every notification that waits for something, the one moment at which it is looked at again
 * (design: "everything that waits is one mechanism"). The scheduler adds its claim to the document and
 * puts it off until the claim runs out; the next event of the notification replaces it.
 */
export interface DueDocument extends ReadModel {
  readonly dueAt: Date;
  readonly why: 'sweep' | 'deferred' | 'retry' | 'lease' | 'settle' | 'receipt';
  readonly broadcastId?: string;
  readonly claim?: string;
  /**
   * The request as the log holds it (JSON: id, data, metadata; personal fields encrypted) and the state
   * at revision `v`, so that an attempt need not read the stream. Absent where the request is unknown.
   * A state of another shape needs another version of this projection.
   */
  readonly request?: string;
  readonly state?: NotificationState;
}

/** A request that no dispatcher has touched by then was lost on the fast path (facts D14). */
const sweepAfterMs = 2 * 60_000;

const apply = (document: DueDocument | null, event: Recorded, id: string): DueDocument | null => {
  const at = (why: DueDocument['why'], instant: string | number): DueDocument => ({
    _id: id,
    v: event.revision,
    dueAt: new Date(instant),
    why,
    ...broadcastOf(event),
    ...carriedOn(document, event as Recorded<NotificationEvent>),
  });
  switch (event.type) {
    case 'NotificationRequested':
      return at('sweep', Date.parse(event.metadata.occurredAt) + sweepAfterMs);
    case 'NotificationDeferred':
      return at('deferred', event.data.until);
    case 'DispatchStarted':
      return at('lease', event.data.leaseUntil);
    case 'NotificationFailed':
      return event.data.nextAttemptAt === undefined ? null : at('retry', event.data.nextAttemptAt);
    case 'NotificationSent':
      return event.data.receiptDueAt === undefined ? null : at('receipt', event.data.receiptDueAt);
    case 'DispatchOutcomeUnknown':
      return event.data.resolution === 'keep' ? null : at('settle', event.data.settleAt);
    case 'NotificationRequeued':
      return at('retry', event.metadata.occurredAt);
    default:
      return null;
  }
};

type Carried = Pick<DueDocument, 'request' | 'state'>;

const carriedOn = (document: DueDocument | null, event: Recorded<NotificationEvent>): Carried => {
  if (event.type === 'NotificationRequested') return carriedFrom(event);
  const { request, state } = document ?? {};
  if (request === undefined || state === undefined) return {};
  return { request, state: notification.evolve(state, event, refOf(event)) };
};

/** Of a request in an older form only its stream tells. */
const carriedFrom = (event: Recorded<NotificationEventOf<'NotificationRequested'>>): Carried => {
  const { id, data, metadata } = event;
  if (metadata.schemaVersion !== schemas.NotificationRequested.version) return {};
  return {
    request: JSON.stringify({ id, data, metadata }),
    state: notification.evolve(notification.initialState, event, refOf(event)),
  };
};

const broadcastOf = ({ data }: Recorded): Pick<DueDocument, 'broadcastId'> => {
  const { broadcastId } = data as { readonly broadcastId?: string };
  return broadcastId === undefined ? {} : { broadcastId };
};

const handles: readonly NotificationEvent['type'][] = [
  'NotificationRequested',
  'NotificationSuppressed',
  'NotificationDeferred',
  'DispatchStarted',
  'NotificationSent',
  'NotificationFailed',
  'DispatchOutcomeUnknown',
  'NotificationDelivered',
  'NotificationOpened',
  'NotificationClicked',
  'NotificationBounced',
  'NotificationComplained',
  'NotificationDeadLettered',
  'NotificationRequeued',
  'NotificationDiscarded',
  'NotificationCancelled',
  'NotificationExpired',
];

export const dueProjection: Projection<DueDocument> = {
  name: 'due',
  version: 4,
  handles,
  indexes: [
    { key: { dueAt: 1 } },
    // What of a broadcast still waits, for its cancellation.
    {
      key: { broadcastId: 1, _id: 1 },
      partialFilterExpression: { broadcastId: { $exists: true } },
    },
  ],
  personalData: 'none',
  readsPersonalData: false,
  guard: 'revision',
  pace: 'gathered',
  idsOf: (event) => [streamId(event)],
  apply,
};
