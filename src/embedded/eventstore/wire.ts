/**
 * Protobuf's wire format for the messages that are too frequent for generated classes.
 * Integers beyond 2^53 - 1 read as `END` (the protocol uses 2^64 - 1 for "the end").
 */

/** Reads in place of every integer that a JavaScript number can't hold. */
export const END = Number.MAX_SAFE_INTEGER;

/** Called per field; see `Field`. */
export type OnField = (field: number, value: number, start: number, end: number) => void;

let cursor = 0;

function readVarint(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = at < limit ? bytes[at] : undefined;
    if (byte === undefined) throw new RangeError('A protobuf number runs past its message.');
    at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
    scale *= 128;
    if (at - from >= 10) throw new RangeError('A protobuf number is longer than ten bytes.');
  }
  cursor = at;
  return value > END ? END : value;
}

/** One field of a message, in an object that is used again for the next. */
export interface Field {
  /** 0 for one of fixed size, which no message here uses. */
  number: number;
  /** A varint, or the length of what is length-delimited. */
  value: number;
  /** The range of what is length-delimited. */
  start: number;
  end: number;
}

export const createField = (): Field => ({ number: 0, value: 0, start: 0, end: 0 });

/**
 * Reads the field at `from` of a message that ends at `limit`, and returns the offset behind it. Throws
 * RangeError on malformed input.
 */
export function readField(bytes: Uint8Array, from: number, limit: number, field: Field): number {
  let key = bytes[from] ?? 0;
  let at = from + 1;
  if (key >= 0x80) {
    key = readVarint(bytes, from, limit);
    at = cursor;
  }
  field.number = Math.floor(key / 8);
  switch (key & 7) {
    case 0:
    case 2: {
      let value = bytes[at] ?? 0x80;
      if (at < limit && value < 0x80) at += 1;
      else {
        value = readVarint(bytes, at, limit);
        at = cursor;
      }
      field.value = value;
      field.start = at;
      if ((key & 7) === 2) at += value;
      field.end = at;
      if (at > limit) throw new RangeError('A protobuf field runs past its message.');
      return at;
    }
    case 1:
    case 5:
      field.number = 0;
      return at + ((key & 7) === 1 ? 8 : 4);
    default:
      throw new RangeError(`Protobuf wire type ${key & 7} is not supported.`);
  }
}

/** Walks the fields of the message in `bytes[start, end)`. Throws RangeError on malformed input. */
export function visit(bytes: Uint8Array, start: number, end: number, onField: OnField): void {
  const field = createField();
  for (let at = start; at < end;) {
    at = readField(bytes, at, end, field);
    if (field.number !== 0) onField(field.number, field.value, field.start, field.end);
  }
}

/** Bytes that the varint of `value` takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest /= 128) size += 1;
  return size;
}

/** Writes `value` at `at` and returns the offset behind it. */
export function putVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  while (rest >= 128) {
    target[to++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  target[to++] = rest;
  return to;
}

/** Up to this length, a loop is faster than a call out of JavaScript. */
const SHORT_TEXT = 64;

/** Bytes that `text` takes in UTF-8. */
export function textSize(text: string): number {
  if (text.length > SHORT_TEXT) return Buffer.byteLength(text);
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) >= 0x80) return Buffer.byteLength(text);
  }
  return text.length;
}

/** Writes `text`, whose `textSize` is `size`, at `at`, and returns the offset behind it. */
export function putText(target: Buffer, at: number, text: string, size: number): number {
  if (size !== text.length || size > SHORT_TEXT) {
    target.write(text, at);
    return at + size;
  }
  // As many bytes as characters: all of it is ASCII.
  for (let n = 0; n < size; n += 1) target[at + n] = text.charCodeAt(n);
  return at + size;
}

/** Appends protobuf fields and gRPC frames to one growing buffer. */
export interface Writer {
  varint(field: number, value: number): void;
  bytes(field: number, value: Uint8Array): void;
  text(field: number, value: string): void;
  message(field: number, body: () => void): void;
  /** Bytes that are already encoded. */
  raw(encoded: Uint8Array): void;
  /** One gRPC message: five bytes of header, then what `body` writes. */
  frame(body: () => void): void;
  readonly length: () => number;
  /** What was written so far; the writer starts anew with its own memory. */
  take(): Buffer;
}

const NOTHING = Buffer.alloc(0);
const SMALLEST = 512;

/**
 * Allocates when something is written, about as much as was written last time: a writer that a thousand
 * short answers pass through must not leave a thousand long buffers to the garbage collector.
 *
 * @param capacity the most that is allocated at first, in bytes; grows by doubling.
 */
export function createWriter(capacity = 512): Writer {
  let buffer: Buffer = NOTHING;
  let at = 0;
  let likely = Math.min(capacity, SMALLEST);

  const reserve = (more: number): void => {
    if (at + more <= buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + more, likely));
    buffer.copy(grown, 0, 0, at);
    buffer = grown;
  };
  const header = (field: number, wire: number): void => {
    at = putVarint(buffer, at, field * 8 + wire);
  };

  return {
    varint(field, value) {
      reserve(20);
      header(field, 0);
      at = putVarint(buffer, at, value);
    },
    bytes(field, value) {
      reserve(20 + value.length);
      header(field, 2);
      at = putVarint(buffer, at, value.length);
      buffer.set(value, at);
      at += value.length;
    },
    text(field, value) {
      const size = textSize(value);
      reserve(20 + size);
      header(field, 2);
      at = putText(buffer, putVarint(buffer, at, size), value, size);
    },
    message(field, body) {
      reserve(20);
      header(field, 2);
      const lengthAt = at;
      at += 1;
      body();
      const size = at - lengthAt - 1;
      const extra = varintSize(size) - 1;
      if (extra > 0) {
        reserve(extra);
        buffer.copyWithin(lengthAt + 1 + extra, lengthAt + 1, at);
        at += extra;
      }
      putVarint(buffer, lengthAt, size);
    },
    raw(encoded) {
      reserve(encoded.length);
      buffer.set(encoded, at);
      at += encoded.length;
    },
    frame(body) {
      reserve(5);
      const headerAt = at;
      at += 5;
      body();
      buffer[headerAt] = 0;
      buffer.writeUInt32BE(at - headerAt - 5, headerAt + 1);
    },
    length: () => at,
    take() {
      const taken = buffer.subarray(0, at);
      likely = Math.min(capacity, Math.max(SMALLEST, at + (at >> 2)));
      buffer = NOTHING;
      at = 0;
      return taken;
    },
  };
}
