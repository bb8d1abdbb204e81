import { Doc } from '../bson/document.ts';
import { Int32, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import type { Variables } from '../aggregate/expressions.ts';
import { badValue, CommandError, failedToParse } from '../errors.ts';
import { prepare } from '../query/find.ts';
import { cursorField } from '../query/cursor.ts';
import { parseSort } from '../query/sort.ts';
import type { Collection } from '../store/catalog.ts';
import { ensureCollection } from '../store/database.ts';
import type { Database } from '../store/database.ts';
import { insertDocument } from '../store/documents.ts';
import { parseUpdate } from '../update/parse.ts';
import { splitName } from './collections.ts';
import { storedForm } from './insert.ts';
import { prepareNothing } from './read.ts';
import { checkCommand, checkOptions } from './options.ts';
import { documentOf, documentsOf, statementsOf, flagOf, hintOf, variablesOf } from './request.ts';
import type { Request } from './request.ts';
import { runDelete, runUpdate } from './update-one.ts';

interface Totals {
  errors: number;
  inserted: number;
  matched: number;
  modified: number;
  upserted: number;
  deleted: number;
}

const options = {
  insert: new Set(['insert', 'document']),
  update: new Set(['update', 'filter', 'updateMods', 'multi', 'upsert', 'hint', 'sort']),
  delete: new Set(['delete', 'filter', 'multi', 'hint']),
};

const required = {
  insert: ['document'],
  update: ['filter', 'updateMods'],
  delete: ['filter'],
};

/** `bulkWrite` of MongoDB 8: statements on several collections in one command. */
export function bulkWrite(db: Database, request: Request): Doc {
  checkCommand(request, [
    'ops',
    'nsInfo',
    'ordered',
    'errorsOnly',
    'bypassDocumentValidation',
    'cursor',
    'let',
  ]);
  const names = documentsOf(request, 'nsInfo').map((info) => {
    checkOptions(info, new Set(['ns']), 'bulkWrite.nsInfo');
    return splitName(info.get('ns'));
  });
  const totals: Totals = {
    errors: 0,
    inserted: 0,
    matched: 0,
    modified: 0,
    upserted: 0,
    deleted: 0,
  };
  const ordered = flagOf(request.body, 'ordered', true);
  const errorsOnly = flagOf(request.body, 'errorsOnly', false);
  const variables = variablesOf(request.body);
  const ops = statementsOf(request, 'ops');
  for (const op of ops) checkOp(op);
  const results: Doc[] = [];
  for (const [index, op] of ops.entries()) {
    const target = (position: Value | undefined): { db: string; name: string } => {
      const found = names[wholeNumber(position) ?? -1];
      if (!found) throw badValue('BulkWrite ops entry has an invalid nsInfo index.');
      return found;
    };
    try {
      const result = runOp(db, op, target, { totals, variables });
      if (!errorsOnly) results.push(described(index, result));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      totals.errors++;
      results.push(failed(index, error));
      if (ordered) break;
    }
  }
  return Doc.of([
    ['cursor', cursorField(0n, 'admin.$cmd.bulkWrite', 'firstBatch', results)],
    ['nErrors', new Int32(totals.errors)],
    ['nInserted', new Int32(totals.inserted)],
    ['nMatched', new Int32(totals.matched)],
    ['nModified', new Int32(totals.modified)],
    ['nUpserted', new Int32(totals.upserted)],
    ['nDeleted', new Int32(totals.deleted)],
    ['ok', 1],
  ]);
}

type Result = readonly (readonly [string, Value])[];
type Target = (position: Value | undefined) => { db: string; name: string };

interface Run {
  readonly totals: Totals;
  readonly variables: Variables;
}

/** The shape of an entry: MongoDB checks them all before it runs the first. */
function checkOp(op: Doc): void {
  const [kind] = op.fields().keys();
  if (kind !== 'insert' && kind !== 'update' && kind !== 'delete') {
    throw failedToParse('BulkWrite ops entries are insert, update or delete');
  }
  checkOptions(op, options[kind], 'bulkWrite.ops', required[kind]);
}

function runOp(db: Database, op: Doc, target: Target, run: Run): Result {
  if (op.get('insert') !== undefined) return runInsert(db, op, target, run);
  return op.get('update') === undefined
    ? runDeleteOp(db, op, target, run)
    : runUpdateOp(db, op, target, run);
}

function runInsert(db: Database, op: Doc, target: Target, { totals }: Run): Result {
  const name = target(op.get('insert'));
  const collection = ensureCollection(db, name.db, name.name);
  insertDocument(db.sql, collection, storedForm(documentOf(op, 'document')));
  totals.inserted++;
  return [['n', new Int32(1)]];
}

function runUpdateOp(db: Database, op: Doc, target: Target, run: Run): Result {
  const { totals, variables } = run;
  const name = target(op.get('update'));
  const upsert = flagOf(op, 'upsert', false);
  const statement = {
    filter: documentOf(op, 'filter'),
    variables,
    update: parseUpdate(op.get('updateMods')),
    upsert,
    multi: flagOf(op, 'multi', false),
    hint: hintOf(op),
    sort: parseSort(op.get('sort')),
  };
  const collection: Collection | undefined = upsert
    ? ensureCollection(db, name.db, name.name)
    : db.catalog.find(name.db, name.name);
  if (!collection) prepareNothing(statement.filter, variables);
  const { matched, modified, upserted } = collection
    ? runUpdate(db, collection, statement)
    : { matched: 0, modified: 0, upserted: undefined };
  totals.matched += matched;
  totals.modified += modified;
  const id = upserted?.get('_id');
  if (id !== undefined) totals.upserted++;
  return [
    ['n', new Int32(id === undefined ? matched : 1)],
    ['nModified', new Int32(modified)],
    ...(id === undefined ? [] : [['upserted', Doc.of([['_id', id]])] as const]),
  ];
}

function runDeleteOp(db: Database, op: Doc, target: Target, run: Run): Result {
  const { totals, variables } = run;
  const name = target(op.get('delete'));
  const collection = db.catalog.find(name.db, name.name);
  const filter = documentOf(op, 'filter');
  const limit = flagOf(op, 'multi', false) ? Infinity : 1;
  if (!collection) prepareNothing(filter, variables);
  const n = collection
    ? runDelete(db, collection, prepare(collection, filter, { hint: hintOf(op), variables }), limit)
    : 0;
  totals.deleted += n;
  return [['n', new Int32(n)]];
}

function described(index: number, result: Result): Doc {
  return Doc.of([['ok', 1], ['idx', new Int32(index)], ...result]);
}

function failed(index: number, error: CommandError): Doc {
  return Doc.of([
    ['ok', 0],
    ['idx', new Int32(index)],
    ['code', new Int32(error.code)],
    ['errmsg', error.message],
    ...error.extra,
    ['n', new Int32(0)],
  ]);
}
