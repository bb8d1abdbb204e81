/** The ids of the latest events: what makes repeated appends with `any` idempotent. */
import type { Database } from './database.ts';

/** Where an event with a known id stands. */
export interface KnownEvent {
  readonly stream: number;
  readonly revision: number;
  readonly position: number;
}

export interface RecentIds {
  readonly find: (id: string) => KnownEvent | undefined;
  /** Inside a transaction; remembered for good by `keep`, forgotten by `drop`. */
  add(id: string, event: KnownEvent): void;
  keep(): void;
  drop(): void;
}

/** Events whose ids are remembered; older repeats with `any` are stored again, as in EventStoreDB. */
const CAPACITY = 50_000;

export function openRecentIds(database: Database): RecentIds {
  const select = database.prepare(
    `SELECT position, stream, revision, CAST(substr(record, 5, 36) AS TEXT) FROM events
     ORDER BY position DESC LIMIT ${CAPACITY}`,
  );
  const events = new Map<string, KnownEvent>();
  // A ring, because a Map that is used as a queue gets slow in V8.
  const ring: string[] = [];
  let next = 0;
  /** Ids that the present transaction added, each with what it replaced. */
  let added: string[] = [];
  const replaced = new Map<string, KnownEvent>();

  const keepId = (id: string): void => {
    if (ring.length < CAPACITY) {
      ring.push(id);
      return;
    }
    const evicted = ring[next];
    if (evicted !== undefined && evicted !== id) events.delete(evicted);
    ring[next] = id;
    next = (next + 1) % CAPACITY;
  };
  const forget = (): void => {
    added = [];
    replaced.clear();
  };
  const rows = select.all() as unknown as (readonly [number, number, number, string])[];
  for (const [position, stream, revision, id] of rows.reverse()) {
    events.set(id, { position, stream, revision });
    keepId(id);
  }

  return {
    find: (id) => events.get(id),
    add(id, event) {
      const known = events.get(id);
      if (known !== undefined) replaced.set(id, known);
      events.set(id, event);
      added.push(id);
    },
    keep() {
      for (const id of added) keepId(id);
      forget();
    },
    drop() {
      for (const id of added) events.delete(id);
      for (const [id, event] of replaced) events.set(id, event);
      forget();
    },
  };
}
