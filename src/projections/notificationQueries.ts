import type { Category, Channel } from '../domain/vocabulary.ts';
import type { Collection, Filter } from '../readmodels/database.ts';
import type { NotificationDocument, NotificationStatus } from './notifications.ts';

export interface NotificationFilter {
  readonly userId?: string;
  readonly status?: NotificationStatus;
  readonly channel?: Channel;
  readonly category?: Category;
  readonly template?: string;
  readonly requestedFrom?: Date;
  readonly requestedUntil?: Date;
}

/** Dead letters that are neither requeued nor discarded. */
export interface DeadLetterFilter {
  readonly channel?: Channel;
  readonly provider?: string;
  readonly template?: string;
  readonly category?: Category;
  /** The last error. */
  readonly error?: string;
  readonly deadLetteredFrom?: Date;
  readonly deadLetteredUntil?: Date;
}

/** Where a page begins: after this item. */
export interface NotificationPlace {
  readonly requestedAt: Date;
  readonly id: string;
}

/** One page, newest first. */
export interface NotificationPage {
  readonly items: readonly NotificationDocument[];
  readonly hasNextPage: boolean;
}

export interface NotificationQueries {
  byId(notificationId: string): Promise<NotificationDocument | undefined>;
  /**
   * Newest first. `after` is the key of the last item of the page before.
   *
   * @param first 1 to 100
   */
  page(
    filter: NotificationFilter,
    first: number,
    after?: NotificationPlace,
  ): Promise<NotificationPage>;
  /** The same of dead letters. */
  deadLetters(
    filter: DeadLetterFilter,
    first: number,
    after?: NotificationPlace,
  ): Promise<NotificationPage>;
}

export const notificationQueries = (
  collection: Collection<NotificationDocument>,
): NotificationQueries => {
  const pageOf = async (
    equal: Filter<NotificationDocument>,
    ranges: readonly Filter<NotificationDocument>[],
    first: number,
    after: NotificationPlace | undefined,
  ): Promise<NotificationPage> => {
    const conditions = [equal, ...ranges];
    if (after) {
      const { requestedAt, id } = after;
      const older = {
        $or: [{ requestedAt: { $lt: requestedAt } }, { requestedAt, _id: { $lt: id } }],
      };
      conditions.push({ requestedAt: { $lte: requestedAt } }, older);
    }
    const found = await collection
      .find(conditions.length === 1 ? equal : { $and: conditions })
      .sort({ requestedAt: -1, _id: -1 })
      .limit(first + 1)
      .toArray();
    return { items: found.slice(0, first), hasNextPage: found.length > first };
  };
  return {
    byId: async (id) => (await collection.findOne({ _id: id })) ?? undefined,
    page: ({ requestedFrom, requestedUntil, ...equal }, first, after) =>
      pageOf(
        equal,
        [
          ...(requestedFrom ? [{ requestedAt: { $gte: requestedFrom } }] : []),
          ...(requestedUntil ? [{ requestedAt: { $lt: requestedUntil } }] : []),
        ],
        first,
        after,
      ),
    deadLetters: ({ deadLetteredFrom, deadLetteredUntil, ...equal }, first, after) =>
      pageOf(
        { ...equal, status: 'DEAD_LETTERED' },
        [
          { discardedAt: { $exists: false } },
          ...(deadLetteredFrom ? [{ endedAt: { $gte: deadLetteredFrom } }] : []),
          ...(deadLetteredUntil ? [{ endedAt: { $lt: deadLetteredUntil } }] : []),
        ],
        first,
        after,
      ),
  };
};
