import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';

/** A row of columns by position. */
export type Row = readonly (null | number | bigint | string | Uint8Array)[];

/** One SQLite connection with its prepared statements kept. */
export interface Sql {
  /** Runs statements that return nothing. */
  exec(text: string): void;
  run(text: string, ...values: SQLInputValue[]): void;
  get(text: string, ...values: SQLInputValue[]): Row | undefined;
  all(text: string, ...values: SQLInputValue[]): readonly Row[];
  /** How many statements `run` and `exec` have run. */
  readonly written: number;
  /** Forgets every prepared statement; needed before tables are dropped. */
  forget(): void;
  close(): void;
}

/** Opens the file in WAL mode, durable at every commit, or read-only. */
export function openSql(file: string, mode: 'write' | 'read'): Sql {
  const db = new DatabaseSync(file, { readOnly: mode === 'read', timeout: 10_000 });
  if (mode === 'write') {
    db.exec('PRAGMA journal_mode = WAL');
    db.exec('PRAGMA synchronous = FULL');
    db.exec('PRAGMA wal_autocheckpoint = 2000');
    db.exec('PRAGMA journal_size_limit = 67108864');
  }
  db.exec('PRAGMA cache_size = -32768');
  db.exec('PRAGMA mmap_size = 0');
  let statements = new Map<string, StatementSync>();
  const prepare = (text: string): StatementSync => {
    let statement = statements.get(text);
    if (!statement) {
      statement = db.prepare(text);
      statement.setReturnArrays(true);
      statements.set(text, statement);
    }
    return statement;
  };
  let written = 0;
  return {
    get written() {
      return written;
    },
    exec: (text) => {
      written++;
      db.exec(text);
    },
    run: (text, ...values) => {
      written++;
      prepare(text).run(...values);
    },
    get: (text, ...values) => prepare(text).get(...values) as unknown as Row | undefined,
    all: (text, ...values) => prepare(text).all(...values) as unknown as readonly Row[],
    forget: () => {
      statements = new Map();
    },
    close: () => {
      db.close();
    },
  };
}

/** A column's bytes as a Buffer on the same memory. */
export function bytes(column: Row[number] | undefined): Buffer {
  const array = column as Uint8Array;
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
