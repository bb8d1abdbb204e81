import { LRUCache } from 'lru-cache';
import type { Recorded } from '../eventstore/event.ts';
import {
  type AnyBulkWriteOperation,
  type Collection,
  isDuplicateKey,
} from '../readmodels/database.ts';
import type { Projection, ReadModel } from './projection.ts';

/** Another process wrote the documents of a projection that this one maintains. */
export class LostProjection extends Error {
  override readonly name = 'LostProjection';
}

/**
 * Brings the documents of a projection up to a batch of events, in at most one read and one bulk write.
 * Safe to repeat: an event that a document holds already is left out (facts P1, P2).
 *
 * @throws LostProjection when a document isn't the one that was read
 */
export type FoldBatch = (events: readonly Recorded[]) => Promise<void>;

/** Documents that were written lately need not be read: this process is the only one that writes them. */
const documentsKept = 2_000;

interface Kept<D> {
  readonly document: D | null;
}

export const createFold = <D extends ReadModel>(
  projection: Projection<D>,
  collection: Collection<D>,
): FoldBatch => {
  const kept = new LRUCache<string, Kept<D>>({ max: documentsKept });

  /** What is stored, from memory where it may be: memory can be wrong, and the write's guard will tell. */
  const recall = async (byDocument: ReadonlyMap<string, readonly Recorded[]>) => {
    const before = new Map<string, D | null>();
    const unknown: string[] = [];
    for (const [id, events] of byDocument) {
      const known = kept.get(id);
      if (known) before.set(id, known.document);
      else if (projection.guard === 'revision' && events[0]?.revision === 0) before.set(id, null);
      else unknown.push(id);
    }
    for (const [id, document] of await read(unknown)) before.set(id, document);
    return before;
  };

  const read = async (ids: readonly string[]) => {
    if (ids.length === 0) return new Map<string, D>();
    const found = await collection.find({ _id: { $in: ids } } as never).toArray();
    return new Map(found.map((document) => [document._id, document as D]));
  };

  /** @returns whether every document was still the one that was read */
  const write = async (
    byDocument: ReadonlyMap<string, readonly Recorded[]>,
    before: ReadonlyMap<string, D | null>,
  ): Promise<boolean> => {
    const operations: AnyBulkWriteOperation<D>[] = [];
    const written = new Map<string, Kept<D>>();
    for (const [id, events] of byDocument) {
      const stored = before.get(id) ?? null;
      const document = foldDocument(projection, stored, events, id);
      if (document === stored) continue;
      operations.push(operation(stored, document, id));
      written.set(id, { document });
    }
    if (operations.length === 0) return true;
    try {
      const result = await collection.bulkWrite(operations, { ordered: false });
      const count = result.matchedCount + result.upsertedCount + result.deletedCount;
      if (count !== operations.length) return false;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
    for (const [id, entry] of written) kept.set(id, entry);
    return true;
  };

  return async (events) => {
    const byDocument = new Map<string, Recorded[]>();
    for (const event of events) {
      for (const id of projection.idsOf(event)) {
        const list = byDocument.get(id);
        if (list) list.push(event);
        else byDocument.set(id, [event]);
      }
    }
    if (byDocument.size === 0 || (await write(byDocument, await recall(byDocument)))) return;
    kept.clear();
    if (await write(byDocument, await read([...byDocument.keys()]))) return;
    throw new LostProjection(`another process writes ${projection.name}`);
  };
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
