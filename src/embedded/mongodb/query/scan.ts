import { Doc } from '../bson/document.ts';
import type { Collection } from '../store/catalog.ts';
import type { Stored } from '../store/documents.ts';
import { bytes } from '../store/sql.ts';
import type { Sql } from '../store/sql.ts';
import type { Interval } from './bounds.ts';
import type { Plan } from './plan.ts';

/** What a scan cost. */
export interface Cost {
  docs: number;
  keys: number;
  /** The index last used; empty for a scan of the collection. */
  index: string;
}

const firstChunk = 32;
const largestChunk = 512;

/**
 * The documents a plan finds, before the filter. Rows are fetched in chunks and the scan goes on behind the
 * last key it saw, so that no statement stays open while others write.
 */
export function* scan(
  sql: Sql,
  collection: Collection,
  plan: Plan,
  cost: Cost,
  wanted = 0,
): Generator<Stored> {
  const first = wanted > 0 ? Math.min(wanted, largestChunk) : firstChunk;
  if (!plan.index) {
    yield* scanRows(sql, collection, cost, first);
    return;
  }
  const seen = plan.index.multikey ? new Set<number>() : undefined;
  const intervals = plan.reverse ? [...plan.intervals].reverse() : plan.intervals;
  for (const interval of intervals) {
    for (const stored of scanIndex(sql, collection, plan, interval, cost, first)) {
      if (seen?.has(stored.row)) continue;
      seen?.add(stored.row);
      yield stored;
    }
  }
}

function* scanRows(sql: Sql, collection: Collection, cost: Cost, first: number): Generator<Stored> {
  const text = `SELECT r, b FROM d${collection.id} WHERE r > ? ORDER BY r LIMIT ?`;
  let last = 0;
  let size = first;
  for (;;) {
    const rows = sql.all(text, last, size);
    for (const row of rows) {
      last = row[0] as number;
      cost.docs++;
      yield { row: last, doc: Doc.at(bytes(row[1])) };
    }
    if (rows.length < size) return;
    size = Math.min(size * 4, largestChunk);
  }
}

function* scanIndex(
  sql: Sql,
  collection: Collection,
  plan: Plan,
  interval: Interval,
  cost: Cost,
  first: number,
): Generator<Stored> {
  const id = plan.index?.id ?? 0;
  const from = `FROM x${id} AS x CROSS JOIN d${collection.id} AS d ON d.r = x.r`;
  const text = plan.reverse
    ? `SELECT x.k, x.r, d.b ${from} WHERE x.k >= ? AND (x.k, x.r) < (?, ?) ORDER BY x.k DESC, x.r DESC LIMIT ?`
    : `SELECT x.k, x.r, d.b ${from} WHERE (x.k, x.r) > (?, ?) AND x.k < ? ORDER BY x.k, x.r LIMIT ?`;
  let key = plan.reverse ? interval.to : interval.from;
  let row = -1;
  let size = first;
  for (;;) {
    const rows = plan.reverse
      ? sql.all(text, interval.from, key, row, size)
      : sql.all(text, key, row, interval.to, size);
    for (const found of rows) {
      cost.keys++;
      cost.docs++;
      row = found[1] as number;
      yield { row, doc: Doc.at(bytes(found[2])) };
    }
    if (rows.length < size) return;
    key = bytes(rows.at(-1)?.[0]);
    size = Math.min(size * 4, largestChunk);
  }
}
