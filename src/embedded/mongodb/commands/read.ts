import { Arr, Doc } from '../bson/document.ts';
import type { Value } from '../bson/values.ts';
import { badValue, CommandError } from '../errors.ts';
import { cursorField, takeBatch } from '../query/cursor.ts';
import type { Cursors, Flow } from '../query/cursor.ts';
import { matchingSorted, prepare } from '../query/find.ts';
import { parseProjection } from '../query/projection.ts';
import type { Cost } from '../store/cost.ts';
import { parseSort } from '../query/sort.ts';
import type { Database } from '../store/database.ts';
import type { Variables } from '../aggregate/expressions.ts';
import { checkCommand } from './options.ts';
import { collectionName, countOf, documentOf, flagOf, hintOf, variablesOf } from './request.ts';
import type { Request } from './request.ts';

/** What a read works with. */
export interface Reader {
  readonly db: Database;
  readonly cursors: Cursors;
  readonly cost: Cost;
}

/** A read that runs in steps and ends with its reply. */
export type Reading = Generator<undefined, Doc>;

/** How many documents a first batch holds when the client doesn't say. */
export const firstBatchSize = 101;

/** Opens a cursor over a flow and takes its first batch; a cursor at its end isn't kept. */
export function* firstBatch(
  reader: Reader,
  namespace: string,
  flow: Flow,
  size: number,
  single: boolean,
): Reading {
  const started = { flow, pending: undefined as Doc | undefined };
  const batch = yield* takeBatch(started, size);
  const { docs } = batch;
  let { ended } = batch;
  if (!ended && docs.length === size && size > 0) {
    const peek = yield* takeBatch(started, 1);
    ended = peek.docs.length === 0;
    started.pending = peek.docs[0];
  }
  let id = 0n;
  if (ended || single) flow.return?.();
  else {
    const cursor = reader.cursors.open(namespace, flow);
    cursor.pending = started.pending;
    id = cursor.id;
  }
  return Doc.of([
    ['cursor', cursorField(id, namespace, 'firstBatch', docs)],
    ['ok', 1],
  ]);
}

const findOptions = [
  'filter',
  'sort',
  'projection',
  'hint',
  'skip',
  'limit',
  'batchSize',
  'singleBatch',
  'allowDiskUse',
  'noCursorTimeout',
  'allowPartialResults',
  'oplogReplay',
  'let',
];

/** `find`. */
export function* find(reader: Reader, request: Request): Reading {
  checkCommand(request, findOptions);
  const { body } = request;
  const name = collectionName(request);
  const skip = countOf(body, 'skip') ?? 0;
  const limit = (countOf(body, 'limit') ?? 0) || Infinity;
  const size = countOf(body, 'batchSize') ?? firstBatchSize;
  const filter = documentOf(body, 'filter');
  const sort = parseSort(body.get('sort'));
  const projection = parseProjection(body.get('projection'));
  const hint = hintOf(body);
  const variables = variablesOf(body);
  const collection = reader.db.catalog.find(request.db, name);
  let flow: Flow = [][Symbol.iterator]();
  if (collection) {
    const query = prepare(collection, filter, { sort, hint, variables });
    const found = matchingSorted(reader.db.sql, collection, query, reader.cost, skip + limit);
    flow = shaped(found, skip, limit, projection);
  } else prepareNothing(filter, variables);
  return yield* firstBatch(
    reader,
    `${request.db}.${name}`,
    flow,
    size,
    flagOf(body, 'singleBatch', false),
  );
}

/** Also where there is no collection, a filter that isn't carried is refused. */
export function prepareNothing(filter: Doc, variables: Variables = new Map()): void {
  const none = { id: 0, db: '', name: '', options: Doc.of(), indexes: [], lastRow: 0 };
  prepare(none, filter, { variables });
}

function* shaped(
  docs: Iterable<Doc | undefined>,
  skip: number,
  limit: number,
  projection: ((doc: Doc) => Doc) | undefined,
): Generator<Doc | undefined> {
  let skipped = 0;
  let given = 0;
  for (const doc of docs) {
    if (!doc) yield undefined;
    else if (skipped < skip) skipped++;
    else {
      yield projection ? projection(doc) : doc;
      if (++given >= limit) return;
    }
  }
}

/** `getMore`. */
export function* getMore(reader: Reader, request: Request): Reading {
  checkCommand(request, ['collection', 'batchSize']);
  const id = request.body.get('getMore');
  if (typeof id !== 'bigint') throw badValue('getMore needs a cursor id of type long');
  const cursor = reader.cursors.get(id);
  reader.cost.index = 'cursor';
  const name = request.body.get('collection');
  const namespace = `${request.db}.${typeof name === 'string' ? name : ''}`;
  if (cursor.namespace !== namespace) {
    throw new CommandError(
      13,
      `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
    );
  }
  const size = (countOf(request.body, 'batchSize') ?? 0) || Infinity;
  const { docs, ended } = yield* takeBatch(cursor, size);
  if (ended) reader.cursors.close(id);
  return Doc.of([
    ['cursor', cursorField(ended ? 0n : id, namespace, 'nextBatch', docs)],
    ['ok', 1],
  ]);
}

/** `killCursors`. */
export function killCursors(cursors: Cursors, request: Request): Doc {
  checkCommand(request, ['cursors']);
  const ids = request.body.get('cursors');
  if (!(ids instanceof Arr)) throw badValue('killCursors needs an array of cursors');
  const killed: Value[] = [];
  const missing: Value[] = [];
  for (const id of ids.items()) {
    const closed = typeof id === 'bigint' && cursors.close(id);
    (closed ? killed : missing).push(id);
  }
  return Doc.of([
    ['cursorsKilled', Arr.of(killed)],
    ['cursorsNotFound', Arr.of(missing)],
    ['cursorsAlive', Arr.of([])],
    ['cursorsUnknown', Arr.of([])],
    ['ok', 1],
  ]);
}
