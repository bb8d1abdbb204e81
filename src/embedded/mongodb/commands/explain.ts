import { Arr, Doc } from '../bson/document.ts';
import { Int32 } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { failedToParse, unsupported } from '../errors.ts';
import { matchingDocs, prepare } from '../query/find.ts';
import type { Query } from '../query/find.ts';
import type { Plan } from '../query/plan.ts';
import { parseSort } from '../query/sort.ts';
import { parsePipeline } from '../aggregate/pipeline.ts';
import type { Collection } from '../store/catalog.ts';
import { splitPipeline } from './aggregate.ts';
import type { Reader, Reading } from './read.ts';
import { checkCommand } from './options.ts';
import { collectionName, documentOf, hintOf, variablesOf } from './request.ts';
import type { Request } from './request.ts';

/** `explain` of find, aggregate, count, distinct, update, delete and findAndModify: which index, and how much it reads. */
export function* explain(reader: Reader, request: Request): Reading {
  checkCommand(request, ['verbosity']);
  const inner = request.body.get('explain');
  if (!(inner instanceof Doc)) throw failedToParse('explain needs the command to explain');
  const [command = ''] = inner.fields().keys();
  const explained: Request = { command, db: request.db, body: inner, sequences: new Map() };
  const name = collectionName(explained);
  const collection = reader.db.catalog.find(request.db, name);
  const { filter, sort, hint } = queryOf(explained);
  const variables = variablesOf(inner);
  const query = prepare(collection ?? nothing, filter, { sort, hint, variables });
  const planner: [string, Value][] = [
    ['namespace', `${request.db}.${name}`],
    ['parsedQuery', filter],
    ['winningPlan', winningPlan(query, collection)],
    ['rejectedPlans', Arr.of([])],
  ];
  const wantsCost = request.body.get('verbosity') !== 'queryPlanner';
  return Doc.of([
    ['queryPlanner', Doc.of(planner)],
    ...(wantsCost ? ([['executionStats', yield* cost(reader, collection, query)]] as const) : []),
    ['ok', 1],
  ]);
}

const nothing: Collection = { id: 0, db: '', name: '', options: Doc.of(), indexes: [], lastRow: 0 };

function queryOf(request: Request): {
  filter: Doc;
  sort: ReturnType<typeof parseSort>;
  hint: string | Doc | undefined;
} {
  const { command, body } = request;
  const hint = hintOf(body);
  switch (command) {
    case 'find':
      return { filter: documentOf(body, 'filter'), sort: parseSort(body.get('sort')), hint };
    case 'findAndModify':
      return { filter: documentOf(body, 'query'), sort: parseSort(body.get('sort')), hint };
    case 'count':
    case 'distinct':
      return { filter: documentOf(body, 'query'), sort: undefined, hint };
    case 'aggregate': {
      const { filter, sort } = splitPipeline(parsePipeline(body.get('pipeline')));
      return { filter, sort, hint };
    }
    case 'update':
    case 'delete':
      return { filter: firstStatement(body, `${command}s`), sort: undefined, hint };
    default:
      throw unsupported(`explain of '${command}'`);
  }
}

function firstStatement(body: Doc, field: string): Doc {
  const list = body.get(field);
  const first = list instanceof Arr ? list.items()[0] : undefined;
  if (!(first instanceof Doc)) throw failedToParse(`explain needs one element in '${field}'`);
  return documentOf(first, 'q');
}

function winningPlan(query: Query, collection: Collection | undefined): Doc {
  if (!collection) return Doc.of([['stage', 'EOF']]);
  const source = describe(query.plan);
  return query.sort && !query.plan.sorted ? over('SORT', source) : source;
}

function over(stage: string, source: Doc): Doc {
  return Doc.of([
    ['stage', stage],
    ['inputStage', source],
  ]);
}

function describe(plan: Plan): Doc {
  if (plan.union.length > 0) {
    return over(
      'FETCH',
      Doc.of([
        ['stage', 'OR'],
        ['inputStages', Arr.of(plan.union.map(describe))],
      ]),
    );
  }
  if (!plan.index) {
    return Doc.of([
      ['stage', 'COLLSCAN'],
      ['direction', 'forward'],
    ]);
  }
  const { spec, multikey } = plan.index;
  const scan = Doc.of([
    ['stage', 'IXSCAN'],
    ['keyPattern', spec.key],
    ['indexName', spec.name],
    ['isMultiKey', multikey],
    ['isUnique', spec.unique],
    ['isSparse', spec.sparse],
    ['isPartial', spec.partial !== undefined],
    ['direction', plan.reverse ? 'backward' : 'forward'],
    ['boundFields', new Int32(plan.bound)],
    ['intervals', new Int32(plan.intervals.length)],
  ]);
  return over('FETCH', plan.mergeBehind ? over('SORT_MERGE', scan) : scan);
}

function* cost(
  reader: Reader,
  collection: Collection | undefined,
  query: Query,
): Generator<undefined, Doc> {
  let found = 0;
  const started = performance.now();
  if (collection) {
    for (const doc of matchingDocs(reader.db.sql, collection, query, reader.cost)) {
      if (!doc || ++found % 256 === 0) yield;
    }
  }
  return Doc.of([
    ['executionSuccess', true],
    ['nReturned', new Int32(found)],
    ['executionTimeMillis', new Int32(Math.round(performance.now() - started))],
    ['totalKeysExamined', new Int32(reader.cost.keys)],
    ['totalDocsExamined', new Int32(reader.cost.docs)],
  ]);
}
