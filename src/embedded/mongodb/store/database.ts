import { Doc } from '../bson/document.ts';
import { encode } from '../bson/encode.ts';
import { codes, CommandError } from '../errors.ts';
import {
  bumpCatalog,
  catalogVersion,
  createSchema,
  idIndexSpec,
  loadCatalog,
  storeIndex,
} from './catalog.ts';
import type { Catalog, Collection, Index } from './catalog.ts';
import { indexDocument } from './documents.ts';
import { parseIndexSpec } from './index-spec.ts';
import type { IndexSpec } from './index-spec.ts';
import type { Cost } from './cost.ts';
import { bytes, openSql } from './sql.ts';
import type { Sql } from './sql.ts';

/** One connection to the store with its view of the catalog. */
export interface Database {
  readonly sql: Sql;
  readonly catalog: Catalog;
  /** What the write that runs looks at; its caller sets it back. */
  readonly cost: Cost;
  /** Reads the catalog again if another connection changed it. */
  refresh(): void;
  /** Reads the catalog again, whatever its version. */
  reload(): void;
  close(): void;
}

/** Opens the store's file; the writer makes it when it isn't there. */
export function openDatabase(file: string, mode: 'write' | 'read'): Database {
  const sql = openSql(file, mode);
  if (mode === 'write') createSchema(sql);
  let catalog: Catalog;
  let version: number;
  const reload = (): void => {
    sql.forget();
    // A reader looks at one moment; the writer's own transaction is one anyway.
    if (mode === 'read') sql.exec('BEGIN');
    try {
      version = catalogVersion(sql);
      catalog = loadCatalog(sql);
    } finally {
      if (mode === 'read') sql.exec('COMMIT');
    }
  };
  reload();
  return {
    sql,
    cost: { docs: 0, keys: 0, index: '' },
    get catalog() {
      return catalog;
    },
    refresh: () => {
      if (catalogVersion(sql) !== version) reload();
    },
    reload,
    close: () => {
      sql.close();
    },
  };
}

/** Makes a collection with its `_id` index. */
export function createCollection(
  db: Database,
  name: { db: string; name: string },
  options: Doc,
): Collection {
  const { sql } = db;
  sql.run(
    'INSERT INTO collections (db, name, options) VALUES (?, ?, ?)',
    name.db,
    name.name,
    encode(options),
  );
  const id = sql.get('SELECT last_insert_rowid()')?.[0] as number;
  sql.exec(`CREATE TABLE d${id} (r INTEGER PRIMARY KEY, b BLOB NOT NULL)`);
  storeIndex(sql, id, parseIndexSpec(idIndexSpec()));
  changed(db);
  return existing(db, name.db, name.name);
}

/** The collection, made if it isn't there. */
export function ensureCollection(db: Database, database: string, name: string): Collection {
  return db.catalog.find(database, name) ?? createCollection(db, { db: database, name }, Doc.of());
}

/** The collection, or MongoDB's error. */
export function existing(db: Database, database: string, name: string): Collection {
  const found = db.catalog.find(database, name);
  if (found) return found;
  throw new CommandError(codes.NamespaceNotFound, `ns does not exist: ${database}.${name}`);
}

/** Removes a collection with all it holds. */
export function dropCollection(db: Database, collection: Collection): void {
  const { sql } = db;
  for (const index of collection.indexes) sql.exec(`DROP TABLE x${index.id}`);
  sql.exec(`DROP TABLE d${collection.id}`);
  sql.run('DELETE FROM indexes WHERE collection = ?', collection.id);
  sql.run('DELETE FROM collections WHERE id = ?', collection.id);
  changed(db);
}

/** Gives a collection another name. */
export function renameCollection(
  db: Database,
  collection: Collection,
  to: { db: string; name: string },
): void {
  db.sql.run('UPDATE collections SET db = ?, name = ? WHERE id = ?', to.db, to.name, collection.id);
  changed(db);
}

/** Adds an index and fills it. Throws on the first document it can't hold. */
export function createIndex(db: Database, collection: Collection, spec: IndexSpec): void {
  const { sql } = db;
  const index = storeIndex(sql, collection.id, spec);
  let last = 0;
  for (;;) {
    const rows = sql.all(
      `SELECT r, b FROM d${collection.id} WHERE r > ? ORDER BY r LIMIT 500`,
      last,
    );
    for (const row of rows) {
      last = row[0] as number;
      indexDocument(sql, collection, index, { row: last, doc: Doc.at(bytes(row[1])) });
    }
    if (rows.length < 500) break;
  }
  changed(db);
}

/** Removes an index. */
export function dropIndex(db: Database, index: Index): void {
  db.sql.run('DELETE FROM indexes WHERE id = ?', index.id);
  db.sql.exec(`DROP TABLE x${index.id}`);
  changed(db);
}

function changed(db: Database): void {
  bumpCatalog(db.sql);
  db.reload();
}
