import { Arr, Doc } from '../bson/document.ts';
import { Int32 } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { codes, CommandError, failedToParse } from '../errors.ts';
import { keyText } from '../order/keystring.ts';
import { cursorField } from '../query/cursor.ts';
import type { Collection, Index } from '../store/catalog.ts';
import { createIndex, dropIndex, ensureCollection, existing } from '../store/database.ts';
import type { Database } from '../store/database.ts';
import { describeIndex, parseIndexSpec, sameIndex } from '../store/index-spec.ts';
import type { IndexSpec } from '../store/index-spec.ts';
import { show } from '../store/show.ts';
import { checkCommand } from './options.ts';
import { collectionName, documentsOf } from './request.ts';
import type { Request } from './request.ts';

/** `createIndexes`. */
export function createIndexes(db: Database, request: Request): Doc {
  checkCommand(request, ['indexes', 'commitQuorum']);
  const name = collectionName(request);
  const specs = documentsOf(request, 'indexes').map(parseIndexSpec);
  if (specs.length === 0)
    throw new CommandError(codes.BadValue, 'Must specify at least one index to create');
  const created = db.catalog.find(request.db, name) === undefined;
  const before = ensureCollection(db, request.db, name).indexes.length;
  for (const spec of specs) {
    const collection = existing(db, request.db, name);
    if (isNew(collection, spec)) createIndex(db, collection, spec);
  }
  const after = existing(db, request.db, name).indexes.length;
  return Doc.of([
    ['numIndexesBefore', new Int32(before)],
    ['numIndexesAfter', new Int32(after)],
    ['createdCollectionAutomatically', created],
    ...(before === after ? [['note', 'all indexes already exist'] as const] : []),
    ['ok', 1],
  ]);
}

function isNew(collection: Collection, spec: IndexSpec): boolean {
  for (const { spec: known } of collection.indexes) {
    if (known.name === '_id_' && keyText(spec.key) === keyText(known.key)) return false;
    const same = sameIndex(known, spec);
    if (known.name === spec.name) {
      if (same) return false;
      throw new CommandError(
        codes.IndexKeySpecsConflict,
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${show(describeIndex(spec))}, existing index: ${show(describeIndex(known))}`,
      );
    }
    if (same) {
      throw new CommandError(
        codes.IndexOptionsConflict,
        `Index already exists with a different name: ${known.name}`,
      );
    }
  }
  return true;
}

/** `listIndexes`. */
export function listIndexes(db: Database, request: Request): Doc {
  checkCommand(request, ['cursor']);
  const name = collectionName(request);
  const collection = existing(db, request.db, name);
  const docs = collection.indexes.map(({ spec }) => describeIndex(spec));
  return Doc.of([
    ['cursor', cursorField(0n, `${request.db}.${name}`, 'firstBatch', docs)],
    ['ok', 1],
  ]);
}

/** `dropIndexes`. */
export function dropIndexes(db: Database, request: Request): Doc {
  checkCommand(request, ['index']);
  const collection = existing(db, request.db, collectionName(request));
  const wanted = request.body.get('index');
  if (wanted === undefined) throw failedToParse("BSON field 'dropIndexes.index' is missing");
  const before = collection.indexes.length;
  for (const index of chosen(collection, wanted)) dropIndex(db, index);
  return Doc.of([
    ['nIndexesWas', new Int32(before)],
    ['ok', 1],
  ]);
}

function chosen(collection: Collection, wanted: Value): readonly Index[] {
  if (wanted === '*') return collection.indexes.slice(1);
  if (wanted instanceof Arr) return wanted.items().flatMap((item) => chosen(collection, item));
  const found = collection.indexes.find(({ spec }) =>
    typeof wanted === 'string' ? spec.name === wanted : keyText(spec.key) === keyText(wanted),
  );
  if (!found) {
    throw new CommandError(
      codes.IndexNotFound,
      `index not found with name [${typeof wanted === 'string' ? wanted : show(wanted)}]`,
    );
  }
  if (found.spec.name === '_id_') {
    throw new CommandError(codes.InvalidOptions, 'cannot drop _id index');
  }
  return [found];
}
