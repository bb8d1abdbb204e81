import { Arr, Doc } from '../bson/document.ts';
import { countsOnly } from '../aggregate/group.ts';
import { compilePipeline, parsePipeline, whole } from '../aggregate/pipeline.ts';
import type { StageSpec } from '../aggregate/pipeline.ts';
import { CommandError, failedToParse, unsupported } from '../errors.ts';
import { matchingSorted, prepare } from '../query/find.ts';
import { parseSort } from '../query/sort.ts';
import { countAll } from './count.ts';
import { firstBatch, firstBatchSize, prepareNothing } from './read.ts';
import type { Reader, Reading } from './read.ts';
import { checkCommand } from './options.ts';
import { collectionName, countOf, hintOf, variablesOf } from './request.ts';
import type { Request } from './request.ts';

const aggregateOptions = [
  'pipeline',
  'cursor',
  'allowDiskUse',
  'hint',
  'bypassDocumentValidation',
  'let',
];

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
  const variables = variablesOf(body);
  const size = countOf(cursor, 'batchSize') ?? firstBatchSize;
  const collection = reader.db.catalog.find(request.db, name);
  const { filter, sort, limit, rest } = splitPipeline(stages);
  const pipeline = compilePipeline(rest, variables);
  let docs: Iterable<Doc | undefined> = [];
  const [next] = rest;
  const counts = next?.name === '$group' && countsOnly(next.operand);
  if (collection && counts && filter.size === 0 && !sort && body.get('hint') === undefined) {
    docs = blanks(yield* countAll(reader, collection));
  } else if (collection) {
    const query = prepare(collection, filter, { sort, hint: hintOf(body), variables });
    docs = matchingSorted(reader.db.sql, collection, query, reader.cost, limit);
  } else prepareNothing(filter, variables);
  const flow = pipeline(docs)[Symbol.iterator]();
  return yield* firstBatch(reader, `${request.db}.${name}`, flow, size, false);
}

/** So many documents for a stage that doesn't look at them. */
function* blanks(count: number): Generator<Doc | undefined> {
  const blank = Doc.of();
  for (let i = 0; i < count; i++) yield blank;
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
