import type { Arr, Doc } from './document.ts';

/** BSON's type numbers, as on the wire. */
export const types = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  dbPointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal: 0x13,
  maxKey: 0x7f,
  minKey: 0xff,
} as const;

/** A 32-bit integer; a plain JavaScript number is a double, a bigint is a 64-bit integer. */
export class Int32 {
  readonly t = types.int32;
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Milliseconds since the epoch. */
export class UtcDate {
  readonly t = types.date;
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/** Twelve bytes. */
export class ObjectId {
  readonly t = types.objectId;
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** Bytes with a subtype (4 is a UUID). */
export class Binary {
  readonly t = types.binary;
  readonly subtype: number;
  readonly bytes: Buffer;
  constructor(subtype: number, bytes: Buffer) {
    this.subtype = subtype;
    this.bytes = bytes;
  }
}

/** A Decimal128 in its sixteen wire bytes. */
export class Decimal {
  readonly t = types.decimal;
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** MongoDB's internal timestamp: seconds in the upper, a counter in the lower 32 bits. */
export class Timestamp {
  readonly t = types.timestamp;
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** A regular expression as stored: pattern and sorted option letters. */
export class Regex {
  readonly t = types.regex;
  readonly pattern: string;
  readonly options: string;
  constructor(pattern: string, options: string) {
    this.pattern = pattern;
    this.options = options;
  }
}

/** Types this server stores and returns byte for byte but doesn't compute with. */
export class Opaque {
  readonly t: number;
  readonly bytes: Buffer;
  constructor(type: number, bytes: Buffer) {
    this.t = type;
    this.bytes = bytes;
  }
}

/** Any BSON value with its type kept. `undefined` in TypeScript always means "missing". */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Int32
  | UtcDate
  | ObjectId
  | Binary
  | Decimal
  | Timestamp
  | Regex
  | Opaque
  | Doc
  | Arr;

/** The BSON type number of a value. */
export function typeOf(value: Value): number {
  switch (typeof value) {
    case 'number':
      return types.double;
    case 'string':
      return types.string;
    case 'boolean':
      return types.boolean;
    case 'bigint':
      return types.int64;
    default:
      return value === null ? types.null : value.t;
  }
}

const typeNames = new Map<number, string>([
  [types.double, 'double'],
  [types.string, 'string'],
  [types.object, 'object'],
  [types.array, 'array'],
  [types.binary, 'binData'],
  [types.undefined, 'undefined'],
  [types.objectId, 'objectId'],
  [types.boolean, 'bool'],
  [types.date, 'date'],
  [types.null, 'null'],
  [types.regex, 'regex'],
  [types.dbPointer, 'dbPointer'],
  [types.code, 'javascript'],
  [types.symbol, 'symbol'],
  [types.codeWithScope, 'javascriptWithScope'],
  [types.int32, 'int'],
  [types.timestamp, 'timestamp'],
  [types.int64, 'long'],
  [types.decimal, 'decimal'],
  [types.maxKey, 'maxKey'],
  [types.minKey, 'minKey'],
]);

/** MongoDB's alias of a value's type, for messages. */
export function typeName(value: Value | undefined): string {
  return value === undefined ? 'missing' : (typeNames.get(typeOf(value)) ?? 'unknown');
}

/** Whether the value is one of the four numeric types. */
export function isNumber(value: Value | undefined): value is number | bigint | Int32 | Decimal {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Int32 ||
    value instanceof Decimal
  );
}

/** A numeric value as a whole JavaScript number, or undefined when it isn't one. Decimals are not taken. */
export function wholeNumber(value: Value | undefined): number | undefined {
  const number =
    value instanceof Int32 ? value.value : typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** MongoDB's truth of a command flag: true, or any number but zero. */
export function truthy(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (value instanceof Int32) return value.value !== 0;
  return value !== 0 && value !== 0n;
}
