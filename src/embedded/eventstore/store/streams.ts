/** What is known about a stream: its number, its head, its limits. Cached, bounded. */
import { END } from '../wire.ts';
import type { Database } from './database.ts';
import { openStreamIds } from './stream-ids.ts';

/** What stream metadata says about which events are still visible. */
export interface Limits {
  readonly maxCount: number | undefined;
  /** Seconds. */
  readonly maxAge: number | undefined;
  /** Revisions below are gone; `END` is a soft delete. */
  readonly truncateBefore: number | undefined;
}

/** Changes only inside a transaction; a rollback forgets every cached state. */
export interface StreamState {
  readonly name: string;
  readonly category: string | undefined;
  /** 0 while the stream has no row. */
  id: number;
  /** Revision of the last event, -1 while there is none. */
  head: number;
  limits: Limits | undefined;
  tombstoned: boolean;
}

export const isSoftDeleted = (state: StreamState): boolean => state.limits?.truncateBefore === END;

/** Whether a reader finds the stream. */
export const isReadable = (state: StreamState): boolean => state.head >= 0 && !isSoftDeleted(state);

/** First revision that limits other than age leave visible. */
export function firstVisible(state: StreamState): number {
  const { limits } = state;
  if (limits === undefined) return 0;
  const byCount = limits.maxCount === undefined ? 0 : state.head - limits.maxCount + 1;
  return Math.max(0, byCount, limits.truncateBefore ?? 0);
}

export interface Streams {
  /** Streams ever created; the last one has this number. */
  count(): number;
  get(name: string): StreamState;
  /** Gives the stream its number. Inside the transaction that writes its first event. */
  create(state: StreamState): void;
  /** Now and then puts the names of new streams into their table. Inside a transaction. */
  settle(head: number): void;
  /** The same at once; needed before the first event of any stream is removed. */
  settleAll(head: number): void;
  setLimits(state: StreamState, limits: Limits): void;
  tombstone(state: StreamState): void;
  /** Keeps the head of a stream whose newest events a scavenge is about to remove. */
  keepHead(state: StreamState): void;
  /** Forgets everything cached. */
  reset(): void;
}

const GENERATION = 8_192;
const MAX_LIMITED = 10_000;

type LimitsRow = readonly [number | null, number | null, number | null, number, number | null];

/** Row of `progress` that keeps stream numbers growing after a scavenge removed the newest. */
export const LAST_STREAM = 'last_stream';

/** Revision column of a tombstone; its record carries the protocol's 2^63 - 1. */
export const TOMBSTONE_REVISION = END;

export function openStreams(
  database: Database,
  categoryOf: (name: string) => string | undefined,
): Streams {
  const selectLimited = database.prepare(`SELECT name FROM stream_limits LIMIT ${MAX_LIMITED + 1}`);
  const selectHead = database.prepare(
    `SELECT revision FROM events WHERE stream = ? AND revision < ${TOMBSTONE_REVISION}
     ORDER BY revision DESC LIMIT 1`,
  );
  const selectLimits = database.prepare(
    `SELECT max_count, max_age, truncate_before, tombstoned, scavenged_head
     FROM stream_limits WHERE name = ?`,
  );
  const upsertLimits = database.prepare(
    `INSERT INTO stream_limits (name, max_count, max_age, truncate_before) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (name) DO UPDATE SET max_count = ?2, max_age = ?3, truncate_before = ?4`,
  );
  // Most streams have no limits: while few have, their names tell without a look-up.
  const limited = new Set<string>();
  let allLimitedKnown = true;
  const learnLimited = (): void => {
    limited.clear();
    const rows = selectLimited.all() as unknown as (readonly [string])[];
    for (const [name] of rows) limited.add(name);
    allLimitedKnown = rows.length <= MAX_LIMITED;
  };
  const noteLimited = (name: string): void => {
    limited.add(name);
    if (limited.size > MAX_LIMITED) allLimitedKnown = false;
  };
  const mayBeLimited = (name: string): boolean => !allLimitedKnown || limited.has(name);
  const upsertHead = database.prepare(
    `INSERT INTO stream_limits (name, scavenged_head) VALUES (?1, ?2)
     ON CONFLICT (name) DO UPDATE SET scavenged_head = ?2`,
  );
  const upsertTombstone = database.prepare(
    `INSERT INTO stream_limits (name, tombstoned) VALUES (?, 1)
     ON CONFLICT (name) DO UPDATE SET tombstoned = 1`,
  );

  learnLimited();

  // Two generations make a cheap least-recently-used cache without touching iteration order.
  let young = new Map<string, StreamState>();
  let old = new Map<string, StreamState>();
  const selectMaxId = database.prepare(
    `SELECT max(coalesce((SELECT max(stream) FROM events), 0),
                coalesce((SELECT value FROM progress WHERE name = '${LAST_STREAM}'), 0))`,
  );
  let lastId = (selectMaxId.get() as unknown as [number])[0];
  const ids = openStreamIds(database, TOMBSTONE_REVISION, lastId);

  const remember = (state: StreamState): StreamState => {
    if (young.size >= GENERATION) {
      old = young;
      young = new Map();
    }
    young.set(state.name, state);
    return state;
  };

  const load = (name: string): StreamState => {
    const id = ids.idOf(name);
    const limits = mayBeLimited(name)
      ? (selectLimits.get(name) as LimitsRow | undefined)
      : undefined;
    const head = id === 0 ? undefined : (selectHead.get(id) as readonly [number] | undefined)?.[0];
    return {
      name,
      category: categoryOf(name),
      id,
      head: Math.max(head ?? -1, limits?.[4] ?? -1),
      limits: limits && hasLimit(limits) ? limitsOf(limits) : defaultLimits(name),
      tombstoned: limits?.[3] === 1,
    };
  };

  return {
    count: () => lastId,
    get(name) {
      const cached = young.get(name);
      if (cached) return cached;
      return remember(old.get(name) ?? load(name));
    },
    create(state) {
      lastId += 1;
      state.id = lastId;
      ids.add(state.name, state.id);
    },
    settle: ids.mergeSome,
    settleAll: ids.merge,
    setLimits(state, limits) {
      upsertLimits.run(
        state.name,
        limits.maxCount ?? null,
        limits.maxAge ?? null,
        limits.truncateBefore ?? null,
      );
      noteLimited(state.name);
      state.limits = limits;
    },
    keepHead(state) {
      upsertHead.run(state.name, state.head);
      noteLimited(state.name);
    },
    tombstone(state) {
      upsertTombstone.run(state.name);
      noteLimited(state.name);
      state.tombstoned = true;
    },
    reset() {
      young = new Map();
      old = new Map();
      ids.reset();
      learnLimited();
      lastId = (selectMaxId.get() as unknown as [number])[0];
    },
  };
}

/** Of a stream's metadata only the latest counts, as in EventStoreDB. */
const defaultLimits = (name: string): Limits | undefined =>
  name.startsWith('$$') ? { maxCount: 1, maxAge: undefined, truncateBefore: undefined } : undefined;

const hasLimit = (row: LimitsRow): boolean => row[0] !== null || row[1] !== null || row[2] !== null;

const limitsOf = (row: LimitsRow): Limits => ({
  maxCount: row[0] ?? undefined,
  maxAge: row[1] ?? undefined,
  truncateBefore: row[2] ?? undefined,
});
