import { Arr } from '../bson/document.ts';
import { Opaque, Regex } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import type { Filter, Test } from '../filter/ast.ts';
import { prefixOf } from '../filter/regex.ts';
import { keyOf, successor, undefinedValue } from '../order/keystring.ts';

/** A range of index keys: `from` included, `to` excluded. */
export interface Interval {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** What a filter's conjuncts say about one path, as far as an index can use it. */
export interface Bounds {
  /** The values the field has to equal one of. */
  readonly points: readonly Value[] | undefined;
  /** Intervals of one key component, ascending or inverted; one-sided for a multikey index. */
  intervals(descending: boolean, multikey: boolean): readonly Interval[];
}

/** Whether a bound can be met by a document that lacks the field. */
export function admitsMissing(bounds: Bounds): boolean {
  return bounds.points?.includes(null) ?? false;
}

/** The bounds of each path that the filter requires something of. */
export function boundsByPath(filter: Filter): ReadonlyMap<string, Bounds> {
  const tests = new Map<string, Test[]>();
  collect(filter, tests);
  const found = new Map<string, Bounds>();
  for (const [path, list] of tests) {
    const bounds = toBounds(list);
    if (bounds) found.set(path, bounds);
  }
  return found;
}

function collect(filter: Filter, tests: Map<string, Test[]>): void {
  if (filter.kind === 'and') for (const part of filter.filters) collect(part, tests);
  if (filter.kind !== 'path') return;
  const path = filter.path.join('.');
  const list = tests.get(path);
  if (list) list.push(filter.test);
  else tests.set(path, [filter.test]);
}

function toBounds(tests: readonly Test[]): Bounds | undefined {
  let points: readonly Value[] | undefined;
  const ranges: (readonly Range[])[] = [];
  for (const test of tests) {
    const own = pointsOf(test);
    if (own && (!points || own.length < points.length)) points = own;
    const range = rangesOf(test);
    if (range.length > 0) ranges.push(range);
  }
  if (!points && ranges.length === 0) return undefined;
  return {
    points,
    intervals: (descending, multikey) =>
      combined(ranges, multikey)
        .map((range) => toInterval(range, descending))
        .filter(({ from, to }) => from.compare(to) < 0),
  };
}

/** Two sides of a range may be met by two elements of an array, so a multikey index takes one test only. */
function combined(ranges: readonly (readonly Range[])[], multikey: boolean): readonly Range[] {
  const first = ranges[0] ?? [];
  const single = ranges.every((list) => list.length === 1);
  if (multikey || !single) return first;
  return [ranges.flat().reduce(intersect)];
}

/** Values whose keys find every match, or undefined. Null also stands for missing and for an empty array. */
function pointsOf(test: Test): readonly Value[] | undefined {
  if (test.kind === 'eq') return indexable(test.value) ? expand(test.value) : undefined;
  if ((test.kind === 'gte' || test.kind === 'lte') && test.value === null) return expand(null);
  if (test.kind !== 'in' || test.patterns.length > 0) return undefined;
  return test.values.every(indexable) ? test.values.flatMap(expand) : undefined;
}

function expand(value: Value): readonly Value[] {
  return value === null ? [null, undefinedValue] : [value];
}

/** An array equals whole arrays, which an index holds element by element. */
export function indexable(value: Value): boolean {
  return !(value instanceof Arr) && !(value instanceof Regex) && !(value instanceof Opaque);
}

/** A bound is a whole key, or the start of keys. */
interface Bound {
  readonly key: Buffer;
  readonly inclusive: boolean;
}

interface Range {
  readonly low: Bound;
  readonly high: Bound;
}

function rangesOf(test: Test): readonly Range[] {
  if (test.kind === 'regex') {
    const prefix = prefixOf(test.pattern);
    if (prefix === undefined) return [];
    const text = keyOf(prefix);
    // A stored regular expression that equals the pattern matches too.
    return [startingWith(text.subarray(0, text.length - 1)), startingWith(keyOf(test.pattern))];
  }
  if (test.kind !== 'gt' && test.kind !== 'gte' && test.kind !== 'lt' && test.kind !== 'lte') {
    return [];
  }
  if (test.value === null || !indexable(test.value)) return [];
  const key = keyOf(test.value);
  const bracket = startingWith(key.subarray(0, 1));
  const bound: Bound = { key, inclusive: test.kind === 'gte' || test.kind === 'lte' };
  const lower = test.kind === 'gt' || test.kind === 'gte';
  return [lower ? { low: bound, high: bracket.high } : { low: bracket.low, high: bound }];
}

function startingWith(key: Buffer): Range {
  const bound: Bound = { key, inclusive: true };
  return { low: bound, high: bound };
}

function lowEdge(bound: Bound): Buffer {
  return bound.inclusive ? bound.key : successor(bound.key);
}

function highEdge(bound: Bound): Buffer {
  return bound.inclusive ? successor(bound.key) : bound.key;
}

function intersect(a: Range, b: Range): Range {
  return {
    low: lowEdge(a.low).compare(lowEdge(b.low)) >= 0 ? a.low : b.low,
    high: highEdge(a.high).compare(highEdge(b.high)) <= 0 ? a.high : b.high,
  };
}

/** The bytes of a descending component are inverted, so its low edge comes from the range's high bound. */
function toInterval({ low, high }: Range, descending: boolean): Interval {
  if (!descending) return { from: lowEdge(low), to: highEdge(high) };
  return {
    from: lowEdge({ key: flipped(high.key), inclusive: high.inclusive }),
    to: highEdge({ key: flipped(low.key), inclusive: low.inclusive }),
  };
}

function flipped(key: Buffer): Buffer {
  return Buffer.from(key.map((byte) => ~byte));
}
