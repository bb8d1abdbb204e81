import { Doc } from '../bson/document.ts';
import { Int32 } from '../bson/values.ts';
import { codes, CommandError } from '../errors.ts';
import { compileFilter } from '../filter/match.ts';
import { parseFilter } from '../filter/parse.ts';
import { cursorField } from '../query/cursor.ts';
import { Arr } from '../bson/document.ts';
import { createCollection, dropCollection, existing, renameCollection } from '../store/database.ts';
import type { Database } from '../store/database.ts';
import { describeIndex } from '../store/index-spec.ts';
import { checkCommand } from './options.ts';
import { checkName, collectionName, documentOf, flagOf } from './request.ts';
import type { Request } from './request.ts';

const ok: readonly (readonly [string, number])[] = [['ok', 1]];

/** `create`. */
export function create(db: Database, request: Request): Doc {
  checkCommand(request, ['autoIndexId', 'idIndex']);
  const name = collectionName(request);
  if (db.catalog.find(request.db, name)) {
    throw new CommandError(
      codes.NamespaceExists,
      `Collection ${request.db}.${name} already exists.`,
    );
  }
  createCollection(db, { db: request.db, name }, Doc.of());
  return Doc.of(ok);
}

/** `drop`. */
export function drop(db: Database, request: Request): Doc {
  checkCommand(request, []);
  const name = collectionName(request);
  const collection = db.catalog.find(request.db, name);
  if (!collection) return Doc.of(ok);
  const count = collection.indexes.length;
  dropCollection(db, collection);
  return Doc.of([['nIndexesWas', new Int32(count)], ['ns', `${request.db}.${name}`], ...ok]);
}

/** `dropDatabase`. */
export function dropDatabase(db: Database, request: Request): Doc {
  checkCommand(request, []);
  for (const collection of db.catalog.list(request.db)) dropCollection(db, collection);
  return Doc.of([['dropped', request.db], ...ok]);
}

/** `renameCollection`, within one database or between two. */
export function rename(db: Database, request: Request): Doc {
  checkCommand(request, ['to', 'dropTarget']);
  const from = splitName(request.body.get('renameCollection'));
  const to = splitName(request.body.get('to'));
  const source = existing(db, from.db, from.name);
  if (from.db === to.db && from.name === to.name) {
    throw new CommandError(20, "Can't rename a collection to itself");
  }
  const target = db.catalog.find(to.db, to.name);
  if (target) {
    if (!flagOf(request.body, 'dropTarget', false)) {
      throw new CommandError(codes.NamespaceExists, 'target namespace exists');
    }
    dropCollection(db, target);
  }
  renameCollection(db, source, to);
  return Doc.of(ok);
}

/** `database.collection` in its parts. */
export function splitName(value: unknown): { db: string; name: string } {
  if (typeof value !== 'string') {
    throw new CommandError(
      codes.TypeMismatch,
      "'renameCollection' and 'to' must be of type string",
    );
  }
  const dot = value.indexOf('.');
  const parts = { db: value.slice(0, dot), name: value.slice(dot + 1) };
  checkName(dot < 0 ? '' : parts.db, parts.name);
  return parts;
}

/** `listCollections`. */
export function listCollections(db: Database, request: Request): Doc {
  checkCommand(request, ['filter', 'nameOnly', 'cursor', 'authorizedCollections']);
  const nameOnly = flagOf(request.body, 'nameOnly', false);
  const matches = compileFilter(parseFilter(documentOf(request.body, 'filter')));
  const docs = db.catalog.list(request.db).map((collection) => {
    const short: [string, string][] = [
      ['name', collection.name],
      ['type', 'collection'],
    ];
    if (nameOnly) return Doc.of(short);
    const [id] = collection.indexes;
    return Doc.of([
      ...short,
      ['options', collection.options],
      ['info', Doc.of([['readOnly', false]])],
      ...(id ? [['idIndex', describeIndex(id.spec)] as const] : []),
    ]);
  });
  const namespace = `${request.db}.$cmd.listCollections`;
  return Doc.of([
    ['cursor', cursorField(0n, namespace, 'firstBatch', docs.filter(matches))],
    ...ok,
  ]);
}

/** `listDatabases`. Sizes are not kept apart, so each database is given none. */
export function listDatabases(db: Database, request: Request): Doc {
  checkCommand(request, ['filter', 'nameOnly', 'authorizedDatabases']);
  const nameOnly = flagOf(request.body, 'nameOnly', false);
  const matches = compileFilter(parseFilter(documentOf(request.body, 'filter')));
  const docs = db.catalog.databases().map((name) =>
    nameOnly
      ? Doc.of([['name', name]])
      : Doc.of([
          ['name', name],
          ['sizeOnDisk', 0n],
          ['empty', false],
        ]),
  );
  return Doc.of([
    ['databases', Arr.of(docs.filter(matches))],
    ...(nameOnly ? [] : ([['totalSize', 0n]] as const)),
    ...ok,
  ]);
}
