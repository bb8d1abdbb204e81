/** Decoding of requests that write. Field numbers as in the client's generated classes. */
import { invalidArgument, missingMetadata } from './errors.ts';
import { ID_LENGTH, readEntry, type ProposedEvent } from './record.ts';
import { createField, readField, visit } from './wire.ts';

/** Expected revisions other than a number, as the client's error trailers spell them. */
export const Expect = { any: -2, noStream: -1, streamExists: -4 } as const;

/** Names a stream and what its head must be. */
export interface StreamExpectation {
  readonly stream: string;
  /** A revision, or one of `Expect`. */
  readonly expected: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Of a canonical UUID; the usual case, told without an expression per event. */
function isCanonical(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== ID_LENGTH) return false;
  for (let at = 0; at < ID_LENGTH; at += 1) {
    const code = bytes[start + at] ?? 0;
    const dash = at === 8 || at === 13 || at === 18 || at === 23;
    if (dash ? code !== 45 : (code < 48 || code > 57) && (code < 97 || code > 102)) return false;
  }
  return true;
}

/** Of a UUID message with nothing but the canonical text: tag, length, 36 characters. */
const isTextOnly = (bytes: Buffer, start: number, end: number): boolean =>
  bytes[start] === 0x12 && bytes[start + 1] === ID_LENGTH && isCanonical(bytes, start + 2, end);

/** Reads a UUID message, text or structured, as canonical text. */
export function readUuid(bytes: Buffer, start: number, end: number): string {
  if (isTextOnly(bytes, start, end)) return bytes.toString('latin1', start + 2, end);
  let id = '';
  visit(bytes, start, end, (field, _value, from, to) => {
    if (field === 2) id = bytes.toString('latin1', from, to);
    else if (field === 1) id = readStructuredUuid(bytes, from, to);
  });
  if (!UUID.test(id)) id = id.toLowerCase();
  if (!UUID.test(id)) throw invalidArgument(`"${id}" is not a UUID.`);
  return id;
}

function readStructuredUuid(bytes: Buffer, start: number, end: number): string {
  // The two halves use all 64 bits, which plain numbers can't hold.
  const halves = [0n, 0n];
  let at = start;
  while (at < end) {
    const half = (bytes[at] ?? 0) >> 3 === 1 ? 0 : 1;
    at += 1;
    let shift = 0n;
    let byte = 0x80;
    while (byte >= 0x80 && at < end) {
      byte = bytes[at++] ?? 0;
      halves[half] = (halves[half] ?? 0n) | (BigInt(byte & 0x7f) << shift);
      shift += 7n;
    }
  }
  const hex = halves
    .map((half) => BigInt.asUintN(64, half).toString(16).padStart(16, '0'))
    .join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** One for each level of the messages that are frequent. */
const inFragment = createField();
const inOptions = createField();
const inStream = createField();
const inEvent = createField();

/** Reads a StreamIdentifier message. */
export function readStreamName(bytes: Buffer, start: number, end: number): string {
  let name = '';
  for (let at = start; at < end;) {
    at = readField(bytes, at, end, inStream);
    if (inStream.number === 3) name = bytes.toString('utf8', inStream.start, inStream.end);
  }
  return name;
}

/** The options of Append, BatchAppend, Delete and Tombstone, which share their numbering. */
export interface WriteOptions extends StreamExpectation {
  /** Milliseconds since the epoch; absent when the client gave none. */
  readonly deadline?: number;
}

export function readWriteOptions(
  bytes: Buffer,
  start: number,
  end: number,
  now: number,
): WriteOptions {
  let stream = '';
  let expected: number = Expect.any;
  let deadline = 0;
  for (let at = start; at < end;) {
    at = readField(bytes, at, end, inOptions);
    const { number, value, start: from, end: to } = inOptions;
    if (number === 1) stream = readStreamName(bytes, from, to);
    else if (number === 2) expected = value;
    else if (number === 3) expected = Expect.noStream;
    else if (number === 4) expected = Expect.any;
    else if (number === 5) expected = Expect.streamExists;
    else if (number === 6) deadline = readMilliseconds(bytes, from, to);
    else if (number === 7) deadline = now + readMilliseconds(bytes, from, to);
  }
  if (stream === '') throw invalidArgument('The stream name is empty.');
  if (stream === '$all') throw invalidArgument('"$all" can be read, not written.');
  return deadline > 0 ? { stream, expected, deadline } : { stream, expected };
}

/** Timestamp and Duration are alike: seconds and nanoseconds. */
function readMilliseconds(bytes: Buffer, start: number, end: number): number {
  let milliseconds = 0;
  visit(bytes, start, end, (field, value) => {
    if (field === 1) milliseconds += value * 1000;
    else if (field === 2) milliseconds += value / 1e6;
  });
  return milliseconds;
}

const keyOf = (name: string): Buffer =>
  Buffer.from(`\n${String.fromCharCode(name.length)}${name}\u0012`, 'latin1');

const TYPE_KEY = keyOf('type');
const CONTENT_TYPE_KEY = keyOf('content-type');

/** Whether a map entry starts with this key and ends with a value of less than 128 bytes. */
function isEntryOf(bytes: Buffer, start: number, end: number, key: Buffer): boolean {
  const valueAt = start + key.length + 1;
  if (end < valueAt || bytes[valueAt - 1] !== end - valueAt || end - valueAt > 127) return false;
  for (let at = 0; at < key.length; at += 1) if (bytes[start + at] !== key[at]) return false;
  return true;
}

let lastType = '';
let lastTypeBytes: Buffer = Buffer.alloc(0);

/** The text of an event type; the same string again while one type follows itself, as is usual. */
function readType(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  let same = length === lastTypeBytes.length;
  for (let n = 0; same && n < length; n += 1) same = bytes[start + n] === lastTypeBytes[n];
  if (!same) {
    lastType = bytes.toString('utf8', start, end);
    lastTypeBytes = Buffer.from(bytes.subarray(start, end));
  }
  return lastType;
}

/** Reads a ProposedMessage. Throws when its id, type or content type is missing. */
export function readProposed(bytes: Buffer, start: number, end: number): ProposedEvent {
  let idSource: Buffer | undefined;
  let idAt = 0;
  let type = '';
  let hasContentType = false;
  const properties: [number, number][] = [];
  let metadata: [number, number] = [0, 0];
  let data: [number, number] = [0, 0];
  for (let next = start; next < end;) {
    next = readField(bytes, next, end, inEvent);
    const { number, start: from, end: to } = inEvent;
    if (number === 1) {
      const inPlace = isTextOnly(bytes, from, to);
      idSource = inPlace ? bytes : Buffer.from(readUuid(bytes, from, to), 'latin1');
      idAt = inPlace ? from + 2 : 0;
    } else if (number === 2) {
      if (isEntryOf(bytes, from, to, TYPE_KEY)) {
        type = readType(bytes, from + TYPE_KEY.length + 1, to);
      } else if (isEntryOf(bytes, from, to, CONTENT_TYPE_KEY)) hasContentType = true;
      else {
        const [key, value] = readEntry(bytes, from, to);
        if (key === 'type') type = value;
        if (key === 'content-type') hasContentType = true;
        // The server says when an event was created, whatever the client claims.
        if (key === 'created') continue;
      }
      properties.push([from, to]);
    } else if (number === 3) metadata = [from, to];
    else if (number === 4) data = [from, to];
  }
  if (idSource === undefined) throw invalidArgument('An event has no id.');
  if (type === '') throw missingMetadata('type');
  if (!hasContentType) throw missingMetadata('content-type');
  return { idSource, idAt, type, source: bytes, properties, metadata, data };
}

/** One fragment of a batch append. */
export interface BatchFragment {
  /** The UUID as the client encoded it, which its answer repeats. */
  readonly correlation: Buffer;
  readonly options: WriteOptions | undefined;
  readonly events: readonly ProposedEvent[];
  readonly final: boolean;
  /** Why this fragment can't be stored; its append is refused, the other appends go on. */
  readonly problem: unknown;
}

export function readBatchFragment(bytes: Buffer, now: number): BatchFragment {
  let correlation: Buffer | undefined;
  let options: WriteOptions | undefined;
  const events: ProposedEvent[] = [];
  let final = false;
  let problem: unknown;
  for (let at = 0; at < bytes.length;) {
    at = readField(bytes, at, bytes.length, inFragment);
    const { number, value, start: from, end: to } = inFragment;
    try {
      if (number === 1) correlation = bytes.subarray(from, to);
      else if (number === 2) options = readWriteOptions(bytes, from, to, now);
      else if (number === 3) events.push(readProposed(bytes, from, to));
      else if (number === 4) final = value !== 0;
    } catch (error) {
      problem ??= error;
    }
  }
  if (!correlation?.length) throw invalidArgument('A batch append has no correlation id.');
  return { correlation, options, events, final, problem };
}
