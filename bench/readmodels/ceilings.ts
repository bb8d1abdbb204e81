import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { BSON } from 'mongodb';
import { notification, STATES, TENANTS } from './documents.ts';
import { round } from './measure.ts';

/** What bare SQLite does with the same documents on the same disk: rows a second and CPU of each. */
export interface Bare {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** Bare SQLite with the same durability, the fields of the indexes as columns, the document as a blob. */
export interface BareDatabase {
  /** Upserts new or existing rows, `batch` of them a transaction. */
  upsert(rows: number, batch: number, which: 'new' | 'existing'): Bare;
  /** Replaces rows whose revision is the expected one. */
  guarded(rows: number, batch: number): Bare;
  /** Sets the revision and the state of rows, the state being in an index. */
  update(rows: number, batch: number): Bare;
  /** Pages of 20 by the index. */
  pages(count: number): Bare;
  /** Counts and sums by state over everything. */
  group(): { readonly ms: number; readonly cpuMs: number };
  close(): void;
}

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456;
  CREATE TABLE docs (id TEXT PRIMARY KEY, v INTEGER, tenant TEXT, user TEXT, status TEXT, at INTEGER,
    amount INTEGER, body BLOB) WITHOUT ROWID;
  CREATE INDEX page ON docs (tenant, status, at DESC);
  CREATE INDEX users ON docs (user, at DESC);
`;

const columnsOf = (n: number, v: number): SQLInputValue[] => {
  const doc = notification(n, v);
  const body = BSON.serialize(doc);
  return [doc._id, v, doc['tenant'] as string, doc['userId'] as string, doc['status'] as string]
    .concat((doc['at'] as Date).getTime(), doc['amount'] as number)
    .concat(body as never);
};

const timed = (operations: number, work: () => void): Bare => {
  const before = process.cpuUsage();
  const began = performance.now();
  work();
  const seconds = (performance.now() - began) / 1_000;
  const cpu = process.cpuUsage(before);
  return {
    perSecond: Math.round(operations / seconds),
    cpuUs: round((cpu.user + cpu.system) / operations),
  };
};

/** A database in the folder that holds `documents` rows. */
export const openBareDatabase = (folder: string, documents: number): BareDatabase => {
  const sql = new DatabaseSync(join(folder, 'bare.db'));
  sql.exec(schema);
  const put = sql.prepare(
    'INSERT INTO docs VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET v = excluded.v, ' +
      'status = excluded.status, amount = excluded.amount, body = excluded.body',
  );
  const replace = sql.prepare('UPDATE docs SET v = ?, body = ? WHERE id = ? AND v = ?');
  const setState = sql.prepare('UPDATE docs SET v = ?, status = ?, body = ? WHERE id = ?');
  const page = sql.prepare(
    'SELECT body FROM docs WHERE tenant = ? AND status = ? ORDER BY at DESC LIMIT 20',
  );
  page.setReturnArrays(true);
  const revision = new Map<number, number>();
  let next = documents;

  const inBatches = (list: readonly SQLInputValue[][], batch: number, run: typeof put) => {
    for (let at = 0; at < list.length; at += batch) {
      sql.exec('BEGIN IMMEDIATE');
      for (const row of list.slice(at, at + batch)) run.run(...row);
      sql.exec('COMMIT');
    }
  };
  for (let n = 0; n < documents; n += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, documents - n) }, (_, i) =>
      columnsOf(n + i, 0),
    );
    inBatches(rows, 10_000, put);
  }
  const bump = (n: number): number => {
    const v = (revision.get(n) ?? 0) + 1;
    revision.set(n, v);
    return v;
  };
  return {
    upsert: (rows, batch, which) => {
      const list = Array.from({ length: rows }, (_, i) =>
        which === 'new'
          ? columnsOf(next++, 0)
          : columnsOf((i * 7) % documents, bump((i * 7) % documents)),
      );
      return timed(rows, () => inBatches(list, batch, put));
    },
    guarded: (rows, batch) => {
      const list = Array.from({ length: rows }, (_, i): SQLInputValue[] => {
        const n = (i * 7) % documents;
        const before = revision.get(n) ?? 0;
        const v = bump(n);
        return [v, BSON.serialize(notification(n, v)), notification(n, v)._id, before];
      });
      return timed(rows, () => inBatches(list, batch, replace));
    },
    update: (rows, batch) => {
      const list = Array.from({ length: rows }, (_, i): SQLInputValue[] => {
        const n = (i * 7) % documents;
        const v = bump(n);
        const doc = { ...notification(n, v), status: `STATUS_${v % STATES}` };
        return [v, doc.status, BSON.serialize(doc), doc._id];
      });
      return timed(rows, () => inBatches(list, batch, setState));
    },
    pages: (count) =>
      timed(count, () => {
        for (let i = 0; i < count; i++) page.all(`tenant-${i % TENANTS}`, `STATUS_${i % STATES}`);
      }),
    group: () => {
      const before = process.cpuUsage();
      const began = performance.now();
      sql
        .prepare('SELECT status, COUNT(*), SUM(amount), AVG(amount) FROM docs GROUP BY status')
        .all();
      const cpu = process.cpuUsage(before);
      return {
        ms: Math.round(performance.now() - began),
        cpuMs: Math.round((cpu.user + cpu.system) / 1_000),
      };
    },
    close: () => sql.close(),
  };
};
