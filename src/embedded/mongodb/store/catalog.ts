import { Doc } from '../bson/document.ts';
import { Int32 } from '../bson/values.ts';
import { encode } from '../bson/encode.ts';
import { describeIndex, parseIndexSpec } from './index-spec.ts';
import type { IndexSpec } from './index-spec.ts';
import { bytes } from './sql.ts';
import type { Row, Sql } from './sql.ts';

/** An index and where it is stored: table `x<id>` of (key, row). */
export interface Index {
  readonly id: number;
  readonly spec: IndexSpec;
  /** Whether a document was ever indexed under several keys. */
  multikey: boolean;
}

/** A collection and where it is stored: table `d<id>` of (row, document). */
export interface Collection {
  readonly id: number;
  readonly db: string;
  readonly name: string;
  readonly options: Doc;
  /** The `_id` index first. */
  readonly indexes: Index[];
  /** The last row number given away. */
  lastRow: number;
}

/** What is stored, by database and name. */
export interface Catalog {
  find(db: string, name: string): Collection | undefined;
  list(db: string): readonly Collection[];
  databases(): readonly string[];
  all(): readonly Collection[];
}

const schema = `
  CREATE TABLE IF NOT EXISTS versions (id INTEGER PRIMARY KEY, value INTEGER NOT NULL);
  INSERT OR IGNORE INTO versions VALUES (1, 1);
  CREATE TABLE IF NOT EXISTS collections
    (id INTEGER PRIMARY KEY AUTOINCREMENT, db TEXT NOT NULL, name TEXT NOT NULL, options BLOB NOT NULL, UNIQUE (db, name));
  CREATE TABLE IF NOT EXISTS indexes
    (id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL, spec BLOB NOT NULL, multikey INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS retries
    (session BLOB PRIMARY KEY, number INTEGER NOT NULL, reply BLOB NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Creates the tables of a new file. */
export function createSchema(sql: Sql): void {
  sql.exec(schema);
}

/** The specification of the index every collection has. */
export function idIndexSpec(): Doc {
  return Doc.of([
    ['v', new Int32(2)],
    ['key', Doc.of([['_id', new Int32(1)]])],
    ['name', '_id_'],
  ]);
}

/** Reads the whole catalog. */
export function loadCatalog(sql: Sql): Catalog {
  const collections = new Map<string, Collection>();
  const byId = new Map<number, Collection>();
  for (const row of sql.all('SELECT id, db, name, options FROM collections ORDER BY id')) {
    const collection = readCollection(sql, row);
    collections.set(`${collection.db}.${collection.name}`, collection);
    byId.set(collection.id, collection);
  }
  for (const row of sql.all('SELECT id, collection, spec, multikey FROM indexes ORDER BY id')) {
    byId.get(row[1] as number)?.indexes.push({
      id: row[0] as number,
      spec: parseIndexSpec(Doc.at(bytes(row[2]))),
      multikey: row[3] === 1,
    });
  }
  return {
    find: (db, name) => collections.get(`${db}.${name}`),
    list: (db) => [...collections.values()].filter((collection) => collection.db === db),
    databases: () => [...new Set([...collections.values()].map((collection) => collection.db))],
    all: () => [...collections.values()],
  };
}

function readCollection(sql: Sql, row: Row): Collection {
  const id = row[0] as number;
  return {
    id,
    db: row[1] as string,
    name: row[2] as string,
    options: Doc.at(bytes(row[3])),
    indexes: [],
    lastRow: (sql.get(`SELECT MAX(r) FROM d${id}`)?.[0] ?? 0) as number,
  };
}

/** The number that changes whenever the catalog does. */
export function catalogVersion(sql: Sql): number {
  return sql.get('SELECT value FROM versions WHERE id = 1')?.[0] as number;
}

/** Tells other connections that the catalog has changed. */
export function bumpCatalog(sql: Sql): void {
  sql.run('UPDATE versions SET value = value + 1 WHERE id = 1');
}

/** Adds an index's row and its table. */
export function storeIndex(sql: Sql, collection: number, spec: IndexSpec): Index {
  sql.run(
    'INSERT INTO indexes (collection, spec, multikey) VALUES (?, ?, 0)',
    collection,
    encode(describeIndex(spec)),
  );
  const id = sql.get('SELECT last_insert_rowid()')?.[0] as number;
  sql.exec(
    `CREATE TABLE x${id} (k BLOB NOT NULL, r INTEGER NOT NULL, PRIMARY KEY (k, r)) WITHOUT ROWID`,
  );
  return { id, spec, multikey: false };
}
