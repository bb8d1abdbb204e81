/** The write path: decides an append against the stream's head, and writes its rows. */
import { encodeRecord, partsOf, type ProposedEvent, type StoredEvent } from '../record.ts';
import { Expect, type StreamExpectation } from '../requests.ts';
import { END } from '../wire.ts';
import type { Database, Names } from './database.ts';
import { checksumOf } from './checksum.ts';
import { decideAppend, type AppendFacts } from './decide.ts';
import { proposeJson } from './internal-events.ts';
import { encodeMetadata, parseLimits, parseMetadata } from './limits.ts';
import type { RecentIds } from './recent-ids.ts';
import { isSoftDeleted, TOMBSTONE_REVISION, type Streams, type StreamState } from './streams.ts';

/** What became of an append. */
export type AppendOutcome =
  | { readonly kind: 'appended'; readonly revision: number; readonly position: number }
  /** `current` is -1 when there is no stream. */
  | { readonly kind: 'wrong'; readonly current: number }
  | { readonly kind: 'deleted' };

export interface Appender {
  /** Position of the last event in the log, 0 while it is empty. */
  readonly head: () => number;
  append(request: StreamExpectation, events: readonly ProposedEvent[]): AppendOutcome;
  /** Hides every event; the stream can be written again. */
  softDelete(request: StreamExpectation): AppendOutcome;
  /** Ends the stream for ever. */
  tombstone(request: StreamExpectation): AppendOutcome;
  /** The events written since the last call, in order. */
  takeWritten(): readonly StoredEvent[];
  reset(): void;
}

/** Row of `progress` that keeps positions growing after a scavenge removed the newest events. */
export const LAST_POSITION = 'last_position';

export function openAppender(
  database: Database,
  streams: Streams,
  types: Names,
  categories: Names,
  recentIds: RecentIds,
): Appender {
  const insert = database.prepare(
    `INSERT INTO events (position, stream, revision, type, category, checksum, record)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectHead = database.prepare(
    `SELECT max(coalesce((SELECT max(position) FROM events), 0),
                coalesce((SELECT value FROM progress WHERE name = '${LAST_POSITION}'), 0))`,
  );
  const selectRecord = database.prepare(
    'SELECT record FROM events WHERE stream = ? AND revision = ?',
  );
  const selectId = database.prepare(
    `SELECT position, CAST(substr(record, 5, 36) AS TEXT) FROM events
     WHERE stream = ? AND revision = ?`,
  );
  const readHead = (): number => (selectHead.get() as unknown as readonly [number])[0];
  let head = readHead();
  let written: StoredEvent[] = [];
  let now = Date.now();

  const write = (state: StreamState, event: ProposedEvent, revision: number): void => {
    head += 1;
    const record = encodeRecord(event, state.name, revision, head, now);
    const type = types.idOf(event.type);
    insert.run(
      head,
      state.id,
      revision,
      type,
      state.category === undefined ? 0 : categories.idOf(state.category),
      checksumOf(record, head, state.id, revision),
      record,
    );
    recentIds.add(event.idSource, event.idAt, state.id, revision, head);
    written.push({ position: head, revision, type: event.type, record });
  };

  const writeAll = (state: StreamState, events: readonly ProposedEvent[]): void => {
    streams.settle(head);
    if (state.id === 0) streams.create(state);
    for (const event of events) {
      write(state, event, state.head + 1);
      state.head += 1;
    }
    const last = events.at(-1);
    if (last && state.name.startsWith('$$')) {
      const limits = parseLimits(last.source.subarray(last.data[0], last.data[1]));
      streams.setLimits(streams.get(state.name.slice(2)), limits);
    }
  };

  const writeTruncation = (state: StreamState, truncateBefore: number): void => {
    const metastream = streams.get(`$$${state.name}`);
    const row = selectRecord.get(metastream.id, metastream.head) as
      readonly [Uint8Array] | undefined;
    const current = row ? parseMetadata(partsOf(row[0]).data) : {};
    const metadata = encodeMetadata({ ...current, $tb: truncateBefore });
    writeAll(metastream, [proposeJson('$metadata', metadata)]);
  };

  const facts: AppendFacts = {
    recent: recentIds.find,
    idAt: ({ id }, revision) => selectId.get(id, revision) as readonly [number, string] | undefined,
    hasMetadata: ({ name }) => streams.get(`$$${name}`).head >= 0,
  };

  const append: Appender['append'] = (request, events) => {
    now = Date.now();
    const state = streams.get(request.stream);
    const base = request.stream.startsWith('$$') ? streams.get(request.stream.slice(2)) : state;
    if (state.tombstoned || base.tombstoned) return { kind: 'deleted' };
    const decision = decideAppend(state, request.expected, events, facts);
    if (decision.kind !== 'write') return decision;
    if (events.length === 0) {
      return { kind: 'appended', revision: Math.max(state.head, 0), position: head };
    }
    if (isSoftDeleted(state)) writeTruncation(state, state.head + 1);
    writeAll(state, events);
    return { kind: 'appended', revision: state.head, position: head };
  };

  const refuse = (state: StreamState, expected: number): AppendOutcome | undefined => {
    if (state.tombstoned) return { kind: 'deleted' };
    const current = isSoftDeleted(state) ? -1 : state.head;
    const fits =
      expected === Expect.any || expected === Expect.streamExists
        ? current >= 0
        : expected === current || (expected === state.head && state.head >= 0);
    return fits ? undefined : { kind: 'wrong', current };
  };

  return {
    head: () => head,
    append,
    softDelete(request) {
      now = Date.now();
      const state = streams.get(request.stream);
      const refusal = refuse(state, request.expected);
      if (refusal) return refusal;
      writeTruncation(state, END);
      return { kind: 'appended', revision: state.head, position: head };
    },
    tombstone(request) {
      now = Date.now();
      const state = streams.get(request.stream);
      const refusal = refuse(state, request.expected);
      if (refusal && !(refusal.kind === 'wrong' && request.expected === Expect.any)) return refusal;
      if (state.id === 0) streams.create(state);
      write(state, proposeJson('$streamDeleted', '{}'), TOMBSTONE_REVISION);
      streams.tombstone(state);
      return { kind: 'appended', revision: state.head, position: head };
    },
    takeWritten() {
      const taken = written;
      written = [];
      return taken;
    },
    reset() {
      head = readHead();
      written = [];
    },
  };
}
