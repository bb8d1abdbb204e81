/**
 * The ids of the latest events: what makes repeated appends with `any` idempotent. They are kept as
 * numbers in a ring, since objects that live as long as this would burden every garbage collection.
 */
import type { Database } from './database.ts';

/** Where an event with a known id stands. */
export interface KnownEvent {
  readonly stream: number;
  readonly revision: number;
  readonly position: number;
}

/** An id is 36 bytes of canonical text in `bytes`, from `at` on. */
export interface RecentIds {
  readonly find: (bytes: Uint8Array, at: number) => KnownEvent | undefined;
  /** Inside a transaction; remembered for good by `keep`, forgotten by `drop`. */
  add(bytes: Uint8Array, at: number, stream: number, revision: number, position: number): void;
  keep(): void;
  drop(): void;
}

/** Events whose ids are remembered; older repeats with `any` are stored again, as in EventStoreDB. */
const PROMISED = 50_000;
/** The rest is what one transaction may displace and then be undone. */
const CAPACITY = 1 << 16;
const BUCKETS = 1 << 17;
const NONE = -1;
const WORDS = 4;

const DIGITS = new Uint8Array(128);
for (const digit of '0123456789abcdef') DIGITS[digit.charCodeAt(0)] = parseInt(digit, 16);

/** Four hexadecimal digits. */
const quarter = (bytes: Uint8Array, at: number): number =>
  ((DIGITS[bytes[at] ?? 0] ?? 0) << 12) |
  ((DIGITS[bytes[at + 1] ?? 0] ?? 0) << 8) |
  ((DIGITS[bytes[at + 2] ?? 0] ?? 0) << 4) |
  (DIGITS[bytes[at + 3] ?? 0] ?? 0);

export function openRecentIds(database: Database): RecentIds {
  const select = database.prepare(
    `SELECT position, stream, revision, substr(record, 5, 36) FROM events WHERE position >=
       (SELECT min(position) FROM (SELECT position FROM events ORDER BY position DESC LIMIT ${CAPACITY}))
     ORDER BY position`,
  );
  const words = new Int32Array(CAPACITY * WORDS);
  const streams = new Float64Array(CAPACITY);
  const revisions = new Float64Array(CAPACITY);
  const positions = new Float64Array(CAPACITY);
  /** Slots whose ids fall into the same bucket, the latest first. */
  const chain = new Int32Array(CAPACITY);
  const buckets = new Int32Array(BUCKETS);
  const sought = new Int32Array(WORDS);
  /** Ever added; the next one's slot by remainder. */
  let count = 0;
  let kept = 0;

  const seek = (bytes: Uint8Array, at: number): void => {
    sought[0] = (quarter(bytes, at) << 16) | quarter(bytes, at + 4);
    sought[1] = (quarter(bytes, at + 9) << 16) | quarter(bytes, at + 14);
    sought[2] = (quarter(bytes, at + 19) << 16) | quarter(bytes, at + 24);
    sought[3] = (quarter(bytes, at + 28) << 16) | quarter(bytes, at + 32);
  };
  const bucketOf = (from: Int32Array, at: number): number => {
    let hash = 0;
    for (let n = 0; n < WORDS; n += 1) {
      hash = Math.imul(hash ^ (from[at + n] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash & (BUCKETS - 1);
  };
  const isSought = (slot: number): boolean => {
    for (let n = 0; n < WORDS; n += 1) if (words[slot * WORDS + n] !== sought[n]) return false;
    return true;
  };
  const unchain = (slot: number): void => {
    const bucket = bucketOf(words, slot * WORDS);
    const behind = chain[slot] ?? NONE;
    if (buckets[bucket] === slot) {
      buckets[bucket] = behind;
      return;
    }
    let before = buckets[bucket] ?? NONE;
    while (before !== NONE && chain[before] !== slot) before = chain[before] ?? NONE;
    if (before !== NONE) chain[before] = behind;
  };
  const add: RecentIds['add'] = (bytes, at, stream, revision, position) => {
    const slot = count % CAPACITY;
    if (count >= CAPACITY) unchain(slot);
    seek(bytes, at);
    words.set(sought, slot * WORDS);
    streams[slot] = stream;
    revisions[slot] = revision;
    positions[slot] = position;
    const bucket = bucketOf(sought, 0);
    chain[slot] = buckets[bucket] ?? NONE;
    buckets[bucket] = slot;
    count += 1;
  };
  const load = (): void => {
    buckets.fill(NONE);
    count = 0;
    for (const row of select.iterate()) {
      const [position, stream, revision, id] = row as unknown as readonly [
        number,
        number,
        number,
        Uint8Array,
      ];
      add(id, 0, stream, revision, position);
    }
    kept = count;
  };
  load();

  return {
    find(bytes, at) {
      seek(bytes, at);
      let slot = buckets[bucketOf(sought, 0)] ?? NONE;
      while (slot !== NONE && !isSought(slot)) slot = chain[slot] ?? NONE;
      if (slot === NONE) return undefined;
      return {
        stream: streams[slot] ?? 0,
        revision: revisions[slot] ?? 0,
        position: positions[slot] ?? 0,
      };
    },
    add,
    keep() {
      kept = count;
    },
    drop() {
      if (count - kept > CAPACITY - PROMISED) {
        load();
        return;
      }
      while (count > kept) {
        count -= 1;
        unchain(count % CAPACITY);
      }
    },
  };
}
