import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import type { MongoProcess } from '../../tools/mongoProcess.ts';
import { idOf, notification, type Notification, STATES } from './documents.ts';
import { type Figures, measure } from './measure.ts';

/** The write loads on one collection; `documents` is how many it held at the start. */
export const createWrites = (
  server: MongoProcess,
  collection: Collection<Notification>,
  documents: number,
  seconds: number,
) => {
  let next = documents;
  let turn = 0;
  const revisions = new Map<number, number>();
  const some = (): number => (turn++ * 7) % documents;
  const bump = (n: number): number => {
    const v = (revisions.get(n) ?? 0) + 1;
    revisions.set(n, v);
    return v;
  };
  const upsert = (n: number, v: number): AnyBulkWriteOperation<Notification> => {
    const { _id, ...fields } = notification(n, v);
    return { updateOne: { filter: { _id }, update: { $set: fields }, upsert: true } };
  };
  const bulk = (
    size: number,
    operation: () => AnyBulkWriteOperation<Notification>,
  ): Promise<Figures> =>
    measure(server, { seconds, size }, async () => {
      const list = Array.from({ length: size }, operation);
      await collection.bulkWrite(list, { ordered: false });
    });
  return {
    upsertNew: (size: number) => bulk(size, () => upsert(next++, 0)),
    upsertExisting: (size: number) =>
      bulk(size, () => {
        const n = some();
        return upsert(n, bump(n));
      }),
    /** Replaces what still has the revision that was read, as projections do. */
    guarded: (size: number) =>
      bulk(size, () => {
        const n = some();
        const before = revisions.get(n) ?? 0;
        const replacement = notification(n, bump(n));
        return { replaceOne: { filter: { _id: idOf(n), v: before }, replacement } };
      }),
    updateOne: (inFlight: number) =>
      measure(server, { seconds, inFlight }, async () => {
        const n = some();
        const v = bump(n);
        const { matchedCount } = await collection.updateOne(
          { _id: idOf(n) },
          { $set: { v, status: `STATUS_${v % STATES}` } },
        );
        if (matchedCount !== 1) throw new Error('an update found nothing');
      }),
  };
};
