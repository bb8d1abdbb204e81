import type { Recorded } from '../eventstore/event.ts';
import type { AnyBulkWriteOperation, Collection } from '../readmodels/database.ts';
import type { Projection, ReadModel } from './projection.ts';

/** Another process wrote the documents of a projection that this one maintains. */
export class LostProjection extends Error {
  override readonly name = 'LostProjection';
}

/**
 * Brings the documents of one projection up to a batch of events: one read for all documents that the
 * batch touches, one bulk write for those that it changes. Safe to repeat: an event that a document
 * holds already is left out (facts P1, P2).
 *
 * @throws LostProjection when a document isn't the one that was read
 */
export const foldBatch = async <D extends ReadModel>(
  projection: Projection<D>,
  collection: Collection<D>,
  events: readonly Recorded[],
): Promise<void> => {
  const byDocument = new Map<string, Recorded[]>();
  for (const event of events) {
    for (const id of projection.idsOf(event)) {
      const list = byDocument.get(id);
      if (list) list.push(event);
      else byDocument.set(id, [event]);
    }
  }
  if (byDocument.size === 0) return;

  const ids = [...byDocument.keys()];
  const found = await collection.find({ _id: { $in: ids } } as never).toArray();
  const before = new Map<string, D>(found.map((document) => [document._id, document as D]));

  const operations: AnyBulkWriteOperation<D>[] = [];
  for (const [id, news] of byDocument) {
    const stored = before.get(id) ?? null;
    const after = foldDocument(projection, stored, news, id);
    if (after === stored) continue;
    operations.push(operation(stored, after, id));
  }
  if (operations.length === 0) return;
  const result = await collection.bulkWrite(operations, { ordered: false });
  const written = result.matchedCount + result.upsertedCount + result.deletedCount;
  if (written !== operations.length) {
    throw new LostProjection(
      `${operations.length - written} documents of ${projection.name} changed`,
    );
  }
};

const foldDocument = <D extends ReadModel>(
  projection: Projection<D>,
  stored: D | null,
  events: readonly Recorded[],
  id: string,
): D | null => {
  let document = stored;
  let reached = stored?.v ?? -1;
  for (const event of events) {
    const at = projection.guard === 'revision' ? event.revision : Number(event.position.commit);
    if (at <= reached) continue;
    document = projection.apply(document, event, id);
    reached = at;
  }
  return document;
};

const operation = <D extends ReadModel>(
  stored: D | null,
  after: D | null,
  id: string,
): AnyBulkWriteOperation<D> => {
  // A document that isn't there has no `v`, which is what null means to MongoDB.
  const filter = { _id: id, v: stored?.v ?? null } as never;
  if (after === null) return { deleteOne: { filter } };
  return { replaceOne: { filter, replacement: after, upsert: stored === null } };
};
