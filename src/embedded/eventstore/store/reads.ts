/** Pages of stored events. A page is read whole, so that no reader holds a transaction open. */
import { CorruptionError } from '../errors.ts';
import { partsOf, type StoredEvent } from '../record.ts';
import { END } from '../wire.ts';
import { checksumOf } from './checksum.ts';
import type { Database, Names } from './database.ts';
import { firstVisible, TOMBSTONE_REVISION, type StreamState } from './streams.ts';

/** One page, and where the next one starts. */
export interface Page {
  readonly events: readonly StoredEvent[];
  /** The `from` of the next page. */
  readonly next: number;
  /** Nothing is behind this page (yet). */
  readonly end: boolean;
}

export interface Reads {
  /** Events of $all from a position, inclusive in both directions. */
  all(from: number, count: number, backwards: boolean): Page;
  /** Visible events of a stream from a revision, inclusive in both directions. */
  stream(state: StreamState, from: number, count: number, backwards: boolean): Page;
  /** One event, whether visible or not. */
  at(position: number): StoredEvent | undefined;
  /** The first event that a stream still has, by the stream's number. */
  firstOf(stream: number): StoredEvent | undefined;
  event(state: StreamState, revision: number): StoredEvent | undefined;
}

type Row = readonly [
  position: number,
  stream: number,
  revision: number,
  type: number,
  checksum: number,
  record: Uint8Array,
];

/** A page ends at this many bytes even if fewer events than asked for were read. */
const PAGE_BYTES = 1 << 20;

const COLUMNS = 'position, stream, revision, type, checksum, record';

export function openReads(database: Database, types: Names): Reads {
  const allForwards = database.prepare(
    `SELECT ${COLUMNS} FROM events WHERE position >= ? ORDER BY position LIMIT ?`,
  );
  const allBackwards = database.prepare(
    `SELECT ${COLUMNS} FROM events WHERE position <= ? ORDER BY position DESC LIMIT ?`,
  );
  const streamForwards = database.prepare(
    `SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision >= ?
     AND revision < ${TOMBSTONE_REVISION} ORDER BY revision LIMIT ?`,
  );
  const streamBackwards = database.prepare(
    `SELECT ${COLUMNS} FROM events WHERE stream = ? AND revision BETWEEN ? AND ?
     ORDER BY revision DESC LIMIT ?`,
  );
  const atPosition = database.prepare(`SELECT ${COLUMNS} FROM events WHERE position = ?`);

  const toEvent = (row: Row): StoredEvent => {
    const [position, stream, revision, type, checksum, record] = row;
    if (checksumOf(record, position, stream, revision) !== checksum) {
      throw new CorruptionError(
        `${database.path} is damaged: the event at position ${position} differs from what was written.`,
      );
    }
    return { position, revision, type: types.nameOf(type), record };
  };

  const collect = (rows: Iterable<unknown>): { events: StoredEvent[]; cut: boolean } => {
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (const row of rows) {
      const event = toEvent(row as Row);
      events.push(event);
      bytes += event.record.length;
      if (bytes > PAGE_BYTES) return { events, cut: true };
    }
    return { events, cut: false };
  };

  const page = (
    rows: Iterable<unknown>,
    count: number,
    place: (event: StoredEvent) => number,
    backwards: boolean,
    from: number,
  ): Page => {
    const { events, cut } = collect(rows);
    const last = events.at(-1);
    const next = last === undefined ? from : place(last) + (backwards ? -1 : 1);
    return { events, next, end: !cut && events.length < count };
  };

  return {
    all: (from, count, backwards) =>
      page(
        (backwards ? allBackwards : allForwards).iterate(from, count),
        count,
        (event) => event.position,
        backwards,
        from,
      ),
    stream(state, from, count, backwards) {
      const first = firstVisible(state);
      const rows = backwards
        ? streamBackwards.iterate(state.id, first, Math.min(from, END - 1), count)
        : streamForwards.iterate(state.id, Math.max(from, first), count);
      const result = page(rows, count, (event) => event.revision, backwards, from);
      assertGapless(database, state, result.events);
      const maxAge = state.limits?.maxAge;
      if (maxAge === undefined) return result;
      const oldest = Date.now() - maxAge * 1000;
      return {
        ...result,
        events: result.events.filter((event) => partsOf(event.record).created > oldest),
      };
    },
    at(position) {
      const row = atPosition.get(position) as unknown as Row | undefined;
      return row && toEvent(row);
    },
    firstOf(stream) {
      const row = [...streamForwards.iterate(stream, 0, 1)][0] as unknown;
      return row === undefined ? undefined : toEvent(row as Row);
    },
    event(state, revision) {
      const row = [...streamBackwards.iterate(state.id, revision, revision, 1)][0] as unknown;
      return row === undefined ? undefined : toEvent(row as Row);
    },
  };
}

/** A scavenge removes only the oldest revisions, so a gap is a lost row. */
function assertGapless(
  { path }: Database,
  { name }: StreamState,
  events: readonly StoredEvent[],
): void {
  const first = events[0]?.revision ?? 0;
  const last = events.at(-1)?.revision ?? 0;
  if (events.length > 0 && Math.abs(last - first) !== events.length - 1) {
    throw new CorruptionError(`${path} is damaged: events of stream "${name}" are missing.`);
  }
}
