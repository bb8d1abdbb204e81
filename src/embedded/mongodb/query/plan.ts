import type { Doc } from '../bson/document.ts';
import { badValue } from '../errors.ts';
import type { Filter } from '../filter/ast.ts';
import { keyOf, keyText, successor } from '../order/keystring.ts';
import type { Collection, Index } from '../store/catalog.ts';
import { boundsByPath, indexable } from './bounds.ts';
import type { Bounds, Interval } from './bounds.ts';
import { impliesPartial } from './partial.ts';
import { planIndex } from './plan-index.ts';
import type { IndexPlan } from './plan-index.ts';
import type { SortSpec } from './sort.ts';

/** How documents are found. Whatever the plan, the filter is applied to every document it finds. */
export interface Plan {
  /** The index, or undefined for a scan of the collection or a union. */
  readonly index: Index | undefined;
  readonly intervals: readonly Interval[];
  readonly reverse: boolean;
  /** Whether documents come in the order of the sort. */
  readonly sorted: boolean;
  /** How many of the index's fields the filter binds, for `explain`. */
  readonly bound: number;
  /** Whole keys of a unique index, each of which finds one document at most. */
  readonly exact: readonly Buffer[] | undefined;
  /** Per interval, how many bytes of its keys don't count for the order; the intervals are merged by the rest. */
  readonly mergeBehind: readonly number[] | undefined;
  /** Plans for the branches of an `$or`, each with an index. */
  readonly union: readonly Plan[];
}

const scanAll = {
  index: undefined,
  intervals: [],
  reverse: false,
  bound: 0,
  exact: undefined,
  mergeBehind: undefined,
  union: [],
} as const;

/** Chooses how to find the documents of a filter in the order of a sort. */
export function choosePlan(
  collection: Collection,
  filter: Filter,
  sort: SortSpec | undefined,
  hint: string | Doc | undefined,
): Plan {
  if (hint !== undefined) return hintedPlan(collection, filter, sort, hint);
  const one = planById(collection, filter);
  if (one) return one;
  const bounds = boundsByPath(filter);
  let best: IndexPlan | undefined;
  for (const index of collection.indexes) {
    if (!starts(index, bounds, sort) || !usable(index, filter)) continue;
    const plan = planIndex(index, bounds, sort, false);
    if (plan && plan.score > (best?.score ?? 0)) best = plan;
    if (best?.exact) break;
  }
  if (best && best.bound > 0) return { ...best, union: [] };
  const union = planUnion(collection, filter);
  if (union) return { ...scanAll, sorted: !sort, union };
  return best ? { ...best, union: [] } : { ...scanAll, sorted: !sort };
}

/** The plan of a filter that asks for one `_id`: no other can be better. */
function planById(collection: Collection, filter: Filter): Plan | undefined {
  const [index] = collection.indexes;
  const id = filter.kind === 'and' ? filter.filters.find(isOneId) : isOneId(filter) ? filter : null;
  if (!index || id?.kind !== 'path' || id.test.kind !== 'eq') return undefined;
  const key = keyOf(id.test.value);
  const interval = { from: key, to: successor(key) };
  const exact = { index, intervals: [interval], sorted: true, bound: 1, exact: [key] };
  return { ...scanAll, ...exact };
}

function isOneId(filter: Filter): boolean {
  if (filter.kind !== 'path' || filter.path.length > 1 || filter.path[0] !== '_id') return false;
  const { test } = filter;
  return test.kind === 'eq' && test.value !== null && indexable(test.value);
}

/** Whether an index's first field is asked or sorted by; without it the index is of no use. */
function starts({ spec }: Index, bounds: ReadonlyMap<string, Bounds>, sort: SortSpec | undefined) {
  const first = spec.fields[0]?.name ?? '';
  return bounds.has(first) || sort?.some(({ name }) => name === first) === true;
}

function usable({ spec }: Index, filter: Filter): boolean {
  return !spec.partial || impliesPartial(filter, spec.partial.filter);
}

function hintedPlan(
  collection: Collection,
  filter: Filter,
  sort: SortSpec | undefined,
  hint: string | Doc,
): Plan {
  if (typeof hint !== 'string' && hint.has('$natural')) return { ...scanAll, sorted: !sort };
  const index = collection.indexes.find(({ spec }) =>
    typeof hint === 'string' ? spec.name === hint : keyText(spec.key) === keyText(hint),
  );
  if (!index) {
    throw badValue(
      'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
    );
  }
  const plan = usable(index, filter)
    ? planIndex(index, boundsByPath(filter), sort, true)
    : undefined;
  if (!plan) {
    throw badValue('error processing query: the hinted partial index does not hold all matches');
  }
  return { ...plan, union: [] };
}

/** One plan per branch of a required `$or`, if every branch has an index to start from. */
function planUnion(collection: Collection, filter: Filter): readonly Plan[] | undefined {
  const parts = filter.kind === 'and' ? filter.filters : [filter];
  const either = parts.find((part) => part.kind === 'or');
  if (either?.kind !== 'or') return undefined;
  const others = parts.filter((part) => part !== either);
  const plans = either.filters.map((branch) =>
    choosePlan(
      collection,
      { kind: 'and', filters: flat([...others, branch]) },
      undefined,
      undefined,
    ),
  );
  return plans.every((plan) => plan.index ?? plan.union.length > 0) ? plans : undefined;
}

function flat(filters: readonly Filter[]): readonly Filter[] {
  return filters.flatMap((part) => (part.kind === 'and' ? part.filters : [part]));
}
