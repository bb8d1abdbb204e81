/** The SQLite file: settings, schema, and the names that rows refer to by number. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { messageOf } from '../errors.ts';

/** Version of the tables below, kept in `PRAGMA user_version`. */
const SCHEMA_VERSION = 2;

/** Row of `progress`: the position up to which all streams are in the table of streams. */
export const MERGED_STREAMS = 'streams.merged';

const SCHEMA = `
  CREATE TABLE names (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, name)
  ) STRICT;
  CREATE TABLE streams (
    name TEXT PRIMARY KEY,
    id INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    type INTEGER NOT NULL,
    category INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    record BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);
  CREATE TABLE stream_limits (
    name TEXT PRIMARY KEY,
    max_count INTEGER,
    max_age INTEGER,
    truncate_before INTEGER,
    tombstoned INTEGER NOT NULL DEFAULT 0,
    scavenged_head INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE groups (
    stream TEXT NOT NULL,
    name TEXT NOT NULL,
    settings TEXT NOT NULL,
    checkpoint INTEGER,
    PRIMARY KEY (stream, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE links (
    key INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (key, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE progress (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** File name inside the data directory. */
export const FILE_NAME = 'eventstore.db';

export interface Database {
  readonly connection: DatabaseSync;
  readonly path: string;
  /** A statement whose rows are arrays. */
  readonly prepare: (sql: string) => StatementSync;
  close(): void;
}

/** Throws when `dataDir` holds no store. */
export function assertPresent(dataDir: string): void {
  const path = join(dataDir, FILE_NAME);
  if (!existsSync(path)) throw new Error(`There is no ${path}.`);
}

/**
 * Opens or creates `eventstore.db` in `dataDir`. The file is locked for this process: state is
 * cached, so a second server on the same file would break revisions.
 * Throws when the file is in use, is no event store, or comes from a newer version.
 */
export function openDatabase(dataDir: string, options = { mustExist: false }): Database {
  const path = join(dataDir, FILE_NAME);
  if (options.mustExist) assertPresent(dataDir);
  mkdirSync(dataDir, { recursive: true });
  const connection = new DatabaseSync(path);
  try {
    configure(connection, path);
  } catch (error) {
    connection.close();
    throw explain(error, path);
  }
  return {
    connection,
    path,
    prepare(sql) {
      const statement = connection.prepare(sql);
      statement.setReturnArrays(true);
      return statement;
    },
    close: () => connection.close(),
  };
}

function configure(connection: DatabaseSync, path: string): void {
  connection.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = 4096;');
  const version = (connection.prepare('PRAGMA user_version').get() as { user_version: number })
    .user_version;
  if (version > SCHEMA_VERSION) {
    throw new Error(`${path} was written by a newer version of Tidings (schema ${version}).`);
  }
  if (version === 0) connection.exec('PRAGMA auto_vacuum = INCREMENTAL;');
  connection.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -16000;
    PRAGMA temp_store = MEMORY;
    PRAGMA cell_size_check = ON;
    PRAGMA secure_delete = ON;
    BEGIN IMMEDIATE;
  `);
  if (version === 0) {
    connection.exec(SCHEMA);
  } else if (version === 1) {
    connection.exec(
      `INSERT INTO progress SELECT '${MERGED_STREAMS}', coalesce(max(position), 0) FROM events`,
    );
  }
  if (version < SCHEMA_VERSION) connection.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  connection.exec('COMMIT');
}

function explain(error: unknown, path: string): unknown {
  const text = messageOf(error);
  if (text.includes('database is locked')) {
    return new Error(`${path} is in use by another process.`, { cause: error });
  }
  if (/malformed|not a database/.test(text)) {
    return new Error(`${path} is damaged: ${text}. Restore it from a backup.`, { cause: error });
  }
  return error;
}

/** Numbers for short recurring texts: event types and categories. */
export interface Names {
  idOf(name: string): number;
  nameOf(id: number): string;
  find(name: string): number | undefined;
  /** Forgets what a rolled back transaction added. */
  reset(): void;
}

/** @param kind 1 for event types, 2 for categories. */
export function openNames(database: Database, kind: 1 | 2): Names {
  const insert = database.prepare('INSERT INTO names (kind, name) VALUES (?, ?) RETURNING id');
  const select = database.prepare('SELECT id, name FROM names WHERE kind = ?');
  const ids = new Map<string, number>();
  const texts = new Map<number, string>();
  const learn = (id: number, name: string): void => {
    ids.set(name, id);
    texts.set(id, name);
  };
  // Most events have the type and the category of the one before.
  let lastName: string | undefined;
  let lastId = 0;
  const reset = (): void => {
    lastName = undefined;
    ids.clear();
    texts.clear();
    for (const row of select.all(kind) as unknown as [number, string][]) learn(row[0], row[1]);
  };
  reset();
  return {
    reset,
    find: (name) => ids.get(name),
    nameOf: (id) => texts.get(id) ?? '',
    idOf(name) {
      if (name === lastName) return lastId;
      let id = ids.get(name);
      if (id === undefined) {
        [id] = insert.get(kind, name) as unknown as [number];
        learn(id, name);
      }
      lastName = name;
      lastId = id;
      return id;
    },
  };
}
