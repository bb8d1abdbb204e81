import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { verifyEventStore } from '../../src/embedded/eventstore/index.ts';
import { startScavenge } from '../../src/embedded/eventstore/operations/scavenge.ts';
import { proposeJson } from '../../src/embedded/eventstore/store/internal-events.ts';
import { openStore, type Store } from '../../src/embedded/eventstore/store/store.ts';
import { temporaryDirectory } from './support.ts';

/** More new streams than may wait for the table of streams. */
const MANY = 20_000;
const ANY = -2;
const NO_STREAM = -1;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let store: Store;

beforeEach(async () => {
  directory = await temporaryDirectory();
  store = openStore(directory.path);
});
afterEach(async () => {
  store.close();
  await directory.remove();
});

const append = (stream: string, expected = ANY) =>
  store.commits.transact(() =>
    store.appender.append({ stream, expected }, [proposeJson('Counted', '{}')]),
  );

const createStreams = (first: number, count: number): Promise<void> =>
  store.commits.transact(() => {
    for (let n = first; n < first + count; n += 1) {
      store.appender.append({ stream: `made-${n}`, expected: NO_STREAM }, [
        proposeJson('Counted', '{}'),
      ]);
    }
  });

const reopen = (): void => {
  store.close();
  store = openStore(directory.path);
};

/** What the table of streams says, without the server's help. */
const tabled = (): number => {
  const database = new DatabaseSync(join(directory.path, 'eventstore.db'));
  const row = database.prepare('SELECT count(*) AS n FROM streams').get() as { n: number };
  database.close();
  return row.n;
};

test('streams are found again whether their names are in the table yet or not', async () => {
  await createStreams(0, MANY);
  await createStreams(MANY, 100);
  for (const round of [1, 2]) {
    for (const n of [0, 12_345, MANY - 1, MANY, MANY + 99]) {
      expect(await append(`made-${n}`, round - 1)).toMatchObject({
        kind: 'appended',
        revision: round,
      });
      expect(await append(`made-${n}`, NO_STREAM)).toMatchObject({ kind: 'wrong', current: round });
    }
    reopen();
  }
  store.close();
  const names = tabled();
  expect(names).toBeGreaterThan(16_000);
  expect(names).toBeLessThan(MANY + 100);
  expect(verifyEventStore(directory.path)).toMatchObject({ problems: [] });
  store = openStore(directory.path);
});

test('a stream whose events were all removed before its name was in the table goes on', async () => {
  await append('gone-1', NO_STREAM);
  await append('gone-1');
  await store.commits.transact(() =>
    store.appender.softDelete({ stream: 'gone-1', expected: ANY }),
  );
  expect(await startScavenge(store).done).toBe(2);
  reopen();
  expect(await append('gone-1')).toMatchObject({ kind: 'appended', revision: 2 });
});

test('a transaction that is undone leaves no name behind', async () => {
  await append('done-1', NO_STREAM);
  const failed = store.commits.transact(() => {
    store.appender.append({ stream: 'undone-1', expected: NO_STREAM }, [proposeJson('A', '{}')]);
    throw new Error('undone');
  });
  await expect(failed).rejects.toThrow('undone');
  expect(await append('undone-2', NO_STREAM)).toMatchObject({ kind: 'appended', revision: 0 });
  expect(await append('undone-1', NO_STREAM)).toMatchObject({ kind: 'appended', revision: 0 });
  expect(store.streams.get('undone-1').id).not.toBe(store.streams.get('undone-2').id);
});

test('a store of the first schema is taken over', async () => {
  await createStreams(0, 10);
  store.close();
  const old = new DatabaseSync(join(directory.path, 'eventstore.db'));
  const rows = old.prepare('SELECT stream, min(position) FROM events GROUP BY stream').all();
  expect(rows.length).toBeGreaterThan(10);
  // As the first schema had it: each stream in the table, and no note of how far it goes.
  const insert = old.prepare('INSERT INTO streams (name, id) VALUES (?, ?)');
  const first = openNames(old);
  for (const [name, id] of first) insert.run(name, id);
  old.exec(`DELETE FROM progress WHERE name = 'streams.merged'; PRAGMA user_version = 1;`);
  old.close();
  store = openStore(directory.path);
  expect(await append('made-3', 0)).toMatchObject({ kind: 'appended', revision: 1 });
  await createStreams(10, MANY);
  reopen();
  expect(await append('made-3', 1)).toMatchObject({ kind: 'appended', revision: 2 });
  expect(await append(`made-${MANY}`, 0)).toMatchObject({ kind: 'appended', revision: 1 });
});

/** Names and numbers of the streams that the events tell of. */
function openNames(database: DatabaseSync): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  const rows = database.prepare('SELECT stream, record FROM events WHERE revision = 0').all();
  for (const { stream, record } of rows as unknown as { stream: number; record: Uint8Array }[]) {
    const text = Buffer.from(record);
    const length = text[43] ?? 0;
    names.set(text.toString('utf8', 44, 44 + length), stream);
  }
  return names;
}
