import { Arr, Doc } from './bson/document.ts';
import { UtcDate } from './bson/values.ts';
import { runDelete } from './commands/update-one.ts';
import { prepare } from './query/find.ts';
import type { Collection, Index } from './store/catalog.ts';
import type { Database } from './store/database.ts';
import { forgetReplies } from './store/retries.ts';
import type { Writer } from './writer.ts';

/** How often expired documents are looked for, as in MongoDB. */
const everyMs = 60_000;

/** At most this many documents go in one transaction. */
const batch = 500;

/** A retryable write may be sent again this long. */
const retryMs = 30 * 60_000;

/** Removes expired documents and old replies every minute. Answers how to stop. */
export function startExpiry(db: Database, writer: Writer): () => void {
  const timer = setInterval(() => {
    writer.own(() => forgetReplies(db.sql, Date.now() - retryMs));
    sweepAll(db, writer);
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function sweepAll(db: Database, writer: Writer): void {
  for (const collection of db.catalog.all()) {
    for (const index of collection.indexes) {
      if (index.spec.expireAfterSeconds !== undefined) sweepInTurns(writer, collection, index);
    }
  }
}

/** One batch per turn of the event loop, so that clients' commands come in between. */
function sweepInTurns(writer: Writer, collection: Collection, index: Index): void {
  let removed = 0;
  writer.own((db) => {
    const current = db.catalog.find(collection.db, collection.name);
    const still = current?.indexes.find(({ id }) => id === index.id);
    if (current && still) removed = sweep(db, current, still, Date.now());
  });
  if (removed === batch) setImmediate(() => sweepInTurns(writer, collection, index));
}

/** Removes up to a batch of documents whose date lies far enough back. */
export function sweep(db: Database, collection: Collection, index: Index, now: number): number {
  const { name, partial, expireAfterSeconds = 0 } = index.spec;
  const field = index.spec.fields[0]?.name ?? '';
  const expired = Doc.of([
    [field, Doc.of([['$lte', new UtcDate(now - expireAfterSeconds * 1000)]])],
  ]);
  const filter = partial ? Doc.of([['$and', Arr.of([partial.doc, expired])]]) : expired;
  return runDelete(db, collection, prepare(collection, filter, { hint: name }), batch);
}
