import { Doc } from '../bson/document.ts';
import { keyOf } from '../order/keystring.ts';
import type { Collection } from '../store/catalog.ts';
import { documentKeys } from '../store/keys.ts';
import { bytes } from '../store/sql.ts';
import type { Row, Sql } from '../store/sql.ts';
import type { Interval } from './bounds.ts';
import type { Plan } from './plan.ts';
import type { Cost } from '../store/cost.ts';

/** Chunks aim at this many bytes; a first chunk holds no more than `firstDocs` documents. */
const chunkBytes = 2 * 1024 * 1024;
const firstDocs = 32;
const mostDocs = 512;

/**
 * The documents a plan finds, without their rows, for reads. SQLite joins the documents of a chunk into one
 * blob (each begins with its length), which costs a third of fetching them row by row.
 * Not for multikey indexes, where a document could be met twice.
 */
export function* scanDocs(
  sql: Sql,
  collection: Collection,
  plan: Plan,
  cost: Cost,
  wanted: number,
): Generator<Doc> {
  const size = { next: wanted > 0 ? Math.min(wanted, firstDocs) : firstDocs };
  if (!plan.index) {
    yield* natural(sql, collection, cost, size);
    return;
  }
  const intervals = plan.reverse ? [...plan.intervals].reverse() : plan.intervals;
  for (const interval of intervals) {
    yield* inIndex(sql, collection, plan, interval, cost, size);
  }
}

interface Size {
  next: number;
}

const joined = "COUNT(*), CAST(group_concat(b, '') AS BLOB)";

function* natural(sql: Sql, collection: Collection, cost: Cost, size: Size): Generator<Doc> {
  const text =
    `SELECT ${joined}, MAX(r) FROM ` +
    `(SELECT r, b FROM d${collection.id} WHERE r > ? ORDER BY r LIMIT ?)`;
  let last = 0;
  for (;;) {
    const asked = size.next;
    const row = sql.get(text, last, asked);
    const count = row?.[0] as number;
    if (!row || count === 0) return;
    last = row[2] as number;
    yield* split(row, cost, size);
    if (count < asked) return;
  }
}

function* inIndex(
  sql: Sql,
  collection: Collection,
  plan: Plan,
  interval: Interval,
  cost: Cost,
  size: Size,
): Generator<Doc> {
  const id = plan.index?.id ?? 0;
  const where = plan.reverse
    ? 'x.k >= ? AND (x.k, x.r) < (?, ?)'
    : '(x.k, x.r) > (?, ?) AND x.k < ?';
  const order = plan.reverse ? 'ORDER BY x.k DESC, x.r DESC' : 'ORDER BY x.k, x.r';
  const docs =
    `SELECT ${joined} FROM (SELECT d.b AS b FROM x${id} AS x CROSS JOIN d${collection.id} AS d ` +
    `ON d.r = x.r WHERE ${where} ${order} LIMIT ?)`;
  let key = plan.reverse ? interval.to : interval.from;
  let rowId = -1;
  for (;;) {
    const asked = size.next;
    const range = plan.reverse ? [interval.from, key, rowId] : [key, rowId, interval.to];
    const row = sql.get(docs, ...range, asked);
    const count = row?.[0] as number;
    if (!row || count === 0) return;
    cost.keys += count;
    const last = yield* split(row, cost, size);
    if (count < asked || !plan.index) return;
    key = documentKeys(plan.index.spec, last).keys[0] ?? key;
    rowId = rowOf(sql, collection, last);
  }
}

/** The row of a document just read; where it was deleted meanwhile, the scan goes on at its key. */
function rowOf(sql: Sql, collection: Collection, doc: Doc): number {
  const id = keyOf(doc.get('_id') ?? null);
  const found = sql.get(`SELECT r FROM x${collection.indexes[0]?.id ?? 0} WHERE k = ?`, id);
  return (found?.[0] ?? -1) as number;
}

/** The documents of a chunk; answers the last. */
function* split(row: Row, cost: Cost, size: Size): Generator<Doc, Doc> {
  const count = row[0] as number;
  const chunk = bytes(row[1]);
  cost.docs += count;
  const each = Math.max(Math.ceil(chunk.length / count), 1);
  size.next = Math.max(1, Math.min(size.next * 4, mostDocs, Math.floor(chunkBytes / each)));
  let last = Doc.at(chunk, 0);
  for (let at = 0; at < chunk.length; at += chunk.readInt32LE(at)) {
    last = Doc.at(chunk, at);
    yield last;
  }
  return last;
}
