/**
 * The stored form of an event: the encoded protobuf `RecordedEvent` that a read sends. The id and
 * the stream name stand first at fixed places, so that they are found without decoding the rest.
 */
import { putText, putVarint, textSize, varintSize, visit } from './wire.ts';

/** An event as a client proposes it: ranges of `source`, which is not copied until it is stored. */
export interface ProposedEvent {
  /** Holds the canonical lower-case text of the UUID, `ID_LENGTH` bytes from `idAt` on. */
  readonly idSource: Uint8Array;
  readonly idAt: number;
  readonly type: string;
  readonly source: Uint8Array;
  /** The encoded map entries, without their tags. */
  readonly properties: readonly (readonly [start: number, end: number])[];
  readonly metadata: readonly [start: number, end: number];
  readonly data: readonly [start: number, end: number];
}

/** An event in the log. Positions are dense integers from 1; commit and prepare are equal. */
export interface StoredEvent {
  readonly position: number;
  readonly revision: number;
  readonly type: string;
  readonly record: Uint8Array;
  /** What a link leads to, when it was made from an index and its target is at hand. */
  readonly target?: StoredEvent;
}

/** Of a UUID's text. */
export const ID_LENGTH = 36;

const ID_AT = 4;
const STREAM_AT = ID_AT + ID_LENGTH;
/** Copied byte by byte up to this length: a view for a built-in copy would cost more. */
const SHORT = 32;

const fieldSize = (length: number): number => 1 + varintSize(length) + length;

/**
 * Encodes an event for storage.
 * @param created milliseconds since the epoch; stored as ticks of 100 ns.
 */
export function encodeRecord(
  event: ProposedEvent,
  stream: string,
  revision: number,
  position: number,
  created: number,
): Buffer {
  const streamSize = textSize(stream);
  const createdEntry = createdAt(created);
  const metadataSize = event.metadata[1] - event.metadata[0];
  const dataSize = event.data[1] - event.data[0];
  let size =
    STREAM_AT +
    fieldSize(fieldSize(streamSize)) +
    3 +
    varintSize(revision) +
    2 * varintSize(position) +
    fieldSize(createdEntry.length) +
    (metadataSize > 0 ? fieldSize(metadataSize) : 0) +
    (dataSize > 0 ? fieldSize(dataSize) : 0);
  for (const [start, end] of event.properties) size += fieldSize(end - start);

  const out = Buffer.allocUnsafe(size);
  out[0] = 0x0a;
  out[1] = 38;
  out[2] = 0x12;
  out[3] = ID_LENGTH;
  for (let n = 0; n < ID_LENGTH; n += 1) out[ID_AT + n] = event.idSource[event.idAt + n] ?? 0;
  out[STREAM_AT] = 0x12;
  let at = putVarint(out, STREAM_AT + 1, fieldSize(streamSize));
  out[at] = 0x1a;
  at = putText(out, putVarint(out, at + 1, streamSize), stream, streamSize);
  out[at] = 0x18;
  at = putVarint(out, at + 1, revision);
  out[at] = 0x20;
  at = putVarint(out, at + 1, position);
  out[at] = 0x28;
  at = putVarint(out, at + 1, position);
  for (const [start, end] of event.properties) {
    at = putField(out, at, 0x32, event.source, start, end);
  }
  at = putField(out, at, 0x32, createdEntry, 0, createdEntry.length);
  if (metadataSize > 0) {
    at = putField(out, at, 0x3a, event.source, event.metadata[0], event.metadata[1]);
  }
  if (dataSize > 0) putField(out, at, 0x42, event.source, event.data[0], event.data[1]);
  return out;
}

let createdMs = -1;
let createdEntry = Buffer.alloc(0);

/** The map entry that says when, made once per millisecond. */
function createdAt(milliseconds: number): Buffer {
  if (milliseconds !== createdMs) {
    const ticks = `${milliseconds}0000`;
    createdMs = milliseconds;
    createdEntry = Buffer.from(`\n\u0007created\u0012${String.fromCharCode(ticks.length)}${ticks}`);
  }
  return createdEntry;
}

function putField(
  out: Buffer,
  at: number,
  tag: number,
  source: Uint8Array,
  start: number,
  end: number,
): number {
  out[at] = tag;
  let to = putVarint(out, at + 1, end - start);
  if (end - start > SHORT) {
    out.set(source.subarray(start, end), to);
    return to + end - start;
  }
  for (let from = start; from < end; from += 1) out[to++] = source[from] ?? 0;
  return to;
}

/** A buffer over the same memory, for its text methods. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The event's id, canonical text. */
export const idOf = (record: Uint8Array): string =>
  asBuffer(record).toString('latin1', ID_AT, STREAM_AT);

/** The name of the stream that the event was appended to. */
export function streamOf(record: Uint8Array): string {
  let at = STREAM_AT + 1;
  while ((record[at] ?? 0) >= 128) at += 1;
  at += 2;
  let length = 0;
  let scale = 1;
  for (;;) {
    const byte = record[at++] ?? 0;
    length += (byte & 0x7f) * scale;
    if (byte < 128) break;
    scale *= 128;
  }
  return asBuffer(record).toString('utf8', at, at + length);
}

/** Everything of a record that the server itself ever looks at. */
export interface RecordParts {
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export function partsOf(record: Uint8Array): RecordParts {
  const bytes = asBuffer(record);
  let created = 0;
  let data = bytes.subarray(0, 0);
  let metadata = data;
  visit(record, STREAM_AT, record.length, (field, _value, start, end) => {
    if (field === 6) {
      const [key, value] = readEntry(bytes, start, end);
      if (key === 'created') created = Number(value.slice(0, -4));
    } else if (field === 7) metadata = bytes.subarray(start, end);
    else if (field === 8) data = bytes.subarray(start, end);
  });
  return { created, data, metadata };
}

/** Decodes one entry of a `map<string, string>`. */
export function readEntry(bytes: Uint8Array, start: number, end: number): [string, string] {
  let key = '';
  let value = '';
  visit(bytes, start, end, (field, _value, from, to) => {
    if (field === 1) key = asBuffer(bytes).toString('utf8', from, to);
    else if (field === 2) value = asBuffer(bytes).toString('utf8', from, to);
  });
  return [key, value];
}
