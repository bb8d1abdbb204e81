import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openDatabase, type Database } from '../../src/embedded/eventstore/store/database.ts';
import {
  openNameFilter,
  type NameFilter,
} from '../../src/embedded/eventstore/store/name-filter.ts';
import { temporaryDirectory } from './support.ts';

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let database: Database;

beforeEach(async () => {
  directory = await temporaryDirectory();
  database = openDatabase(directory.path);
});
afterEach(async () => {
  database.close();
  await directory.remove();
});

const nameOf = (n: number): string => `stream-${(n * 7_919) % 1_000_003}`;

/** Puts names into the table, and tells the filter of them, if there is one. */
const put = (first: number, count: number, filter?: NameFilter): void => {
  const insert = database.prepare('INSERT INTO streams (name, id) VALUES (?, ?)');
  database.connection.exec('BEGIN');
  for (let n = first; n < first + count; n += 1) {
    insert.run(nameOf(n), n);
    filter?.add(nameOf(n));
  }
  database.connection.exec('COMMIT');
};

/** Of names that aren't there, the share that is told at once. */
const told = (filter: NameFilter, count = 2_000): number => {
  let absent = 0;
  for (let n = 0; n < count; n += 1) if (filter.isAbsent(`absent-${n}`)) absent += 1;
  return absent / count;
};

const missed = (filter: NameFilter, count: number): number[] =>
  Array.from({ length: count }, (_, n) => n).filter((n) => filter.isAbsent(nameOf(n)));

test('names that are absent are told once all that are there have been read', () => {
  put(1, 20_000);
  const filter = openNameFilter(database, 20_000);
  expect(told(filter, 500)).toBe(0);
  told(filter, 64 * 40);
  expect(told(filter)).toBeGreaterThan(0.97);
});

test('a name that is there is never called absent, whenever it came', () => {
  put(0, 5_000);
  const filter = openNameFilter(database, 5_000);
  // In the middle of the first reading, behind and before where it is.
  told(filter, 64 * 5);
  put(5_000, 5_000, filter);
  for (let round = 0; round < 60; round += 1) expect(missed(filter, 10_000)).toEqual([]);
  expect(told(filter)).toBeGreaterThan(0.9);
});

test('a filter that was made for few names makes room for many', () => {
  const filter = openNameFilter(database, 10);
  for (let first = 0; first < 60_000; first += 10_000) {
    put(first, 10_000, filter);
    expect(missed(filter, first + 10_000)).toEqual([]);
  }
  told(filter, 64 * 130);
  expect(missed(filter, 60_000)).toEqual([]);
  expect(told(filter)).toBeGreaterThan(0.9);
});
