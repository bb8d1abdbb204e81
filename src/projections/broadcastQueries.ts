import type { Collection, Filter } from '../readmodels/database.ts';
import type { BroadcastRefusalDocument } from './broadcastRefusals.ts';
import type { BroadcastDocument } from './broadcasts.ts';

interface Page<D> {
  readonly items: readonly D[];
  readonly hasNextPage: boolean;
}

export interface BroadcastQueries {
  byId(broadcastId: string): Promise<BroadcastDocument | undefined>;
  /** Newest first. `after` is the key of the last item of the page before; `first` 1 to 100. */
  page(
    first: number,
    after?: { readonly requestedAt: Date; readonly id: string },
  ): Promise<Page<BroadcastDocument>>;
  /** In the order in which they were recorded. `after` is the last id of the page before. */
  refusals(
    broadcastId: string,
    first: number,
    after?: string,
  ): Promise<Page<BroadcastRefusalDocument>>;
  /** Those for which something is to be done now, the longest waiting first. */
  withWork(now: Date, most: number): Promise<readonly string[]>;
}

export const broadcastQueries = (
  broadcasts: Collection<BroadcastDocument>,
  refusals: Collection<BroadcastRefusalDocument>,
): BroadcastQueries => ({
  byId: async (id) => (await broadcasts.findOne({ _id: id })) ?? undefined,
  page: async (first, after) => {
    const older: Filter<BroadcastDocument> = after
      ? {
          $or: [
            { requestedAt: { $lt: after.requestedAt } },
            { requestedAt: after.requestedAt, _id: { $lt: after.id } },
          ],
        }
      : {};
    const found = await broadcasts
      .find(older)
      .sort({ requestedAt: -1, _id: -1 })
      .limit(first + 1)
      .toArray();
    return { items: found.slice(0, first), hasNextPage: found.length > first };
  },
  refusals: async (broadcastId, first, after) => {
    const start = `${broadcastId}/`;
    // A cursor of another broadcast's list would show that one's.
    const from = after?.startsWith(start) ? after : start;
    const range = { $gt: from, $lt: `${broadcastId}0` };
    const found = await refusals
      .find({ _id: range })
      .sort({ _id: 1 })
      .limit(first + 1)
      .toArray();
    return { items: found.slice(0, first), hasNextPage: found.length > first };
  },
  withWork: async (now, most) => {
    const found = await broadcasts
      .find({ hasWork: true, startAt: { $lte: now } })
      .sort({ startAt: 1 })
      .limit(most)
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    return found.map(({ _id }) => _id);
  },
});
