import { Arr, Doc } from '../bson/document.ts';
import { Int32, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { compilePipeline, parsePipeline, whole } from '../aggregate/pipeline.ts';
import type { StageSpec } from '../aggregate/pipeline.ts';
import { badValue, CommandError, failedToParse, unsupported } from '../errors.ts';
import { someAt } from '../filter/path.ts';
import { keyText } from '../order/keystring.ts';
import { cursorField, takeBatch } from '../query/cursor.ts';
import type { Cursors, Flow } from '../query/cursor.ts';
import { matching, matchingSorted, prepare } from '../query/find.ts';
import { parseProjection } from '../query/projection.ts';
import type { Cost } from '../query/scan.ts';
import { parseSort } from '../query/sort.ts';
import type { Database } from '../store/database.ts';
import { checkCommand, collectionName, countOf, documentOf, flagOf, hintOf } from './request.ts';
import type { Request } from './request.ts';

/** What a read works with. */
export interface Reader {
  readonly db: Database;
  readonly cursors: Cursors;
  readonly cost: Cost;
}

/** A read that runs in steps and ends with its reply. */
export type Reading = Generator<undefined, Doc>;

const firstBatchSize = 101;

/** Opens a cursor over a flow and takes its first batch; a cursor at its end isn't kept. */
function* firstBatch(
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
  const collection = reader.db.catalog.find(request.db, name);
  let flow: Flow = [][Symbol.iterator]();
  if (collection) {
    const query = prepare(collection, filter, { sort, hint: hintOf(body) });
    const found = matchingSorted(reader.db.sql, collection, query, reader.cost, skip + limit);
    flow = shaped(found, skip, limit, projection);
  } else prepareNothing(filter);
  return yield* firstBatch(
    reader,
    `${request.db}.${name}`,
    flow,
    size,
    flagOf(body, 'singleBatch', false),
  );
}

/** Also where there is no collection, a filter that isn't carried is refused. */
function prepareNothing(filter: Doc): void {
  const none = { id: 0, db: '', name: '', options: Doc.of(), indexes: [], lastRow: 0 };
  prepare(none, filter);
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
    n = countAll(reader, collection.indexes[0]?.id ?? 0);
  } else {
    const query = prepare(collection, filter, { hint: hintOf(body) });
    for (const stored of matching(reader.db.sql, collection, query, reader.cost)) {
      if (!stored || ++n % 256 === 0) yield;
      if (n >= limit + skip) break;
    }
  }
  const shown = Math.min(Math.max(n - skip, 0), limit);
  return Doc.of([
    ['n', new Int32(shown)],
    ['ok', 1],
  ]);
}

function countAll(reader: Reader, index: number): number {
  return reader.db.sql.get(`SELECT COUNT(*) FROM x${index}`)?.[0] as number;
}

/** `distinct`. */
export function* distinct(reader: Reader, request: Request): Reading {
  checkCommand(request, ['key', 'query', 'hint']);
  const { body } = request;
  const key = body.get('key');
  if (typeof key !== 'string') throw failedToParse("BSON field 'distinct.key' must be a string");
  const collection = reader.db.catalog.find(request.db, collectionName(request));
  const filter = documentOf(body, 'query');
  const values = new Map<string, Value>();
  if (!collection) prepareNothing(filter);
  else {
    const path = key.split('.');
    const query = prepare(collection, filter, { hint: hintOf(body) });
    let n = 0;
    for (const stored of matching(reader.db.sql, collection, query, reader.cost)) {
      if (!stored || ++n % 256 === 0) yield;
      if (stored) gather(stored.doc, path, values);
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

const aggregateOptions = ['pipeline', 'cursor', 'allowDiskUse', 'hint', 'bypassDocumentValidation'];

/** `aggregate`. */
export function* aggregate(reader: Reader, request: Request): Reading {
  checkCommand(request, aggregateOptions);
  const { body } = request;
  const stages = parsePipeline(body.get('pipeline'));
  const first = body.get('aggregate');
  if (typeof first !== 'string') throw unsupported('an aggregation of a whole database');
  for (const { name } of stages) {
    if (name === '$changeStream')
      throw unsupported("Unrecognized pipeline stage name: '$changeStream', which", 40573);
  }
  const cursor = body.get('cursor');
  if (!(cursor instanceof Doc)) {
    throw failedToParse(
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  }
  const name = collectionName(request);
  const size = countOf(cursor, 'batchSize') ?? firstBatchSize;
  const collection = reader.db.catalog.find(request.db, name);
  const { filter, sort, limit, rest } = splitPipeline(stages);
  const pipeline = compilePipeline(rest);
  let docs: Iterable<Doc | undefined> = [];
  if (collection) {
    const query = prepare(collection, filter, { sort, hint: hintOf(body) });
    docs = matchingSorted(reader.db.sql, collection, query, reader.cost, limit);
  } else prepareNothing(filter);
  const flow = pipeline(docs)[Symbol.iterator]();
  return yield* firstBatch(reader, `${request.db}.${name}`, flow, size, false);
}

/** The start of a pipeline that an index can serve: filters, a sort, and how much of it is wanted. */
export function splitPipeline(stages: readonly StageSpec[]): {
  filter: Doc;
  sort: ReturnType<typeof parseSort>;
  limit: number;
  rest: readonly StageSpec[];
} {
  const filters: Doc[] = [];
  let at = 0;
  for (; stages[at]?.name === '$match'; at++) {
    const operand = stages[at]?.operand;
    if (!(operand instanceof Doc)) {
      throw new CommandError(15959, 'the match filter must be an expression in an object');
    }
    if (operand.size > 0) filters.push(operand);
  }
  const filter =
    filters.length > 1 ? Doc.of([['$and', Arr.of(filters)]]) : (filters[0] ?? Doc.of());
  const sortStage = stages[at]?.name === '$sort' ? stages[at] : undefined;
  const sort = sortStage ? parseSort(sortStage.operand) : undefined;
  if (sortStage && !sort)
    throw new CommandError(15976, '$sort stage must have at least one sort key');
  if (sortStage) at++;
  const next = stages[at];
  const limit = next?.name === '$limit' ? whole(next.operand, '$limit', 1) : Infinity;
  return { filter, sort, limit, rest: stages.slice(at) };
}
