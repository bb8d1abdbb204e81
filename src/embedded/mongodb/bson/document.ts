import { elementEnd, find, missing, unknown } from './locate.ts';
import { nameAt } from './names.ts';
import { skip } from './skip.ts';
import {
  Binary,
  Decimal,
  Int32,
  ObjectId,
  Opaque,
  Regex,
  Timestamp,
  types,
  UtcDate,
} from './values.ts';
import type { Value } from './values.ts';

const none = Buffer.alloc(0);

/**
 * A BSON document. Read from bytes it decodes only what is asked for; `edit` decodes its own level and
 * forgets the bytes, so whoever changes a nested document must have called `edit` on every document above.
 */
export class Doc {
  readonly t = types.object;
  private buffer: Buffer;
  private start: number;
  private map: Map<string, Value> | undefined;

  private constructor(buffer: Buffer, start: number, map?: Map<string, Value>) {
    this.buffer = buffer;
    this.start = start;
    this.map = map;
  }

  /** The document whose length prefix stands at `start`. */
  static at(buffer: Buffer, start = 0): Doc {
    return new Doc(buffer, start);
  }

  /** A document of these fields, in this order. */
  static of(fields: Iterable<readonly [string, Value]> = []): Doc {
    return new Doc(none, 0, new Map(fields));
  }

  /** The document's bytes if it wasn't changed since it was read. */
  get raw(): Buffer | undefined {
    if (this.buffer === none) return undefined;
    return this.buffer.subarray(this.start, this.start + this.buffer.readInt32LE(this.start));
  }

  /** How many bytes `raw` has, or 0 where there are none. */
  get rawLength(): number {
    return this.buffer === none ? 0 : this.buffer.readInt32LE(this.start);
  }

  /** Copies `raw` to `target` without making a Buffer of it. */
  copyRaw(target: Buffer, at: number): void {
    this.buffer.copy(target, at, this.start, this.start + this.rawLength);
  }

  get(key: string): Value | undefined {
    if (this.map) return this.map.get(key);
    const at = find(this.buffer, this.start, key);
    if (at === unknown) return this.fields().get(key);
    return at === missing ? undefined : readAfterKey(this.buffer, at);
  }

  has(key: string): boolean {
    return this.fields().has(key);
  }

  /** Whether a field has the same bytes, or is missing, in both documents; false where that is not known. */
  sameField(other: Doc, key: string): boolean {
    if (this.buffer === none || other.buffer === none) return false;
    const own = find(this.buffer, this.start, key);
    const its = find(other.buffer, other.start, key);
    if (own < 0 || its < 0) return own === missing && its === missing;
    const end = elementEnd(this.buffer, own);
    const itsEnd = elementEnd(other.buffer, its);
    if (end - own !== itsEnd - its) return false;
    for (let a = own, b = its; a < end; a++, b++) {
      if (this.buffer[a] !== other.buffer[b]) return false;
    }
    return true;
  }

  /** All fields in order; not to be changed. */
  fields(): ReadonlyMap<string, Value> {
    this.map ??= readFields(this.buffer, this.start);
    return this.map;
  }

  /** All fields in order, to be changed. */
  edit(): Map<string, Value> {
    this.map ??= readFields(this.buffer, this.start);
    this.buffer = none;
    return this.map;
  }

  get size(): number {
    return this.fields().size;
  }
}

/** A BSON array; the same rules as for `Doc`. */
export class Arr {
  readonly t = types.array;
  private buffer: Buffer;
  private start: number;
  private list: Value[] | undefined;

  private constructor(buffer: Buffer, start: number, list?: Value[]) {
    this.buffer = buffer;
    this.start = start;
    this.list = list;
  }

  static at(buffer: Buffer, start: number): Arr {
    return new Arr(buffer, start);
  }

  static of(items: Value[]): Arr {
    return new Arr(none, 0, items);
  }

  get raw(): Buffer | undefined {
    if (this.buffer === none) return undefined;
    return this.buffer.subarray(this.start, this.start + this.buffer.readInt32LE(this.start));
  }

  /** All elements; not to be changed. */
  items(): readonly Value[] {
    this.list ??= readItems(this.buffer, this.start);
    return this.list;
  }

  /** All elements, to be changed. */
  edit(): Value[] {
    this.list ??= readItems(this.buffer, this.start);
    this.buffer = none;
    return this.list;
  }
}

function readFields(buffer: Buffer, start: number): Map<string, Value> {
  const fields = new Map<string, Value>();
  let at = start + 4;
  for (;;) {
    const type = buffer[at] as number;
    if (type === 0) return fields;
    let end = at + 1;
    while (buffer[end] !== 0) end++;
    fields.set(nameAt(buffer, at + 1, end), readValue(buffer, type, end + 1));
    at = skip(buffer, type, end + 1);
  }
}

function readItems(buffer: Buffer, start: number): Value[] {
  const items: Value[] = [];
  let at = start + 4;
  for (;;) {
    const type = buffer[at] as number;
    if (type === 0) return items;
    do at++;
    while (buffer[at] !== 0);
    items.push(readValue(buffer, type, at + 1));
    at = skip(buffer, type, at + 1);
  }
}

function readAfterKey(buffer: Buffer, at: number): Value {
  let q = at + 1;
  while (buffer[q] !== 0) q++;
  return readValue(buffer, buffer[at] as number, q + 1);
}

function readValue(buffer: Buffer, type: number, at: number): Value {
  switch (type) {
    case types.double:
      return buffer.readDoubleLE(at);
    case types.string:
      return buffer.toString('utf8', at + 4, at + 3 + buffer.readInt32LE(at));
    case types.object:
      return Doc.at(buffer, at);
    case types.array:
      return Arr.at(buffer, at);
    case types.binary:
      return new Binary(
        buffer[at + 4] as number,
        buffer.subarray(at + 5, at + 5 + buffer.readInt32LE(at)),
      );
    case types.objectId:
      return new ObjectId(buffer.subarray(at, at + 12));
    case types.boolean:
      return buffer[at] !== 0;
    case types.date: {
      const ms = buffer.readInt32LE(at + 4) * 0x1_0000_0000 + buffer.readUInt32LE(at);
      // A date that a double can't hold is kept as bytes.
      return Number.isSafeInteger(ms)
        ? new UtcDate(ms)
        : new Opaque(type, buffer.subarray(at, at + 8));
    }
    case types.null:
      return null;
    case types.regex: {
      const middle = buffer.indexOf(0, at);
      const end = buffer.indexOf(0, middle + 1);
      return new Regex(
        buffer.toString('utf8', at, middle),
        buffer.toString('utf8', middle + 1, end),
      );
    }
    case types.int32:
      return new Int32(buffer.readInt32LE(at));
    case types.timestamp:
      return new Timestamp(buffer.readBigUInt64LE(at));
    case types.int64:
      return buffer.readBigInt64LE(at);
    case types.decimal:
      return new Decimal(buffer.subarray(at, at + 16));
    default:
      return new Opaque(type, buffer.subarray(at, skip(buffer, type, at)));
  }
}
