import { Doc } from '../bson/document.ts';
import { Int32 } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { failedToParse } from '../errors.ts';
import { firstMatch, prepare } from '../query/find.ts';
import type { Query } from '../query/find.ts';
import { parseProjection } from '../query/projection.ts';
import type { Projection } from '../query/projection.ts';
import { parseSort } from '../query/sort.ts';
import type { Collection } from '../store/catalog.ts';
import { ensureCollection } from '../store/database.ts';
import type { Database } from '../store/database.ts';
import { deleteDocument } from '../store/documents.ts';
import { parseUpdate } from '../update/parse.ts';
import type { Update } from '../update/parse.ts';
import { prepareNothing } from './read.ts';
import { checkCommand } from './options.ts';
import { collectionName, documentOf, flagOf, hintOf, variablesOf } from './request.ts';
import type { Request } from './request.ts';
import { runUpsert, updateStored } from './update-one.ts';

interface Modify {
  readonly update: Update;
  readonly upsert: boolean;
  readonly wantsNew: boolean;
}

interface Found {
  readonly value: Doc | undefined;
  readonly last: readonly (readonly [string, Value])[];
}

/** `findAndModify`. */
export function findAndModify(db: Database, request: Request): Doc {
  checkCommand(request, [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'hint',
    'bypassDocumentValidation',
    'let',
  ]);
  const { body } = request;
  const removes = flagOf(body, 'remove', false);
  const upsert = flagOf(body, 'upsert', false);
  if (removes === (body.get('update') !== undefined)) {
    throw failedToParse(
      removes
        ? 'Cannot specify both an update and remove=true'
        : 'Either an update or remove=true must be specified',
    );
  }
  if (removes && flagOf(body, 'new', false)) {
    throw failedToParse(
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  }
  if (removes && upsert) throw failedToParse('Cannot specify both upsert=true and remove=true');
  const projection = parseProjection(body.get('fields'));
  const name = collectionName(request);
  const update = removes ? undefined : parseUpdate(body.get('update'));
  const filter = documentOf(body, 'query');
  const sort = parseSort(body.get('sort'));
  const variables = variablesOf(body);
  prepareNothing(filter, variables);
  const collection = upsert
    ? ensureCollection(db, request.db, name)
    : db.catalog.find(request.db, name);
  if (!collection) return answerOf(nothing(removes), undefined);
  const query = prepare(collection, filter, { sort, hint: hintOf(body), variables });
  const found = update
    ? modifyOne(db, collection, query, { update, upsert, wantsNew: flagOf(body, 'new', false) })
    : removeOne(db, collection, query);
  return answerOf(found, projection);
}

function answerOf({ value, last }: Found, projection: Projection | undefined): Doc {
  return Doc.of([
    ['lastErrorObject', Doc.of(last)],
    ['value', value ? (projection ? projection(value) : value) : null],
    ['ok', 1],
  ]);
}

function removeOne(db: Database, collection: Collection, query: Query): Found {
  const found = firstMatch(db.sql, collection, query, db.cost);
  if (found) deleteDocument(db.sql, collection, found);
  return { value: found?.doc, last: [['n', new Int32(found ? 1 : 0)]] };
}

function modifyOne(
  db: Database,
  collection: Collection,
  query: Query,
  { update, upsert, wantsNew }: Modify,
): Found {
  const found = firstMatch(db.sql, collection, query, db.cost);
  if (found) {
    const after = updateStored(db, collection, found, update);
    return {
      value: wantsNew ? (after ?? found.doc) : found.doc,
      last: [
        ['n', new Int32(1)],
        ['updatedExisting', true],
      ],
    };
  }
  if (!upsert) return nothing(false);
  const made = runUpsert(db, collection, query, update);
  return {
    value: wantsNew ? made : undefined,
    last: [
      ['n', new Int32(1)],
      ['updatedExisting', false],
      ['upserted', made.get('_id') ?? null],
    ],
  };
}

function nothing(removes: boolean): Found {
  const n: [string, Value] = ['n', new Int32(0)];
  return { value: undefined, last: removes ? [n] : [n, ['updatedExisting', false]] };
}
