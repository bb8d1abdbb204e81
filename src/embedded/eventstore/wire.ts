/**
 * Protobuf's wire format for the messages that are too frequent for generated classes.
 * Integers beyond 2^53 - 1 read as `END` (the protocol uses 2^64 - 1 for "the end").
 */

/** Reads in place of every integer that a JavaScript number can't hold. */
export const END = Number.MAX_SAFE_INTEGER;

/** Called per field: varints come as `value`, length-delimited fields as the range [start, end). */
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

/** Walks the fields of the message in `bytes[start, end)`. Throws RangeError on malformed input. */
export function visit(bytes: Uint8Array, start: number, end: number, onField: OnField): void {
  let at = start;
  while (at < end) {
    const key = readVarint(bytes, at, end);
    at = cursor;
    const field = Math.floor(key / 8);
    switch (key & 7) {
      case 0: {
        const value = readVarint(bytes, at, end);
        at = cursor;
        onField(field, value, 0, 0);
        break;
      }
      case 2: {
        const length = readVarint(bytes, at, end);
        const from = cursor;
        at = from + length;
        if (at > end) throw new RangeError('A protobuf field runs past its message.');
        onField(field, length, from, at);
        break;
      }
      case 1:
        at += 8;
        break;
      case 5:
        at += 4;
        break;
      default:
        throw new RangeError(`Protobuf wire type ${key & 7} is not supported.`);
    }
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
      const size = Buffer.byteLength(value);
      reserve(20 + size);
      header(field, 2);
      at = putVarint(buffer, at, size);
      buffer.write(value, at);
      at += size;
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
