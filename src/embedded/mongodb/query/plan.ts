import type { Doc } from '../bson/document.ts';
import type { Filter } from '../filter/ast.ts';
import { keyOfParts, successor } from '../order/keystring.ts';
import type { Collection, Index } from '../store/catalog.ts';
import { badValue } from '../errors.ts';
import { admitsMissing, boundsByPath } from './bounds.ts';
import type { Bounds, Interval } from './bounds.ts';
import { impliesPartial } from './partial.ts';
import type { SortSpec } from './sort.ts';

/** How documents are found. Whatever the plan, the filter is applied to every document it finds. */
export interface Plan {
  /** The index, or undefined for a scan of the collection. */
  readonly index: Index | undefined;
  readonly intervals: readonly Interval[];
  readonly reverse: boolean;
  /** Whether documents come in the order of the sort. */
  readonly sorted: boolean;
  /** How many of the index's fields the filter binds, for `explain`. */
  readonly bound: number;
  /** Whole keys of a unique index, each of which finds one document at most. */
  readonly exact: readonly Buffer[] | undefined;
}

const everything: Interval = { from: Buffer.alloc(0), to: Buffer.from([0xff, 0xff]) };

/** At most this many intervals come from the product of several `$in`. */
const maxIntervals = 5_000;

/** Chooses how to find the documents of a filter in the order of a sort. */
export function choosePlan(
  collection: Collection,
  filter: Filter,
  sort: SortSpec | undefined,
  hint: string | Doc | undefined,
): Plan {
  const natural: Plan = {
    index: undefined,
    intervals: [],
    reverse: false,
    sorted: !sort,
    bound: 0,
    exact: undefined,
  };
  const bounds = boundsByPath(filter);
  const candidates = hint === undefined ? collection.indexes : [hinted(collection, hint)];
  let best = natural;
  let bestScore = hint === undefined ? 0 : -1;
  for (const index of candidates) {
    if (index === undefined) return natural;
    if (bestScore > 1000) break;
    const usable = index.spec.partial ? impliesPartial(filter, index.spec.partial.filter) : true;
    const plan = usable ? planIndex(index, bounds, sort) : undefined;
    if (!plan) continue;
    const score = plan.score;
    if (score > bestScore) {
      best = plan.plan;
      bestScore = score;
    }
  }
  if (hint !== undefined && bestScore < 0) {
    throw badValue('hint provided does not correspond to an index that can answer this query');
  }
  return best;
}

function hinted(collection: Collection, hint: string | Doc): Index | undefined {
  if (typeof hint !== 'string' && hint.has('$natural')) return undefined;
  const found = collection.indexes.find(({ spec }) =>
    typeof hint === 'string' ? spec.name === hint : sameKey(spec.key, hint),
  );
  if (!found) {
    throw badValue('error processing query: planner returned error: bad hint: no such index');
  }
  return found;
}

function sameKey(a: Doc, b: Doc): boolean {
  return keyOfParts([{ value: a, descending: false }]).equals(
    keyOfParts([{ value: b, descending: false }]),
  );
}

interface Scored {
  readonly plan: Plan;
  readonly score: number;
}

function planIndex(
  index: Index,
  bounds: ReadonlyMap<string, Bounds>,
  sort: SortSpec | undefined,
): Scored | undefined {
  const { fields, unique } = index.spec;
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let points = 0;
  let lists = 0;
  let ranged = false;
  let intervals: Interval[] | undefined;
  let present = false;
  for (const field of fields) {
    const bound = bounds.get(field.name);
    if (!bound || (points + lists > 0 && conflicts(index, fields, points + lists))) break;
    present ||= !admitsMissing(bound);
    if (bound.points) {
      if (prefixes.length * bound.points.length > maxIntervals) break;
      const keys = bound.points.map((value) =>
        keyOfParts([{ value, descending: field.descending }]),
      );
      prefixes = prefixes.flatMap((prefix) => keys.map((key) => Buffer.concat([prefix, key])));
      if (bound.points.length === 1) points++;
      else lists++;
      continue;
    }
    const ranges = bound.intervals(field.descending, index.multikey);
    intervals = prefixes.flatMap((prefix) =>
      ranges.map(({ from, to }) => ({
        from: Buffer.concat([prefix, from]),
        to: Buffer.concat([prefix, to]),
      })),
    );
    ranged = true;
    break;
  }
  const bound = points + lists + (ranged ? 1 : 0);
  const direction = sort && !index.multikey ? sortDirection(index, sort, points, lists) : undefined;
  const sorted = !sort || direction !== undefined;
  if (index.spec.sparse && !present) return undefined;
  if (bound === 0 && direction === undefined) return undefined;
  intervals ??=
    bound === 0
      ? [everything]
      : prefixes.map((prefix) => ({ from: prefix, to: successor(prefix) }));
  intervals = inOrder(intervals);
  const exact = unique && points + lists === fields.length;
  const score =
    (exact ? 1000 : 0) + points * 40 + lists * 25 + (ranged ? 15 : 0) + (sort && sorted ? 30 : 0);
  const plan: Plan = {
    index,
    intervals,
    reverse: direction === 'backward',
    sorted,
    bound,
    exact: exact && !sort ? prefixes : undefined,
  };
  return { plan, score: score - fields.length };
}

/** In a multikey index two fields below the same array can't both be bound: their values may be of different elements. */
function conflicts(index: Index, fields: Index['spec']['fields'], used: number): boolean {
  if (!index.multikey) return false;
  const next = fields[used]?.path[0];
  return fields.slice(0, used).some((field) => field.path[0] === next);
}

/** Which way to read the index for the sort, when the fields bound to one value are skipped. */
function sortDirection(
  index: Index,
  sort: SortSpec,
  points: number,
  lists: number,
): 'forward' | 'backward' | undefined {
  if (lists > 0) return undefined;
  const { fields } = index.spec;
  const equal = new Set(fields.slice(0, points).map((field) => field.name));
  const wanted = sort.filter((part) => !equal.has(part.name));
  let direction: 'forward' | 'backward' | undefined;
  let at = points;
  for (const part of wanted) {
    const field = fields[at++];
    if (field?.name !== part.name) return undefined;
    const way = field.descending === part.descending ? 'forward' : 'backward';
    direction ??= way;
    if (direction !== way) return undefined;
  }
  return direction ?? 'forward';
}

/** Sorted, overlapping ones joined, so that no document is found twice through them. */
function inOrder(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => a.from.compare(b.from));
  const merged: Interval[] = [];
  for (const next of sorted) {
    const last = merged.at(-1);
    if (last && next.from.compare(last.to) <= 0) {
      if (next.to.compare(last.to) > 0)
        merged[merged.length - 1] = { from: last.from, to: next.to };
    } else if (next.from.compare(next.to) < 0) merged.push(next);
  }
  return merged;
}
