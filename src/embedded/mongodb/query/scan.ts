import { Doc } from '../bson/document.ts';
import type { Collection } from '../store/catalog.ts';
import type { Stored } from '../store/documents.ts';
import type { Cost } from '../store/cost.ts';
import { bytes } from '../store/sql.ts';
import type { Sql } from '../store/sql.ts';
import type { Interval } from './bounds.ts';
import type { Plan } from './plan.ts';

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
  if (plan.union.length > 0) {
    yield* scanUnion(sql, collection, plan.union, cost);
    return;
  }
  if (plan.mergeBehind) {
    yield* scanMerged(sql, collection, plan, plan.mergeBehind, cost, Math.min(first, firstChunk));
    return;
  }
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

/** The documents of several plans, each once. */
function* scanUnion(
  sql: Sql,
  collection: Collection,
  plans: readonly Plan[],
  cost: Cost,
): Generator<Stored> {
  const seen = new Set<number>();
  for (const plan of plans) {
    for (const stored of scan(sql, collection, plan, cost)) {
      if (seen.has(stored.row)) continue;
      seen.add(stored.row);
      yield stored;
    }
  }
}

/** Several intervals read side by side, so that the documents come in the order of the keys' rest. */
function* scanMerged(
  sql: Sql,
  collection: Collection,
  plan: Plan,
  behind: readonly number[],
  cost: Cost,
  first: number,
): Generator<Stored> {
  const streams = plan.intervals.map((interval, i) => {
    const flow = scanIndex(sql, collection, plan, interval, cost, first);
    return { flow, behind: behind[i] ?? 0, head: flow.next() };
  });
  const sign = plan.reverse ? -1 : 1;
  for (;;) {
    let best: { stream: (typeof streams)[number]; found: Keyed; rest: Buffer } | undefined;
    for (const stream of streams) {
      if (stream.head.done) continue;
      const found = stream.head.value;
      const rest = found.key.subarray(stream.behind);
      if (!best || rest.compare(best.rest) * sign < 0) best = { stream, found, rest };
    }
    if (!best) return;
    yield best.found;
    best.stream.head = best.stream.flow.next();
  }
}

interface Keyed extends Stored {
  readonly key: Buffer;
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
): Generator<Keyed> {
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
      key = bytes(found[0]);
      yield { row, doc: Doc.at(bytes(found[2])), key };
    }
    if (rows.length < size) return;
    size = Math.min(size * 4, largestChunk);
  }
}
