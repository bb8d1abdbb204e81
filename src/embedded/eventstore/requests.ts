/** Decoding of the frequent requests. Field numbers as in the client's generated classes. */
import { invalidArgument, missingMetadata } from './errors.ts';
import { readEntry, type ProposedEvent } from './record.ts';
import { END, visit } from './wire.ts';

/** Expected revisions other than a number, as the client's error trailers spell them. */
export const Expect = { any: -2, noStream: -1, streamExists: -4 } as const;

/** Names a stream and what its head must be. */
export interface StreamExpectation {
  readonly stream: string;
  /** A revision, or one of `Expect`. */
  readonly expected: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Reads a UUID message, text or structured, as canonical text. */
export function readUuid(bytes: Buffer, start: number, end: number): string {
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

/** Reads a StreamIdentifier message. */
export function readStreamName(bytes: Buffer, start: number, end: number): string {
  let name = '';
  visit(bytes, start, end, (field, _value, from, to) => {
    if (field === 3) name = bytes.toString('utf8', from, to);
  });
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
  visit(bytes, start, end, (field, value, from, to) => {
    if (field === 1) stream = readStreamName(bytes, from, to);
    else if (field === 2) expected = value;
    else if (field === 3) expected = Expect.noStream;
    else if (field === 4) expected = Expect.any;
    else if (field === 5) expected = Expect.streamExists;
    else if (field === 6) deadline = readMilliseconds(bytes, from, to);
    else if (field === 7) deadline = now + readMilliseconds(bytes, from, to);
  });
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

/** Reads a ProposedMessage. Throws when its id, type or content type is missing. */
export function readProposed(bytes: Buffer, start: number, end: number): ProposedEvent {
  let id = '';
  let type = '';
  let hasContentType = false as boolean;
  const properties: [number, number][] = [];
  let metadata: [number, number] = [0, 0];
  let data: [number, number] = [0, 0];
  visit(bytes, start, end, (field, _value, from, to) => {
    if (field === 1) id = readUuid(bytes, from, to);
    else if (field === 2) {
      const [key, value] = readEntry(bytes, from, to);
      if (key === 'type') type = value;
      if (key === 'content-type') hasContentType = true;
      // The server says when an event was created, whatever the client claims.
      if (key !== 'created') properties.push([from, to]);
    } else if (field === 3) metadata = [from, to];
    else if (field === 4) data = [from, to];
  });
  if (id === '') throw invalidArgument('An event has no id.');
  if (type === '') throw missingMetadata('type');
  if (!hasContentType) throw missingMetadata('content-type');
  return { id, type, source: bytes, properties, metadata, data };
}

/** One fragment of a batch append. */
export interface BatchFragment {
  readonly correlationId: string;
  readonly options: WriteOptions | undefined;
  readonly events: readonly ProposedEvent[];
  readonly final: boolean;
  /** Why this fragment can't be stored; its append is refused, the other appends go on. */
  readonly problem: unknown;
}

export function readBatchFragment(bytes: Buffer, now: number): BatchFragment {
  let correlationId = '';
  let options = undefined as WriteOptions | undefined;
  const events: ProposedEvent[] = [];
  let final = false;
  let problem: unknown;
  visit(bytes, 0, bytes.length, (field, value, from, to) => {
    try {
      if (field === 1) correlationId = readUuid(bytes, from, to);
      else if (field === 2) options = readWriteOptions(bytes, from, to, now);
      else if (field === 3) events.push(readProposed(bytes, from, to));
      else if (field === 4) final = value !== 0;
    } catch (error) {
      problem ??= error;
    }
  });
  if (correlationId === '') throw invalidArgument('A batch append has no correlation id.');
  return { correlationId, options, events, final, problem };
}

/** A server-side filter on $all. */
export interface FilterOptions {
  readonly on: 'stream' | 'type';
  readonly regex: string;
  readonly prefixes: readonly string[];
  /** Events between two checkpoints; the server's window times the client's multiplier. */
  readonly checkpointEvery: number;
}

/** The options of a read or a subscription. */
export interface ReadOptions {
  /** `$all` or a stream. */
  readonly stream: string;
  /** A revision or position, 0 for the start, `END` for the end. */
  readonly from: number;
  /** Whether `from` was given as a number rather than as start or end. */
  readonly exact: boolean;
  readonly backwards: boolean;
  readonly resolveLinks: boolean;
  /** Absent for a subscription. */
  readonly count?: number;
  readonly filter?: FilterOptions;
  readonly structuredIds: boolean;
}

const DEFAULT_WINDOW = 32;

export function readFilter(bytes: Buffer, start: number, end: number): FilterOptions {
  let on = 'type' as 'stream' | 'type';
  let regex = '';
  const prefixes: string[] = [];
  let window = DEFAULT_WINDOW;
  let multiplier = 1;
  visit(bytes, start, end, (field, value, from, to) => {
    if (field === 1 || field === 2) {
      on = field === 1 ? 'stream' : 'type';
      visit(bytes, from, to, (inner, _value, innerFrom, innerTo) => {
        if (inner === 1) regex = bytes.toString('utf8', innerFrom, innerTo);
        else if (inner === 2) prefixes.push(bytes.toString('utf8', innerFrom, innerTo));
      });
    } else if (field === 3) window = value;
    else if (field === 5) multiplier = value;
  });
  return { on, regex, prefixes, checkpointEvery: Math.max(1, window) * Math.max(1, multiplier) };
}

export function readReadOptions(request: Buffer): ReadOptions {
  let stream = '';
  let from = 0;
  let exact = false;
  let backwards = false;
  let resolveLinks = false;
  let count = 0;
  let subscription = false as boolean;
  let filter = undefined as FilterOptions | undefined;
  let structuredIds = true as boolean;

  const readStart = (field: number, value: number, positionField: number): void => {
    if (field === positionField) {
      from = value;
      exact = true;
    } else if (field === positionField + 1) from = 0;
    else if (field === positionField + 2) from = END;
  };

  visit(request, 0, request.length, (outer, _outer, optionsStart, optionsEnd) => {
    if (outer !== 1) return;
    visit(request, optionsStart, optionsEnd, (field, value, start, end) => {
      if (field === 1) {
        visit(request, start, end, (inner, innerValue, innerStart, innerEnd) => {
          if (inner === 1) stream = readStreamName(request, innerStart, innerEnd);
          else readStart(inner, innerValue, 2);
        });
      } else if (field === 2) {
        stream = '$all';
        visit(request, start, end, (inner, _innerValue, innerStart, innerEnd) => {
          let position = 0;
          if (inner === 1) {
            visit(request, innerStart, innerEnd, (key, commit) => {
              if (key === 1) position = commit;
            });
          }
          readStart(inner, position, 1);
        });
      } else if (field === 3) backwards = value === 1;
      else if (field === 4) resolveLinks = value !== 0;
      else if (field === 5) count = value;
      else if (field === 6) subscription = true;
      else if (field === 7) filter = readFilter(request, start, end);
      else if (field === 9) {
        visit(request, start, end, (inner) => {
          structuredIds = inner === 1;
        });
      }
    });
  });
  if (stream === '') throw invalidArgument('The stream name is empty.');
  return {
    stream,
    from,
    exact,
    backwards,
    resolveLinks,
    structuredIds,
    ...(subscription ? {} : { count }),
    ...(filter ? { filter } : {}),
  };
}
