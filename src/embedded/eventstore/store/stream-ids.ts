/**
 * The numbers of streams by their names. A new stream's name belongs at a random place of a large
 * table, and one such page per append would cost more than the append; so new names wait in memory,
 * and go into the table many at a time, in its order. Until then the log itself has them: the first
 * event of each stream tells its name and number.
 */
import { streamOf } from '../record.ts';
import { MERGED_STREAMS, type Database } from './database.ts';
import { openNameFilter } from './name-filter.ts';

export interface StreamIds {
  /** 0 when there is no such stream. */
  idOf(name: string): number;
  /** Inside the transaction that writes the stream's first event. */
  add(name: string, id: number): void;
  /** Puts what waits into the table. Inside a transaction, and before first events are removed. */
  merge(head: number): void;
  /** As `merge`, once enough waits. Inside a transaction. */
  mergeSome(head: number): void;
  /** Back to what the file says. */
  reset(): void;
}

/** New names that may wait; as many are looked up in the log when the store is opened. */
const MOST_WAITING = 16_384;
/** Names put into the table by one statement. */
const ROWS = 64;
/** Events that may come after the last merge, which are looked through then. */
const MOST_EVENTS = 50_000;

/** @param count of streams there are, at most. */
export function openStreamIds(
  database: Database,
  tombstoneRevision: number,
  count: number,
): StreamIds {
  const select = database.prepare('SELECT id FROM streams WHERE name = ?');
  const insert = database.prepare('INSERT INTO streams (name, id) VALUES (?, ?)');
  const insertRows = database.prepare(
    `INSERT INTO streams (name, id) VALUES ${Array<string>(ROWS).fill('(?, ?)').join(', ')}`,
  );
  const selectMerged = database.prepare('SELECT value FROM progress WHERE name = ?');
  const upsertMerged = database.prepare(
    'INSERT INTO progress (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
  );
  const selectFirst = database.prepare(
    `SELECT stream, record FROM events
     WHERE position > ? AND (revision = 0 OR revision = ${tombstoneRevision})`,
  );
  const waiting = new Map<string, number>();
  const filter = openNameFilter(database, count);
  let merged = 0;

  const idInTable = (name: string): number =>
    (select.get(name) as readonly [number] | undefined)?.[0] ?? 0;
  const reset = (): void => {
    waiting.clear();
    merged = (selectMerged.get(MERGED_STREAMS) as readonly [number] | undefined)?.[0] ?? 0;
    for (const row of selectFirst.iterate(merged)) {
      const [id, record] = row as unknown as readonly [number, Uint8Array];
      const name = streamOf(record);
      // A tombstone may be the end of a stream that is in the table.
      if (!waiting.has(name) && idInTable(name) === 0) waiting.set(name, id);
    }
  };
  const merge = (head: number): void => {
    const rows = [...waiting].sort(([a], [b]) => (a < b ? -1 : 1));
    let done = 0;
    for (; done + ROWS <= rows.length; done += ROWS) {
      insertRows.run(...rows.slice(done, done + ROWS).flat());
    }
    for (const [name, id] of rows.slice(done)) insert.run(name, id);
    for (const [name] of rows) filter.add(name);
    waiting.clear();
    merged = head;
    upsertMerged.run(MERGED_STREAMS, head);
  };
  reset();

  return {
    idOf: (name) => waiting.get(name) ?? (filter.isAbsent(name) ? 0 : idInTable(name)),
    add: (name, id) => waiting.set(name, id),
    merge(head) {
      if (waiting.size > 0) merge(head);
    },
    mergeSome(head) {
      if (waiting.size >= MOST_WAITING || head - merged >= MOST_EVENTS) merge(head);
    },
    reset,
  };
}
