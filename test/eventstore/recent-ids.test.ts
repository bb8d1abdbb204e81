import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { propose } from '../../src/embedded/eventstore/store/internal-events.ts';
import { openStore, type Store } from '../../src/embedded/eventstore/store/store.ts';
import { temporaryDirectory } from './support.ts';

const ANY = -2;

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

const event = (id: string) => propose('Counted', 'application/json', '{}', '', id);

const append = (stream: string, ids: readonly string[]) =>
  store.commits.transact(() => store.appender.append({ stream, expected: ANY }, ids.map(event)));

/** Ids that differ in few bits, as those of a careless client do. */
const idAt = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const fill = async (first: number, count: number): Promise<void> => {
  const step = 2_000;
  for (let n = first; n < first + count; n += step) {
    await append(
      'filling-1',
      Array.from({ length: Math.min(step, first + count - n) }, (_, index) => idAt(n + index)),
    );
  }
};

const undo = async (ids: readonly string[]): Promise<void> => {
  const failing = store.commits.transact(() => {
    store.appender.append({ stream: 'undone-1', expected: ANY }, ids.map(event));
    throw new Error('undone');
  });
  await expect(failing).rejects.toThrow('undone');
};

const isKnown = async (n: number): Promise<boolean> => {
  const before = store.appender.head();
  await append('filling-1', [idAt(n)]);
  return store.appender.head() === before;
};

test('an event is known for fifty thousand events, also after a restart', async () => {
  await fill(0, 80_000);
  for (const n of [79_999, 70_123, 30_001]) expect(await isKnown(n)).toBe(true);
  expect(await isKnown(2)).toBe(false);
  store.close();
  store = openStore(directory.path);
  for (const n of [79_999, 50_321, 30_003]) expect(await isKnown(n)).toBe(true);
  expect(await isKnown(3)).toBe(false);
});

test.each([10, 20_000])(
  'a transaction of %i that is undone forgets its own only',
  async (count) => {
    await fill(0, 66_000);
    const ids = Array.from({ length: count }, () => randomUUID());
    await undo(ids);
    for (const n of [65_999, 40_000, 17_000]) expect(await isKnown(n)).toBe(true);
    const outcome = await append('undone-1', ids.slice(0, 2));
    expect(outcome).toMatchObject({ kind: 'appended', revision: 1 });
    expect(await append('undone-1', ids.slice(0, 2))).toEqual(outcome);
  },
);

test('an id that was used again is known where it was used last', async () => {
  const id = randomUUID();
  await append('first-1', [id]);
  const second = await append('second-1', [id]);
  expect(await append('second-1', [id])).toEqual(second);
  expect(await append('second-1', [id, randomUUID()])).toMatchObject({ kind: 'wrong', current: 0 });
});
