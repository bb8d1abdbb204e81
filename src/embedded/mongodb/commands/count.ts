import { Arr, Doc } from '../bson/document.ts';
import { Int32, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { someAt } from '../filter/path.ts';
import { keyText } from '../order/keystring.ts';
import type { Collection } from '../store/catalog.ts';
import { matchingDocs, prepare } from '../query/find.ts';
import { prepareNothing } from './read.ts';
import type { Reader, Reading } from './read.ts';
import { checkCommand } from './options.ts';
import { collectionName, countOf, documentOf, hintOf, missingField, wrongType } from './request.ts';
import type { Request } from './request.ts';

/** `count`. */
export function* count(reader: Reader, request: Request): Reading {
  checkCommand(request, ['query', 'limit', 'skip', 'hint', 'fields']);
  const { body } = request;
  const collection = reader.db.catalog.find(request.db, collectionName(request));
  const filter = documentOf(body, 'query');
  const limit = Math.abs(wholeNumber(body.get('limit')) ?? 0) || Infinity;
  const skip = countOf(body, 'skip') ?? 0;
  let n = 0;
  if (!collection) prepareNothing(filter);
  else if (filter.size === 0 && body.get('hint') === undefined) {
    n = yield* countAll(reader, collection);
  } else {
    const query = prepare(collection, filter, { hint: hintOf(body) });
    for (const doc of matchingDocs(reader.db.sql, collection, query, reader.cost)) {
      if (!doc || ++n % 256 === 0) yield;
      if (n >= limit + skip) break;
    }
  }
  const shown = Math.min(Math.max(n - skip, 0), limit);
  return Doc.of([
    ['n', new Int32(shown)],
    ['ok', 1],
  ]);
}

/** Collections with more rows than this are counted in the reading thread, where it stalls no write. */
const manyRows = 50_000;

/** Counts a whole collection by its `_id` index. */
export function* countAll(
  { db, cost }: Reader,
  collection: Collection,
): Generator<undefined, number> {
  cost.index = '_id_';
  if (collection.lastRow > manyRows) {
    // What a read has looked at decides where it goes on; a count looks at everything in one statement.
    cost.docs += collection.lastRow;
    yield;
    cost.docs -= collection.lastRow;
  }
  return db.sql.get(`SELECT COUNT(*) FROM x${collection.indexes[0]?.id ?? 0}`)?.[0] as number;
}

/** `distinct`. */
export function* distinct(reader: Reader, request: Request): Reading {
  checkCommand(request, ['key', 'query', 'hint']);
  const { body } = request;
  const key = body.get('key');
  if (key === undefined) throw missingField(request, 'key');
  if (typeof key !== 'string') throw wrongType(request, 'key', key, 'string');
  const collection = reader.db.catalog.find(request.db, collectionName(request));
  const filter = documentOf(body, 'query');
  const values = new Map<string, Value>();
  if (!collection) prepareNothing(filter);
  else {
    const path = key.split('.');
    const query = prepare(collection, filter, { hint: hintOf(body) });
    let n = 0;
    for (const doc of matchingDocs(reader.db.sql, collection, query, reader.cost)) {
      if (!doc || ++n % 256 === 0) yield;
      if (doc) gather(doc, path, values);
    }
  }
  return Doc.of([
    ['values', Arr.of([...values.values()])],
    ['ok', 1],
  ]);
}

/** An array at the end gives its elements, not itself. */
function gather(doc: Doc, path: readonly string[], values: Map<string, Value>): void {
  const add = (value: Value): void => {
    const text = keyText(value);
    if (!values.has(text)) values.set(text, value);
  };
  someAt(doc, path, 0, false, (value) => {
    if (value instanceof Arr) value.items().forEach(add);
    else if (value !== undefined) add(value);
    return false;
  });
}
