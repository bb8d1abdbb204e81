import { Arr, Doc } from '../bson/document.ts';
import { Int32, ObjectId, UtcDate } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { keyOf, rankOf } from './keystring.ts';

/** MongoDB's total order of values; numbers compare by value across their types. */
export function compareValues(a: Value, b: Value): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  const left = plainNumber(a);
  const right = plainNumber(b);
  if (left !== undefined && right !== undefined) return compareNumbers(left, right);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (a instanceof UtcDate && b instanceof UtcDate) return a.ms - b.ms;
  if (a instanceof ObjectId && b instanceof ObjectId) return a.bytes.compare(b.bytes);
  if (a instanceof Doc && b instanceof Doc) return compareDocs(a, b);
  if (a instanceof Arr && b instanceof Arr) return compareArrays(a, b);
  return keyOf(a).compare(keyOf(b));
}

/** Whether MongoDB's `$eq` holds between two values (1 equals 1.0 and Long 1). */
export function equalValues(a: Value, b: Value): boolean {
  return compareValues(a, b) === 0;
}

function plainNumber(value: Value): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof Int32 ? value.value : undefined;
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** The order of the UTF-8 bytes, which differs from UTF-16's for characters beyond the basic plane. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

function compareDocs(a: Doc, b: Doc): number {
  const right = b.fields().entries();
  for (const [key, value] of a.fields()) {
    const other = right.next();
    if (other.done) return 1;
    const order =
      rankOf(value) - rankOf(other.value[1]) ||
      compareText(key, other.value[0]) ||
      compareValues(value, other.value[1]);
    if (order !== 0) return order;
  }
  return right.next().done ? 0 : -1;
}

function compareArrays(a: Arr, b: Arr): number {
  const left = a.items();
  const right = b.items();
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = compareValues(left[i] as Value, right[i] as Value);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
