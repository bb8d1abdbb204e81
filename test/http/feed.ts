import { DomainError } from '../../src/domain/errors.ts';
import type { NotificationEvent } from '../../src/domain/notification/events.ts';
import { cursorOf, positionOf, type Recorded } from '../../src/eventstore/event.ts';
import type { LiveFeed, LiveFilter, LiveUpdate } from '../../src/projections/live.ts';
import {
  type NotificationDocument,
  notificationsProjection,
} from '../../src/projections/notifications.ts';

/** A live feed over a log in memory. */
export interface MemoryFeed extends LiveFeed {
  /** Says that the log has grown. */
  wake(): void;
  /** Followers at the moment. */
  readonly followers: ReadonlySet<unknown>;
}

export const createFeed = (log: readonly Recorded[]): MemoryFeed => {
  const followers = new Set<() => void>();
  return {
    followers,
    wake: () => {
      for (const follower of followers) follower();
    },
    follow: (filter, after) => {
      const from = after === undefined ? undefined : positionOf(after);
      if (after !== undefined && !from) {
        throw new DomainError('BAD_INPUT', 'after is not a cursor', 'after');
      }
      let next = from ? Number(from.commit) : log.length;
      let ended = false;
      let waiting: (() => void) | undefined;
      const wake = () => {
        waiting?.();
      };
      followers.add(wake);
      const end = (): Promise<IteratorResult<LiveUpdate>> => {
        ended = true;
        followers.delete(wake);
        wake();
        return Promise.resolve({ done: true, value: undefined });
      };
      const iterator: AsyncIterableIterator<LiveUpdate> = {
        [Symbol.asyncIterator]: () => iterator,
        return: end,
        next: async () => {
          for (;;) {
            if (ended) return { done: true, value: undefined };
            const event = log[next];
            if (event) {
              next += 1;
              const update = updateOf(log, event);
              if (update && matches(filter, update)) return { done: false, value: update };
            } else {
              await new Promise<void>((resolve) => {
                waiting = resolve;
              });
            }
          }
        },
      };
      return iterator;
    },
  };
};

const updateOf = (log: readonly Recorded[], event: Recorded): LiveUpdate | undefined => {
  if (!notificationsProjection.handles.includes(event.type)) return undefined;
  let document: NotificationDocument | null = null;
  for (const past of log) {
    if (past.stream === event.stream && past.revision <= event.revision) {
      document = notificationsProjection.apply(document, past, '');
    }
  }
  if (!document) return undefined;
  const { _id: notificationId, userId, channel, template, category, status } = document;
  return {
    notificationId,
    userId,
    channel,
    template,
    category,
    status,
    type: event.type as NotificationEvent['type'],
    at: new Date(event.metadata.occurredAt),
    cursor: cursorOf(event.position),
  };
};

const matches = ({ types, ...filter }: LiveFilter, update: LiveUpdate): boolean =>
  (types?.includes(update.type) ?? true) &&
  (Object.keys(filter) as (keyof typeof filter)[]).every((key) => filter[key] === update[key]);
