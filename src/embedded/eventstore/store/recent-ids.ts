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
  let pending = new Map<string, KnownEvent>();

  const remember = (id: string, event: KnownEvent): void => {
    if (ring.length < CAPACITY) {
      ring.push(id);
    } else {
      const evicted = ring[next];
      if (evicted !== undefined && evicted !== id) events.delete(evicted);
      ring[next] = id;
      next = (next + 1) % CAPACITY;
    }
    events.set(id, event);
  };
  const drop = (): void => {
    if (pending.size > 0) pending = new Map();
  };
  const rows = select.all() as unknown as (readonly [number, number, number, string])[];
  for (const [position, stream, revision, id] of rows.reverse()) {
    remember(id, { position, stream, revision });
  }

  return {
    find: (id) => pending.get(id) ?? events.get(id),
    add: (id, event) => pending.set(id, event),
    keep() {
      for (const [id, event] of pending) remember(id, event);
      drop();
    },
    drop,
  };
}
