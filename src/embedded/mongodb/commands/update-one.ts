import { Doc } from '../bson/document.ts';
import { encode } from '../bson/encode.ts';
import { fillTimestamps } from '../bson/timestamps.ts';
import type { Variables } from '../aggregate/expressions.ts';
import type { Value } from '../bson/values.ts';
import { failedToParse } from '../errors.ts';
import { firstMatch, matching, prepare } from '../query/find.ts';
import type { Query } from '../query/find.ts';
import type { SortSpec } from '../query/sort.ts';
import type { Collection } from '../store/catalog.ts';
import type { Database } from '../store/database.ts';
import { deleteDocument, insertDocument, readRow, updateDocument } from '../store/documents.ts';
import type { Stored } from '../store/documents.ts';
import { assign } from '../update/assign.ts';
import { applyUpdate } from '../update/apply.ts';
import { currentTimestamp } from '../update/modifiers.ts';
import type { Update } from '../update/parse.ts';
import { upsertDocument } from '../update/upsert.ts';

/** One parsed update statement. */
export interface UpdateStatement {
  readonly filter: Doc;
  /** What the filter's `$expr` may read. */
  readonly variables: Variables;
  readonly update: Update;
  readonly upsert: boolean;
  readonly multi: boolean;
  readonly hint: string | Doc | undefined;
  readonly sort: SortSpec | undefined;
}

/** What an update statement did. */
export interface UpdateResult {
  readonly matched: number;
  readonly modified: number;
  readonly upserted: Doc | undefined;
}

/** Runs one update statement. */
export function runUpdate(
  db: Database,
  collection: Collection,
  statement: UpdateStatement,
): UpdateResult {
  const { filter, variables, update, multi, upsert, hint, sort } = statement;
  if (multi && update.kind === 'replace') {
    throw failedToParse('multi update is not supported for replacement-style update');
  }
  const query = prepare(collection, filter, { hint, sort, variables });
  const found = multi ? undefined : firstMatch(db.sql, collection, query, db.cost);
  if (found) {
    const modified = updateStored(db, collection, found, update) !== undefined;
    return { matched: 1, modified: Number(modified), upserted: undefined };
  }
  const result = multi ? updateAll(db, collection, query, update) : { matched: 0, modified: 0 };
  if (result.matched > 0 || !upsert) return { ...result, upserted: undefined };
  return { ...result, upserted: runUpsert(db, collection, query, update) };
}

/** Rows are found first and changed afterwards, so that no change is met again by the scan. */
function updateAll(
  db: Database,
  collection: Collection,
  query: Query,
  update: Update,
): { matched: number; modified: number } {
  let matched = 0;
  let modified = 0;
  for (const row of matchingRows(db, collection, query)) {
    const stored = readRow(db.sql, collection, row);
    if (!stored) continue;
    matched++;
    if (updateStored(db, collection, stored, update)) modified++;
  }
  return { matched, modified };
}

/** The rows of the matches, up to a limit. */
function matchingRows(
  db: Database,
  collection: Collection,
  query: Query,
  limit = Infinity,
): number[] {
  const rows: number[] = [];
  for (const stored of matching(db.sql, collection, query, db.cost)) {
    if (stored && rows.push(stored.row) >= limit) break;
  }
  return rows;
}

/** Applies an update to a stored document; answers the new one, or undefined when nothing changed. */
export function updateStored(
  db: Database,
  collection: Collection,
  stored: Stored,
  update: Update,
): Doc | undefined {
  const before = stored.doc.raw ?? encode(stored.doc);
  const raw = updated(before, update);
  if (raw.equals(before)) return undefined;
  updateDocument(db.sql, collection, stored, raw);
  return Doc.at(raw);
}

function updated(before: Buffer, update: Update): Buffer {
  switch (update.kind) {
    case 'replace':
      return fillTimestamps(replaced(before, update), () => currentTimestamp().value);
    case 'assign':
      return assign(before, update.assignments);
    case 'modify':
      return encode(applyUpdate(Doc.at(before), update, false));
  }
}

/** A replacement without an `_id` of its own: the stored `_id` element, then the replacement's bytes. */
function replaced(before: Buffer, update: Extract<Update, { kind: 'replace' }>): Buffer {
  const raw = update.doc.raw;
  if (!raw || update.doc.get('_id') !== undefined) {
    return encode(applyUpdate(Doc.at(before), update, false));
  }
  const id = idElement(before);
  const joined = Buffer.concat([raw.subarray(0, 4), id, raw.subarray(4)]);
  joined.writeInt32LE(joined.length, 0);
  return joined;
}

function idElement(raw: Buffer): Buffer {
  const only = encode(Doc.of([['_id', Doc.at(raw).get('_id') as Value]]));
  return only.subarray(4, only.length - 1);
}

/** Inserts what an upsert makes; answers the document. */
export function runUpsert(db: Database, collection: Collection, query: Query, update: Update): Doc {
  const made = upsertDocument(query.filter, update);
  const raw =
    update.kind === 'replace' ? fillTimestamps(made, () => currentTimestamp().value) : made;
  insertDocument(db.sql, collection, raw);
  return Doc.at(raw);
}

/** Removes up to `limit` matches. */
export function runDelete(
  db: Database,
  collection: Collection,
  query: Query,
  limit: number,
): number {
  if (limit === 1) {
    const found = firstMatch(db.sql, collection, query, db.cost);
    if (found) deleteDocument(db.sql, collection, found);
    return found ? 1 : 0;
  }
  let n = 0;
  for (const row of matchingRows(db, collection, query, limit)) {
    const stored = readRow(db.sql, collection, row);
    if (!stored) continue;
    deleteDocument(db.sql, collection, stored);
    n++;
  }
  return n;
}
