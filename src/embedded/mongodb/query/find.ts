import { Doc } from '../bson/document.ts';
import type { Variables } from '../aggregate/expressions.ts';
import { compileFilter } from '../filter/match.ts';
import type { Matcher } from '../filter/match.ts';
import { parseFilter } from '../filter/parse.ts';
import type { Filter } from '../filter/ast.ts';
import type { Collection } from '../store/catalog.ts';
import type { Stored } from '../store/documents.ts';
import { bytes } from '../store/sql.ts';
import type { Sql } from '../store/sql.ts';
import { choosePlan } from './plan.ts';
import { isCovered } from './covered.ts';
import type { Plan } from './plan.ts';
import { scan } from './scan.ts';
import { scanDocs } from './scan-docs.ts';
import type { Cost } from '../store/cost.ts';
import { sorted } from './sort.ts';
import type { SortSpec } from './sort.ts';

/** A filter made ready for one collection. */
export interface Query {
  readonly filter: Filter;
  readonly matches: Matcher;
  readonly plan: Plan;
  readonly sort: SortSpec | undefined;
}

/** What narrows a query beside its filter. */
export interface QueryOptions {
  readonly sort?: SortSpec | undefined;
  readonly hint?: string | Doc | undefined;
  /** What the filter's `$expr` may read as `$$name`. */
  readonly variables?: Variables;
}

const noVariables: Variables = new Map();

/** Parses a filter and chooses how to answer it. */
export function prepare(collection: Collection, filter: Doc, options: QueryOptions = {}): Query {
  const parsed = parseFilter(filter, options.variables ?? noVariables);
  const plan = choosePlan(collection, parsed, options.sort, options.hint);
  return {
    filter: parsed,
    matches: isCovered(parsed, plan) ? () => true : compileFilter(parsed),
    plan,
    sort: options.sort,
  };
}

/** After this many documents without a match a scan pauses, so that others get their turn. */
const pauseEvery = 128;

/**
 * The stored documents that match, in the plan's order. Yields undefined now and then where the caller may
 * pause. `wanted` is how many are likely to be taken.
 */
export function* matching(
  sql: Sql,
  collection: Collection,
  query: Query,
  cost: Cost,
  wanted = 0,
): Generator<Stored | undefined> {
  const { plan, matches } = query;
  cost.index = planName(plan);
  if (plan.exact) {
    yield* byKeys(sql, collection, query, plan.exact, cost);
    return;
  }
  let missed = 0;
  for (const stored of scan(sql, collection, plan, cost, wanted)) {
    if (matches(stored.doc)) yield stored;
    else if (++missed % pauseEvery === 0) yield undefined;
  }
}

function* byKeys(
  sql: Sql,
  collection: Collection,
  query: Query,
  keys: readonly Buffer[],
  cost: Cost,
): Generator<Stored | undefined> {
  const index = query.plan.index;
  const text = `SELECT d.r, d.b FROM x${index?.id ?? 0} AS x CROSS JOIN d${collection.id} AS d ON d.r = x.r WHERE x.k = ?`;
  const seen = keys.length > 1 ? new Set<number>() : undefined;
  for (const key of keys) {
    cost.keys++;
    const found = sql.get(text, key);
    if (!found) continue;
    cost.docs++;
    const row = found[0] as number;
    if (seen?.has(row)) continue;
    seen?.add(row);
    const doc = Doc.at(bytes(found[1]));
    if (query.matches(doc)) yield { row, doc };
    else if (cost.keys % pauseEvery === 0) yield undefined;
  }
}

/** The matching documents in the plan's order, without their rows: what reads need. */
export function* matchingDocs(
  sql: Sql,
  collection: Collection,
  query: Query,
  cost: Cost,
  wanted = 0,
): Generator<Doc | undefined> {
  const { plan, matches } = query;
  const byRow = plan.exact ?? plan.mergeBehind ?? plan.index?.multikey;
  if (byRow || plan.union.length > 0) {
    yield* documents(matching(sql, collection, query, cost, wanted));
    return;
  }
  cost.index = planName(plan);
  let missed = 0;
  for (const doc of scanDocs(sql, collection, plan, cost, wanted)) {
    if (matches(doc)) yield doc;
    else if (++missed % pauseEvery === 0) yield undefined;
  }
}

/** The matching documents in the order of the query's sort. */
export function* matchingSorted(
  sql: Sql,
  collection: Collection,
  query: Query,
  cost: Cost,
  limit: number,
): Generator<Doc | undefined> {
  const wanted = Number.isFinite(limit) && query.plan.sorted ? limit : 0;
  const docs = matchingDocs(sql, collection, query, cost, wanted);
  if (query.sort && !query.plan.sorted) yield* sorted(docs, query.sort, limit);
  else yield* docs;
}

function* documents(found: Iterable<Stored | undefined>): Generator<Doc | undefined> {
  for (const stored of found) yield stored?.doc;
}

/** The first match in the order of the sort, for updates of one document. */
export function firstMatch(
  sql: Sql,
  collection: Collection,
  query: Query,
  cost: Cost,
): Stored | undefined {
  if (!query.sort || query.plan.sorted) {
    for (const stored of matching(sql, collection, query, cost, 1)) if (stored) return stored;
    return undefined;
  }
  const rows = new Map<Doc, Stored>();
  const docs = (function* (): Generator<Doc | undefined> {
    for (const stored of matching(sql, collection, query, cost)) {
      if (stored) rows.set(stored.doc, stored);
      yield stored?.doc;
    }
  })();
  for (const doc of sorted(docs, query.sort, 1)) if (doc) return rows.get(doc);
  return undefined;
}

/** The indexes a plan uses, for the log; empty for a scan of the collection. */
function planName(plan: Plan): string {
  if (plan.union.length > 0) return plan.union.map(planName).join(' | ');
  return plan.index?.spec.name ?? '';
}
