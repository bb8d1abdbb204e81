/**
 * Removes what stream metadata, deletion and tombstones have hidden, in small transactions between
 * the others. Removed bytes are overwritten, and their pages given back to the file system.
 */
import { randomUUID } from 'node:crypto';
import { partsOf } from '../record.ts';
import type { Store } from '../store/store.ts';
import {
  firstVisible,
  LAST_STREAM,
  TOMBSTONE_REVISION,
  type StreamState,
} from '../store/streams.ts';
import { LAST_POSITION } from '../store/append.ts';

/** A scavenge that runs or ran. */
export interface Scavenge {
  readonly id: string;
  /** Resolves with the number of events that were removed. */
  readonly done: Promise<number>;
  /** Ends it after the transaction that is under way. */
  stop(): void;
}

/** Events removed per transaction. */
const STEP = 500;
/** Free pages given back at a time. */
const PAGES_PER_STEP = 256;

type HiddenRow = readonly [position: number, revision: number, record: Uint8Array];

export function startScavenge(store: Store): Scavenge {
  const { database, streams } = store;
  const selectNames = database.prepare(
    'SELECT name FROM stream_limits WHERE name > ? ORDER BY name LIMIT 100',
  );
  const selectOldest = database.prepare(
    `SELECT position, revision, record FROM events WHERE stream = ? AND revision < ?
     ORDER BY revision LIMIT ${STEP}`,
  );
  const remove = database.prepare('DELETE FROM events WHERE position = ?');
  const keepLast = database.prepare(
    'INSERT INTO progress (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
  );
  let stopped = false;

  /** Removes up to `STEP` events. Returns how many. Inside a transaction. */
  const removeSome = (name: string): number => {
    const state = streams.get(name);
    streams.settleAll(store.appender.head());
    let removed = 0;
    for (const row of selectOldest.all(state.id, TOMBSTONE_REVISION)) {
      const [position, revision, record] = row as unknown as HiddenRow;
      if (!isHidden(state, revision, record)) break;
      remove.run(position);
      removed += 1;
    }
    if (removed === 0) return 0;
    streams.keepHead(state);
    keepLast.run(LAST_POSITION, store.appender.head());
    keepLast.run(LAST_STREAM, streams.count());
    return removed;
  };

  const removeAll = async (name: string): Promise<number> => {
    let total = 0;
    let removed: number;
    do {
      removed = await store.commits.transact(() => removeSome(name));
      total += removed;
    } while (removed === STEP && !stopped);
    return total;
  };

  const run = async (): Promise<number> => {
    let total = 0;
    let after = '';
    try {
      for (;;) {
        const names = (selectNames.all(after) as unknown as (readonly [string])[]).map(([n]) => n);
        for (const name of names) {
          if (stopped) return total;
          total += await removeAll(name);
          if (!name.startsWith('$$')) total += await removeAll(`$$${name}`);
          after = name;
        }
        if (names.length === 0) return total;
      }
    } finally {
      await giveBack(store, () => stopped);
    }
  };

  return {
    id: randomUUID(),
    done: run(),
    stop() {
      stopped = true;
    },
  };
}

function isHidden(state: StreamState, revision: number, record: Uint8Array): boolean {
  if (state.tombstoned || revision < firstVisible(state)) return true;
  const maxAge = state.limits?.maxAge;
  return maxAge !== undefined && partsOf(record).created <= Date.now() - maxAge * 1000;
}

/**
 * Gives the free pages back to the file system, some at a time, then empties the write-ahead log,
 * which still holds what was removed.
 */
async function giveBack(store: Store, isStopped: () => boolean): Promise<void> {
  const { connection, prepare } = store.database;
  const selectFree = prepare('PRAGMA freelist_count');
  const countFree = (): number => (selectFree.get() as unknown as readonly [number])[0];
  let before = Infinity;
  for (let free = countFree(); free > 0 && free < before && !isStopped(); free = countFree()) {
    before = free;
    connection.exec(`PRAGMA incremental_vacuum(${PAGES_PER_STEP})`);
    await store.pace();
  }
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}
