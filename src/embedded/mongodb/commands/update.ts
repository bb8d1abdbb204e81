import { Arr, Doc } from '../bson/document.ts';
import { Int32, wholeNumber } from '../bson/values.ts';
import { failedToParse } from '../errors.ts';
import { prepare } from '../query/find.ts';
import { parseSort } from '../query/sort.ts';
import { ensureCollection } from '../store/database.ts';
import type { Database } from '../store/database.ts';
import { parseUpdate } from '../update/parse.ts';
import { errorField, runStatements } from './insert.ts';
import { prepareNothing } from './read.ts';
import { checkCommand, checkOptions } from './options.ts';
import {
  collectionName,
  documentOf,
  statementsOf,
  flagOf,
  hintOf,
  variablesOf,
} from './request.ts';
import type { Request } from './request.ts';
import type { Variables } from '../aggregate/expressions.ts';
import { runDelete, runUpdate } from './update-one.ts';
import type { UpdateStatement } from './update-one.ts';

const updateOptions = new Set(['q', 'u', 'upsert', 'multi', 'hint', 'sort']);

/** Parses one element of `updates`. */
function parseStatement(doc: Doc, variables: Variables): UpdateStatement {
  const multi = flagOf(doc, 'multi', false);
  const sort = parseSort(doc.get('sort'));
  if (sort && multi) throw failedToParse('Cannot specify sort with multi=true');
  const parsed = parseUpdate(doc.get('u'));
  if (multi && parsed.kind === 'replace') {
    throw failedToParse('multi update is not supported for replacement-style update');
  }
  return {
    filter: documentOf(doc, 'q'),
    variables,
    update: parsed,
    upsert: flagOf(doc, 'upsert', false),
    multi,
    hint: hintOf(doc),
    sort,
  };
}

/** `update`. */
export function update(db: Database, request: Request): Doc {
  checkCommand(request, ['updates', 'ordered', 'bypassDocumentValidation', 'let']);
  const name = collectionName(request);
  const statements = statementsOf(request, 'updates');
  for (const doc of statements) checkOptions(doc, updateOptions, 'update.updates', ['q', 'u']);
  const variables = variablesOf(request.body);
  let collection = db.catalog.find(request.db, name);
  let matched = 0;
  let modified = 0;
  const upserted: Doc[] = [];
  const ordered = flagOf(request.body, 'ordered', true);
  const errors = runStatements(statements, ordered, (doc, index) => {
    const statement = parseStatement(doc, variables);
    if (statement.upsert) collection ??= ensureCollection(db, request.db, name);
    if (!collection) {
      prepareNothing(statement.filter, variables);
      return;
    }
    const result = runUpdate(db, collection, statement);
    matched += result.matched;
    modified += result.modified;
    const id = result.upserted?.get('_id');
    if (id === undefined) return;
    matched++;
    upserted.push(
      Doc.of([
        ['index', new Int32(index)],
        ['_id', id],
      ]),
    );
  });
  return Doc.of([
    ['n', new Int32(matched)],
    ['nModified', new Int32(modified)],
    ...(upserted.length > 0 ? [['upserted', Arr.of(upserted)] as const] : []),
    ...errorField(errors),
    ['ok', 1],
  ]);
}

const deleteOptions = new Set(['q', 'limit', 'hint']);

function checkDelete(doc: Doc): void {
  checkOptions(doc, deleteOptions, 'delete.deletes', ['q', 'limit']);
  const limit = wholeNumber(doc.get('limit'));
  if (limit === 0 || limit === 1) return;
  throw failedToParse(`The limit field in delete objects must be 0 or 1. Got ${String(limit)}`);
}

/** `delete`. */
export function remove(db: Database, request: Request): Doc {
  checkCommand(request, ['deletes', 'ordered', 'let']);
  const name = collectionName(request);
  const statements = statementsOf(request, 'deletes');
  for (const doc of statements) checkDelete(doc);
  const variables = variablesOf(request.body);
  const collection = db.catalog.find(request.db, name);
  let n = 0;
  const ordered = flagOf(request.body, 'ordered', true);
  const errors = runStatements(statements, ordered, (doc) => {
    const limit = wholeNumber(doc.get('limit'));
    const filter = documentOf(doc, 'q');
    if (!collection) {
      prepareNothing(filter, variables);
      return;
    }
    const query = prepare(collection, filter, { hint: hintOf(doc), variables });
    n += runDelete(db, collection, query, limit === 0 ? Infinity : 1);
  });
  return Doc.of([['n', new Int32(n)], ...errorField(errors), ['ok', 1]]);
}
