/**
 * Tells most names of new streams without a look-up in the table of streams: a Bloom filter of the
 * names in it. It is filled in passing, a few names for each look-up that it couldn't save, so that
 * neither the start nor an idle server pays for it.
 */
import type { Database } from './database.ts';

export interface NameFilter {
  /** Whether the table has no such name, for sure. */
  isAbsent(name: string): boolean;
  /** To be called for every name that was put into the table. */
  add(name: string): void;
}

/** Two of sixteen bits per name: one new name in seventy is taken for a known one. */
const BITS_PER_NAME = 16;
const SMALLEST = 1 << 16;
/** Sixteen megabytes; more names than fit are found in the table more often. */
const LARGEST = 1 << 27;
/** Names read at a time, and how many look-ups there are between two times. */
const STEP = 512;
const PAUSE = 64;

/** @param expected number of names, about. */
export function openNameFilter(database: Database, expected: number): NameFilter {
  const select = database.prepare(
    `SELECT name FROM streams WHERE name > ? ORDER BY name LIMIT ${STEP}`,
  );
  let bits = new Int32Array(0);
  let mask = 0;
  let names = 0;
  let complete = false;
  /** Names up to this one have been read. */
  let reached = '';
  let lookups = 0;
  let first = 0;
  let second = 0;

  const start = (count: number): void => {
    let size = SMALLEST;
    while (size < LARGEST && size < count * BITS_PER_NAME) size *= 2;
    bits = new Int32Array(size / 32);
    mask = size - 1;
    names = 0;
    complete = false;
    reached = '';
  };
  /** FNV-1a, and a second number from it. */
  const hash = (name: string): void => {
    let code = 0x811c9dc5;
    for (let at = 0; at < name.length; at += 1) {
      code = Math.imul(code ^ name.charCodeAt(at), 0x01000193);
    }
    const mixed = Math.imul(code ^ (code >>> 15), 0x85ebca6b);
    first = (mixed ^ (mixed >>> 13)) & mask;
    const other = Math.imul(code ^ (code >>> 16), 0xc2b2ae35);
    second = (other ^ (other >>> 14)) & mask;
  };
  const mark = (bit: number): void => {
    bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
  };
  const isMarked = (bit: number): boolean => (((bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
  const put = (name: string): void => {
    hash(name);
    mark(first);
    mark(second);
    names += 1;
  };
  const learn = (): void => {
    const rows = select.all(reached) as unknown as (readonly [string])[];
    for (const [name] of rows) put(name);
    reached = rows.at(-1)?.[0] ?? reached;
    complete = rows.length < STEP;
  };
  start(expected * 2);

  return {
    isAbsent(name) {
      if (complete) {
        hash(name);
        return !isMarked(first) || !isMarked(second);
      }
      lookups += 1;
      if (lookups % PAUSE === 0) learn();
      return false;
    },
    add(name) {
      put(name);
      // Too full to tell much: it starts over, with more room.
      if (names * (BITS_PER_NAME / 2) > mask && mask < LARGEST - 1) start(names * 2);
    },
  };
}
