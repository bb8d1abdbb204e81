import { keyOfParts, successor } from '../order/keystring.ts';
import type { Index } from '../store/catalog.ts';
import { admitsMissing } from './bounds.ts';
import type { Bounds, Interval } from './bounds.ts';
import type { SortSpec } from './sort.ts';

/** How one index finds documents. */
export interface IndexPlan {
  readonly index: Index;
  readonly intervals: readonly Interval[];
  readonly reverse: boolean;
  readonly sorted: boolean;
  readonly bound: number;
  readonly exact: readonly Buffer[] | undefined;
  /** Lengths of the intervals' fixed prefixes, when they have to be merged to come out sorted. */
  readonly mergeBehind: readonly number[] | undefined;
  /** How good the plan is; only for comparing plans. */
  readonly score: number;
}

const everything: Interval = { from: Buffer.alloc(0), to: Buffer.from([0xff, 0xff]) };

/** At most this many intervals come from the product of several `$in`, and this many are merged. */
const maxIntervals = 5_000;
const maxMerged = 100;

interface Prefixes {
  readonly keys: readonly Buffer[];
  /** Names of fields bound to one value, and of fields bound to a list. */
  readonly points: ReadonlySet<string>;
  readonly lists: ReadonlySet<string>;
  /** Whether a bound field can't be missing. */
  readonly present: boolean;
}

/** Plans an index, or answers undefined when it is of no use. A `forced` index is read in full if need be. */
export function planIndex(
  index: Index,
  bounds: ReadonlyMap<string, Bounds>,
  sort: SortSpec | undefined,
  forced: boolean,
): IndexPlan | undefined {
  const { fields, unique, sparse } = index.spec;
  const prefixes = bindPrefix(index, bounds);
  const { points, lists } = prefixes;
  const fixed = points.size + lists.size;
  const next = fields[fixed];
  const range = next && !conflicts(index, fixed) ? bounds.get(next.name) : undefined;
  const ranges = range && !range.points ? range : undefined;
  const bound = fixed + (ranges ? 1 : 0);
  if (sparse && !prefixes.present && !ranges && !forced) return undefined;

  const ordered = index.multikey ? undefined : sortDirection(index, sort, points, points);
  const all = new Set([...points, ...lists]);
  const merged =
    !ordered && !index.multikey && lists.size > 0 && prefixes.keys.length <= maxMerged
      ? sortDirection(index, sort, points, all)
      : undefined;
  const direction = ordered ?? merged;
  const sorted = !sort || direction !== undefined;
  if (bound === 0 && !forced && (!sort || !sorted)) return undefined;

  const pieces = prefixes.keys.flatMap((prefix) => {
    const list =
      ranges && next
        ? ranges
            .intervals(next.descending, index.multikey)
            .map(({ from, to }) => within(prefix, from, to))
        : [fixed === 0 ? everything : { from: prefix, to: successor(prefix) }];
    return list.map((interval) => ({ interval, behind: prefix.length }));
  });
  const raw = pieces.map(({ interval }) => interval);
  const intervals = merged ? raw : inOrder(raw);
  const isExact = unique && fixed === fields.length;
  const score =
    (isExact ? 1000 : 0) +
    points.size * 40 +
    lists.size * 25 +
    (ranges ? 15 : 0) +
    (sort && sorted ? 30 : 0) -
    fields.length;
  return {
    index,
    intervals,
    reverse: direction === 'backward',
    sorted,
    bound,
    exact: isExact && !sort ? distinctKeys(prefixes.keys) : undefined,
    mergeBehind: merged ? pieces.map(({ behind }) => behind) : undefined,
    score,
  };
}

function within(prefix: Buffer, from: Buffer, to: Buffer): Interval {
  return { from: Buffer.concat([prefix, from]), to: Buffer.concat([prefix, to]) };
}

/** The key prefixes of the leading fields that are bound to single values or lists of them. */
function bindPrefix(index: Index, bounds: ReadonlyMap<string, Bounds>): Prefixes {
  let keys: readonly Buffer[] = [Buffer.alloc(0)];
  const points = new Set<string>();
  const lists = new Set<string>();
  let present = false;
  for (const [at, field] of index.spec.fields.entries()) {
    const bound = bounds.get(field.name);
    if (!bound?.points || conflicts(index, at)) break;
    const values = bound.points;
    if (keys.length * values.length > maxIntervals) break;
    const own = distinctKeys(
      values.map((value) => keyOfParts([{ value, descending: field.descending }])),
    );
    keys =
      at === 0 ? own : keys.flatMap((prefix) => own.map((key) => Buffer.concat([prefix, key])));
    (own.length === 1 ? points : lists).add(field.name);
    present ||= !admitsMissing(bound);
  }
  return { keys, points, lists, present };
}

function distinctKeys(keys: readonly Buffer[]): readonly Buffer[] {
  if (keys.length < 2) return keys;
  return [...new Map(keys.map((key) => [key.toString('latin1'), key])).values()];
}

/** In a multikey index two fields below the same array can't both be bound: their values may be of different elements. */
function conflicts(index: Index, at: number): boolean {
  if (!index.multikey) return false;
  const { fields } = index.spec;
  const next = fields[at]?.path[0];
  return fields.slice(0, at).some((field) => field.path[0] === next);
}

/**
 * Which way to read the index for the sort: `constant` fields are the same in all documents found,
 * `skipped` ones are the same within one interval.
 */
function sortDirection(
  index: Index,
  sort: SortSpec | undefined,
  constant: ReadonlySet<string>,
  skipped: ReadonlySet<string>,
): 'forward' | 'backward' | undefined {
  if (!sort) return undefined;
  const fields = index.spec.fields.filter((field) => !skipped.has(field.name));
  const wanted = sort.filter((part) => !constant.has(part.name));
  let direction: 'forward' | 'backward' | undefined;
  for (const [at, part] of wanted.entries()) {
    const field = fields[at];
    if (field?.name !== part.name) return undefined;
    const way = field.descending === part.descending ? 'forward' : 'backward';
    direction ??= way;
    if (direction !== way) return undefined;
  }
  return direction ?? 'forward';
}

/** Sorted, overlapping ones joined, so that no document is found twice through them. */
function inOrder(intervals: readonly Interval[]): readonly Interval[] {
  const [only] = intervals;
  if (only && intervals.length === 1) return only.from.compare(only.to) < 0 ? intervals : [];
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
