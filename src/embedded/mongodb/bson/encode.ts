import { Arr, Doc } from './document.ts';
import { Binary, Int32, ObjectId, Decimal, Opaque, Timestamp, typeOf, UtcDate } from './values.ts';
import type { Regex, Value } from './values.ts';

let buffer = Buffer.allocUnsafeSlow(64 * 1024);
let at = 0;

function room(bytes: number): void {
  if (at + bytes <= buffer.length) return;
  const bigger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes));
  buffer.copy(bigger, 0, 0, at);
  buffer = bigger;
}

/** The document's BSON in a buffer of its own. */
export function encode(doc: Doc): Buffer {
  const raw = doc.raw;
  if (raw) return Buffer.from(raw);
  at = 0;
  writeDoc(doc);
  const bytes = Buffer.from(buffer.subarray(0, at));
  shrink();
  return bytes;
}

/** How many bytes `encodeReply` leaves free for the header of a message. */
export const headroom = 36;

/** The document's BSON behind as many free bytes as a header may need, so that it is copied only once. */
export function encodeReply(doc: Doc): Buffer {
  at = 0;
  writeDoc(doc);
  const bytes = Buffer.allocUnsafe(headroom + at);
  buffer.copy(bytes, headroom, 0, at);
  shrink();
  return bytes;
}

/** A large document doesn't keep its room. */
function shrink(): void {
  if (buffer.length > 4 * 1024 * 1024) buffer = Buffer.allocUnsafeSlow(64 * 1024);
}

function writeDoc(doc: Doc): void {
  const length = doc.rawLength;
  if (length > 0) {
    room(length);
    doc.copyRaw(buffer, at);
    at += length;
    return;
  }
  const start = at;
  room(5);
  at += 4;
  for (const [key, value] of doc.fields()) writeElement(key, value);
  finish(start);
}

function writeArr(arr: Arr): void {
  if (writeRaw(arr.raw)) return;
  const start = at;
  room(5);
  at += 4;
  let index = 0;
  for (const value of arr.items()) writeElement(String(index++), value);
  finish(start);
}

function writeRaw(raw: Buffer | undefined): boolean {
  if (!raw) return false;
  room(raw.length);
  raw.copy(buffer, at);
  at += raw.length;
  return true;
}

function finish(start: number): void {
  room(1);
  buffer[at++] = 0;
  buffer.writeInt32LE(at - start, start);
}

function writeElement(key: string, value: Value): void {
  room(key.length * 3 + 2);
  buffer[at++] = typeOf(value);
  writeName(key);
  buffer[at++] = 0;
  writeValue(value);
}

/** Short names of ASCII, which most are, cost less here than in a call. */
function writeName(key: string): void {
  const start = at;
  if (key.length <= 24) {
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      if (code > 0x7f) break;
      buffer[at++] = code;
    }
    if (at - start === key.length) return;
    at = start;
  }
  at += buffer.write(key, at, 'utf8');
}

function writeBytes(bytes: Buffer): void {
  room(bytes.length);
  bytes.copy(buffer, at);
  at += bytes.length;
}

function writeValue(value: Value): void {
  room(16);
  if (typeof value === 'string') {
    room(value.length * 3 + 5);
    const length = buffer.write(value, at + 4, 'utf8');
    buffer.writeInt32LE(length + 1, at);
    at += 4 + length;
    buffer[at++] = 0;
  } else if (value === null) {
    return;
  } else if (typeof value === 'number') {
    at = buffer.writeDoubleLE(value, at);
  } else if (typeof value === 'boolean') {
    buffer[at++] = value ? 1 : 0;
  } else if (typeof value === 'bigint') {
    at = buffer.writeBigInt64LE(value, at);
  } else if (value instanceof Int32) {
    at = buffer.writeInt32LE(value.value, at);
  } else if (value instanceof Doc) {
    writeDoc(value);
  } else if (value instanceof Arr) {
    writeArr(value);
  } else if (value instanceof UtcDate) {
    at = buffer.writeBigInt64LE(BigInt(value.ms), at);
  } else if (value instanceof ObjectId || value instanceof Decimal || value instanceof Opaque) {
    writeBytes(value.bytes);
  } else if (value instanceof Binary) {
    at = buffer.writeInt32LE(value.bytes.length, at);
    buffer[at++] = value.subtype;
    writeBytes(value.bytes);
  } else if (value instanceof Timestamp) {
    at = buffer.writeBigUInt64LE(value.value, at);
  } else {
    writeRegex(value);
  }
}

function writeRegex(value: Regex): void {
  for (const text of [value.pattern, value.options]) {
    room(text.length * 3 + 1);
    at += buffer.write(text, at, 'utf8');
    buffer[at++] = 0;
  }
}
