import { Doc } from '../bson/document.ts';
import { types, typeOf } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { badValue, codes, CommandError } from '../errors.ts';
import type { Collection, Index } from './catalog.ts';
import { bumpCatalog } from './catalog.ts';
import { documentKeys, keepsKeys } from './keys.ts';
import type { DocumentKeys } from './keys.ts';
import { show } from './show.ts';
import { bytes } from './sql.ts';
import type { Sql } from './sql.ts';

/** The largest document, as in MongoDB. */
export const maxDocumentBytes = 16 * 1024 * 1024;

/** A stored document. */
export interface Stored {
  readonly row: number;
  readonly doc: Doc;
}

/** Reads one document by its row. */
export function readRow(sql: Sql, collection: Collection, row: number): Stored | undefined {
  const found = sql.get(`SELECT b FROM d${collection.id} WHERE r = ?`, row);
  return found && { row, doc: Doc.at(bytes(found[0])) };
}

/** Stores a new document. Nothing is written when it can't be stored. */
export function insertDocument(sql: Sql, collection: Collection, raw: Buffer): void {
  checkSize(raw);
  const doc = Doc.at(raw);
  checkId(doc.get('_id'));
  const row = collection.lastRow + 1;
  const keys = collection.indexes.map((index) => documentKeys(index.spec, doc));
  collection.indexes.forEach((index, i) => {
    const own = keys[i] as DocumentKeys;
    checkUnique(sql, collection, index, own, own.keys, row);
  });
  collection.lastRow = row;
  sql.run(`INSERT INTO d${collection.id} (r, b) VALUES (?, ?)`, row, raw);
  collection.indexes.forEach((index, i) => {
    const own = keys[i] as DocumentKeys;
    if (own.multikey) markMultikey(sql, index);
    for (const key of own.keys) addKey(sql, index, key, row);
  });
}

interface Change {
  readonly index: Index;
  readonly after: DocumentKeys;
  readonly added: readonly Buffer[];
  readonly removed: readonly Buffer[];
}

/** Replaces a stored document's bytes. Nothing is written when the new ones can't be stored. */
export function updateDocument(sql: Sql, collection: Collection, old: Stored, raw: Buffer): void {
  checkSize(raw);
  const doc = Doc.at(raw);
  const changes: Change[] = [];
  for (const index of collection.indexes) {
    if (index === collection.indexes[0] || keepsKeys(index.spec, old.doc, doc)) continue;
    const before = documentKeys(index.spec, old.doc);
    const after = documentKeys(index.spec, doc);
    changes.push({ index, after, ...difference(before.keys, after.keys) });
  }
  for (const { index, after, added } of changes) {
    checkUnique(sql, collection, index, after, added, old.row);
  }
  sql.run(`UPDATE d${collection.id} SET b = ? WHERE r = ?`, raw, old.row);
  for (const { index, after, added, removed } of changes) {
    if (after.multikey) markMultikey(sql, index);
    for (const key of removed) removeKey(sql, index, key, old.row);
    for (const key of added) addKey(sql, index, key, old.row);
  }
}

/** Removes a stored document. */
export function deleteDocument(sql: Sql, collection: Collection, old: Stored): void {
  for (const index of collection.indexes) {
    for (const key of documentKeys(index.spec, old.doc).keys) removeKey(sql, index, key, old.row);
  }
  sql.run(`DELETE FROM d${collection.id} WHERE r = ?`, old.row);
}

/** Adds one stored document to one new index. */
export function indexDocument(
  sql: Sql,
  collection: Collection,
  index: Index,
  stored: Stored,
): void {
  const own = documentKeys(index.spec, stored.doc);
  checkUnique(sql, collection, index, own, own.keys, stored.row);
  if (own.multikey) markMultikey(sql, index);
  for (const key of own.keys) addKey(sql, index, key, stored.row);
}

function difference(
  before: readonly Buffer[],
  after: readonly Buffer[],
): { readonly added: readonly Buffer[]; readonly removed: readonly Buffer[] } {
  const has = (list: readonly Buffer[], key: Buffer): boolean =>
    list.some((other) => other.equals(key));
  return {
    added: after.filter((key) => !has(before, key)),
    removed: before.filter((key) => !has(after, key)),
  };
}

function addKey(sql: Sql, index: Index, key: Buffer, row: number): void {
  sql.run(`INSERT INTO x${index.id} (k, r) VALUES (?, ?)`, key, row);
}

function removeKey(sql: Sql, index: Index, key: Buffer, row: number): void {
  sql.run(`DELETE FROM x${index.id} WHERE k = ? AND r = ?`, key, row);
}

function markMultikey(sql: Sql, index: Index): void {
  if (index.multikey) return;
  index.multikey = true;
  sql.run('UPDATE indexes SET multikey = 1 WHERE id = ?', index.id);
  bumpCatalog(sql);
}

function checkUnique(
  sql: Sql,
  collection: Collection,
  index: Index,
  own: DocumentKeys,
  added: readonly Buffer[],
  row: number,
): void {
  if (!index.spec.unique) return;
  for (const key of added) {
    const other = sql.get(`SELECT r FROM x${index.id} WHERE k = ? AND r <> ? LIMIT 1`, key, row);
    if (other) throw duplicateKey(collection, index, own.values[own.keys.indexOf(key)] ?? []);
  }
}

function duplicateKey(
  collection: Collection,
  index: Index,
  values: readonly (Value | undefined)[],
): CommandError {
  const fields = index.spec.fields.map((field, i): [string, Value] => [
    field.name,
    values[i] ?? null,
  ]);
  const text = fields.map(([name, value]) => `${name}: ${show(value)}`).join(', ');
  return new CommandError(
    codes.DuplicateKey,
    `E11000 duplicate key error collection: ${collection.db}.${collection.name} ` +
      `index: ${index.spec.name} dup key: { ${text} }`,
    [
      ['keyPattern', index.spec.key],
      ['keyValue', Doc.of(fields)],
    ],
  );
}

function checkSize(raw: Buffer): void {
  if (raw.length <= maxDocumentBytes) return;
  throw new CommandError(
    codes.BSONObjectTooLarge,
    `object to insert too large. size in bytes: ${raw.length}, max size: ${maxDocumentBytes}`,
  );
}

/** Refuses what MongoDB refuses as `_id`. */
export function checkId(id: Value | undefined): void {
  if (id === undefined) throw badValue('a document needs an _id');
  const type = typeOf(id);
  if (id instanceof Doc) {
    for (const key of id.fields().keys()) {
      if (!key.startsWith('$')) continue;
      throw new CommandError(
        codes.DollarPrefixedFieldName,
        `_id fields may not contain '$'-prefixed fields: ${key} is not valid for storage.`,
      );
    }
  }
  if (type === types.array || type === types.regex || type === types.undefined) {
    const name = type === types.array ? 'array' : type === types.regex ? 'regex' : 'undefined';
    throw new CommandError(codes.InvalidIdField, `The '_id' value cannot be of type ${name}`);
  }
}
