import { Arr, Doc } from '../bson/document.ts';
import {
  Binary,
  Decimal,
  Int32,
  ObjectId,
  Opaque,
  Regex,
  Timestamp,
  types,
  typeOf,
  UtcDate,
} from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { unsupported } from '../errors.ts';
import { floorToDouble, readDecimal } from './numbers.ts';

/**
 * Values as bytes that sort with memcmp as MongoDB sorts the values: a type byte, then the value, no
 * encoding a prefix of another. Equal values of different numeric types give equal bytes.
 */

/** The rank of each BSON type in MongoDB's order; also the first byte of its keys. */
const ranks = new Map<number, number>([
  [types.minKey, 0x01],
  [types.undefined, 0x02],
  [types.null, 0x05],
  [types.double, 0x0a],
  [types.int32, 0x0a],
  [types.int64, 0x0a],
  [types.decimal, 0x0a],
  [types.string, 0x0f],
  [types.symbol, 0x0f],
  [types.object, 0x14],
  [types.array, 0x19],
  [types.binary, 0x1e],
  [types.objectId, 0x23],
  [types.boolean, 0x28],
  [types.date, 0x2d],
  [types.timestamp, 0x2f],
  [types.regex, 0x32],
  [types.dbPointer, 0x37],
  [types.code, 0x3c],
  [types.codeWithScope, 0x41],
  [types.maxKey, 0x7f],
]);

/** The rank of a value's type in MongoDB's order; numeric types share one. */
export function rankOf(value: Value): number {
  return ranks.get(typeOf(value)) ?? 0x7f;
}

/** What an index holds for an empty array: MongoDB's `undefined`, before null. */
export const undefinedValue = new Opaque(types.undefined, Buffer.alloc(0));

let buffer = Buffer.allocUnsafeSlow(16 * 1024);
let at = 0;

function room(bytes: number): void {
  if (at + bytes <= buffer.length) return;
  const bigger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes));
  buffer.copy(bigger, 0, 0, at);
  buffer = bigger;
}

/** One component of a compound key. */
export interface KeyPart {
  readonly value: Value;
  readonly descending: boolean;
}

/** The bytes of a compound key; descending parts are inverted so that memcmp runs backwards. */
export function keyOfParts(parts: readonly KeyPart[]): Buffer {
  at = 0;
  for (const part of parts) {
    const start = at;
    write(part.value);
    if (part.descending) for (let i = start; i < at; i++) buffer[i] = ~(buffer[i] as number);
  }
  return Buffer.from(buffer.subarray(0, at));
}

/** The bytes of one value. */
export function keyOf(value: Value): Buffer {
  at = 0;
  write(value);
  return Buffer.from(buffer.subarray(0, at));
}

/** The bytes of one value as a string, for sets and maps. */
export function keyText(value: Value): string {
  at = 0;
  write(value);
  return buffer.toString('latin1', 0, at);
}

function write(value: Value): void {
  room(16);
  buffer[at++] = rankOf(value);
  if (typeof value === 'string') writeText(value);
  else if (value === null) return;
  else if (typeof value === 'number') writeDouble(value, '', 0);
  else if (value instanceof Int32) writeDouble(value.value, '', 0);
  else if (typeof value === 'bigint') writeExact(value, 0);
  else if (typeof value === 'boolean') buffer[at++] = value ? 1 : 0;
  else if (value instanceof ObjectId) writeBytes(value.bytes);
  else if (value instanceof UtcDate) writeDate(value.ms);
  else if (value instanceof Decimal) writeDecimal(value);
  else if (value instanceof Doc) writeDoc(value);
  else if (value instanceof Arr) writeArr(value);
  else if (value instanceof Binary) {
    at = buffer.writeUInt32BE(value.bytes.length, at);
    buffer[at++] = value.subtype;
    writeBytes(value.bytes);
  } else if (value instanceof Timestamp) at = buffer.writeBigUInt64BE(value.value, at);
  else if (value instanceof Regex) {
    writeText(value.pattern);
    writeText(value.options);
  } else writeOpaque(value);
}

/** Code and symbols order by their text; what carries no value by its type alone. */
function writeOpaque(value: Opaque): void {
  if (value.bytes.length === 0) return;
  if (value.t !== types.code && value.t !== types.symbol) {
    throw unsupported('ordering a dbPointer, a javascriptWithScope or a date beyond year 287,000');
  }
  writeText(value.bytes.toString('utf8', 4, value.bytes.length - 1));
}

function writeBytes(bytes: Buffer): void {
  room(bytes.length);
  bytes.copy(buffer, at);
  at += bytes.length;
}

/** Text ends in 0x00; the bytes 0 and 1 within it become 0x01 0x01 and 0x01 0x02, which keeps their order. */
function writeText(text: string): void {
  room(text.length * 3 + 1);
  const end = at + buffer.write(text, at, 'utf8');
  let plain = at;
  while (plain < end && (buffer[plain] as number) > 1) plain++;
  if (plain === end) {
    at = end;
    buffer[at++] = 0;
    return;
  }
  const bytes = Buffer.from(buffer.subarray(at, end));
  room(bytes.length * 2 + 1);
  for (const byte of bytes) {
    if (byte <= 1) buffer[at++] = 1;
    buffer[at++] = byte <= 1 ? byte + 1 : byte;
  }
  buffer[at++] = 0;
}

function writeDate(ms: number): void {
  buffer.writeInt32BE(Math.floor(ms / 0x1_0000_0000), at);
  buffer[at] = (buffer[at] as number) ^ 0x80;
  at = buffer.writeUInt32BE(ms - Math.floor(ms / 0x1_0000_0000) * 0x1_0000_0000, at + 4);
}

/** The double with its bits turned so that they sort; then 0, or 1 and what the double leaves over. */
function writeDouble(value: number, digits: string, exponent: number): void {
  room(16 + digits.length);
  if (Number.isNaN(value)) buffer.fill(0, at, at + 8);
  else {
    buffer.writeDoubleBE(value === 0 ? 0 : value, at);
    if ((buffer[at] as number) & 0x80) {
      for (let i = at; i < at + 8; i++) buffer[i] = ~(buffer[i] as number);
    } else {
      buffer[at] = (buffer[at] as number) | 0x80;
    }
  }
  at += 8;
  if (digits === '') {
    buffer[at++] = 0;
    return;
  }
  buffer[at++] = 1;
  at = buffer.writeUInt16BE(exponent + 10_000, at);
  at += buffer.write(digits, at, 'latin1');
  buffer[at++] = 0;
}

function writeExact(coefficient: bigint, power: number): void {
  if (power === 0 && coefficient >= -0x1f_ffff_ffff_ffffn && coefficient <= 0x1f_ffff_ffff_ffffn) {
    writeDouble(Number(coefficient), '', 0);
    return;
  }
  const { double, digits, exponent } = floorToDouble(coefficient, power);
  writeDouble(double, digits, exponent);
}

function writeDecimal(value: Decimal): void {
  const exact = readDecimal(value);
  if (exact.kind === 'nan') writeDouble(NaN, '', 0);
  else if (exact.kind === 'infinite') writeDouble(exact.negative ? -Infinity : Infinity, '', 0);
  else writeExact(exact.coefficient, exact.exponent);
}

/** Documents compare field by field: type, then name, then value (BSONObj::woCompare). */
function writeDoc(doc: Doc): void {
  for (const [key, value] of doc.fields()) {
    room(1);
    buffer[at++] = rankOf(value);
    writeText(key);
    write(value);
  }
  room(1);
  buffer[at++] = 0;
}

function writeArr(arr: Arr): void {
  for (const value of arr.items()) write(value);
  room(1);
  buffer[at++] = 0;
}

/** The least byte string above every string that starts with `prefix`. */
export function successor(prefix: Buffer): Buffer {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  if (end === 0) return Buffer.from([0xff, 0xff]);
  const next = Buffer.from(prefix.subarray(0, end));
  next[end - 1] = (next[end - 1] as number) + 1;
  return next;
}
