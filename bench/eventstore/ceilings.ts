import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** Writes of 4 KiB, each followed by fdatasync: what a disk lets one writer acknowledge. */
export const bareSync = (folder: string, milliseconds: number) => {
  const file = openSync(join(folder, 'sync'), 'w');
  const page = Buffer.alloc(4_096, 7);
  const began = performance.now();
  let count = 0;
  for (; performance.now() - began < milliseconds; count += 1) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  closeSync(file);
  return { perSecond: Math.round((count * 1_000) / (performance.now() - began)) };
};

/** An open file with one table and one index, as durable as the event store's. */
export interface BareDatabase {
  /** Inserts rows of the given bytes, `batch` of them per transaction. */
  insert(count: number, batch: number): { perSecond: number; cpuUsPerInsert: number };
  /** Reads rows in order of insertion, 256 at a time. */
  read(count: number): { perSecond: number; cpuUsPerRow: number };
  close(): void;
}

export const openBareDatabase = (folder: string, rows: readonly Uint8Array[]): BareDatabase => {
  const database = new DatabaseSync(join(folder, 'bare.db'));
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000;
    CREATE TABLE events (position INTEGER PRIMARY KEY, stream INTEGER, revision INTEGER, record BLOB);
    CREATE UNIQUE INDEX by_stream ON events (stream, revision);
  `);
  const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?)');
  const select = database.prepare('SELECT * FROM events WHERE position > ? LIMIT 256');
  select.setReturnArrays(true);
  let position = 0;
  const measured = (count: number, work: () => void) => {
    const began = performance.now();
    const cpu = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(cpu);
    const perSecond = Math.round((count * 1_000) / (performance.now() - began));
    return { perSecond, cpuUs: rounded((user + system) / count) };
  };
  return {
    insert(count, batch) {
      const { perSecond, cpuUs } = measured(count, () => {
        for (let done = 0; done < count; done += batch) {
          database.exec('BEGIN IMMEDIATE');
          for (let n = 0; n < batch; n += 1) {
            position += 1;
            insert.run(position, position, 0, rows[position % rows.length] ?? null);
          }
          database.exec('COMMIT');
        }
      });
      return { perSecond, cpuUsPerInsert: cpuUs };
    },
    read(count) {
      const { perSecond, cpuUs } = measured(count, () => {
        for (let read = 0; read < count; read += select.all(read % position).length);
      });
      return { perSecond, cpuUsPerRow: cpuUs };
    },
    close: () => database.close(),
  };
};
