import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createScheduler, type DueEntry } from '../../src/dispatchers/scheduler.ts';
import { connectDatabase, type Collection, type Database } from '../../src/readmodels/database.ts';
import { openBench } from '../readmodels/support.ts';
import type { Bench } from '../readmodels/support.ts';

let bench: Bench;
let database: Database;
let due: Collection<DueEntry>;
beforeAll(async () => {
  bench = await openBench();
  database = await connectDatabase(bench.url, bench.db.databaseName);
  due = database.collection<DueEntry>('due');
  await due.createIndex({ dueAt: 1 });
});
afterAll(async () => {
  await database.close();
  await bench.close();
});

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
  await due.deleteMany({});
});

type TakeUp = (ids: readonly string[]) => Promise<unknown>;

/** A scheduler that runs until the test is over. */
const start = (takeUp: TakeUp) => {
  const stop = new AbortController();
  const looks = { count: 0 };
  const scheduler = createScheduler({
    due,
    takeUp: async (listed) => {
      const over = await takeUp(listed.map(({ _id }) => _id));
      return (over as readonly string[] | undefined) ?? [];
    },
    logger: pino({ level: 'silent' }),
    claimMs: 60_000,
    newId: randomUUID,
    now: () => new Date(),
    wait: async (milliseconds, signal) => {
      looks.count += 1;
      await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    },
  });
  const running = scheduler.run(stop.signal);
  ending.push(async () => {
    stop.abort();
    await running;
  });
  return looks;
};

const add = (entries: readonly (readonly [id: string, dueAt: number])[]) =>
  due.insertMany(entries.map(([_id, at]) => ({ _id, v: 0, dueAt: new Date(at) })));
const drop = (ids: readonly string[]) => due.deleteMany({ _id: { $in: [...ids] } });

const until = async (holds: () => boolean, patienceMs = 15_000): Promise<void> => {
  const deadline = Date.now() + patienceMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come to hold');
    await sleep(5);
  }
};

describe('the scheduler', () => {
  test('hands over what is due, the oldest first, and nothing else', async () => {
    const now = Date.now();
    const late = Array.from({ length: 450 }, (_, n) => [`late-${n}`, now - 1_000 + n] as const);
    await add([...late].reverse());
    await add([['tomorrow', now + 86_400_000]]);
    const taken: string[] = [];
    start(async (ids) => {
      taken.push(...ids);
      await drop(ids);
    });
    await until(() => taken.length >= 450);
    // A batch names its entries in no order; the batches come one after the other.
    const batches = [taken.slice(0, 200), taken.slice(200, 400), taken.slice(400)];
    const ids = late.map(([id]) => id);
    expect(batches.map((batch) => [...batch].sort())).toEqual([
      ids.slice(0, 200).sort(),
      ids.slice(200, 400).sort(),
      ids.slice(400).sort(),
    ]);
  });

  test('goes on with the next batches while the first one waits for a provider', async () => {
    await add(Array.from({ length: 900 }, (_, n) => [`n-${n}`, Date.now() - 1_000] as const));
    const { promise: stuck, resolve: open } = Promise.withResolvers<undefined>();
    let batches = 0;
    start(async () => {
      batches += 1;
      if (batches === 1) await stuck;
    });
    await until(() => batches === 5);
    open(undefined);
  });

  test('holds no more than its batches in hand', async () => {
    await add(Array.from({ length: 1_400 }, (_, n) => [`n-${n}`, Date.now() - 1_000] as const));
    const { promise: stuck, resolve: open } = Promise.withResolvers<undefined>();
    let taken = 0;
    start(async (ids) => {
      taken += ids.length;
      await stuck;
    });
    await until(() => taken === 1_000);
    const unclaimed = await due.countDocuments({ claim: { $exists: false } });
    expect(unclaimed).toBe(400);
    open(undefined);
    await until(() => taken === 1_400);
  });

  test('sleeps until the next one is due, and takes it then', async () => {
    const dueAt = Date.now() + 700;
    await add([['soon', dueAt]]);
    let takenAt = 0;
    const looks = start((ids) => {
      if (ids.includes('soon')) takenAt = Date.now();
      return drop(ids).then(() => undefined);
    });
    await until(() => takenAt > 0);
    expect(takenAt).toBeGreaterThanOrEqual(dueAt);
    expect(takenAt - dueAt).toBeLessThan(400);
    expect(looks.count).toBeLessThan(6);
  });

  test('finds what was added while it slept', async () => {
    let taken = 0;
    const looks = start((ids) => {
      taken += ids.length;
      return drop(ids).then(() => undefined);
    });
    await until(() => looks.count > 0);
    await add([['added', Date.now()]]);
    await until(() => taken === 1, 5_000);
  });

  test('shares with another one: together they take each entry once', async () => {
    await add(Array.from({ length: 1_000 }, (_, n) => [`n-${n}`, Date.now() - 1_000] as const));
    const taken: string[] = [];
    const takeUp: TakeUp = async (ids) => {
      taken.push(...ids);
      await drop(ids);
    };
    start(takeUp);
    start(takeUp);
    await until(() => taken.length >= 1_000);
    expect(new Set(taken).size).toBe(1_000);
    expect(taken).toHaveLength(1_000);
  });

  test('forgets what there is nothing left to wait for, and keeps what was replaced meanwhile', async () => {
    await add([
      ['over', Date.now() - 2_000],
      ['replaced', Date.now() - 1_000],
    ]);
    const later = new Date(Date.now() + 3_600_000);
    start(async (ids) => {
      await due.replaceOne({ _id: 'replaced' }, { v: 1, dueAt: later });
      return ids;
    });
    const left = async () => (await due.find({}).toArray()).map(({ _id, dueAt }) => [_id, dueAt]);
    const deadline = Date.now() + 5_000;
    while ((await left()).length > 1 && Date.now() < deadline) await sleep(10);
    expect(await left()).toEqual([['replaced', later]]);
  });

  test('leaves what it claimed to whoever looks after the claim has run out', async () => {
    await add([['orphan', Date.now() - 1_000]]);
    let attempts = 0;
    start(() => {
      attempts += 1;
      return Promise.reject(new Error('the event store is gone'));
    });
    await until(() => attempts === 1);
    const [entry] = await due.find({}).toArray();
    const putOff = (entry?.dueAt.getTime() ?? 0) - Date.now();
    expect(putOff).toBeGreaterThan(50_000);
    expect(putOff).toBeLessThanOrEqual(60_000);
  });

  test('reads one index, from its beginning, however much waits', async () => {
    await add(
      Array.from({ length: 2_000 }, (_, n) => [`later-${n}`, Date.now() + 3_600_000 + n] as const),
    );
    await add([['now', Date.now() - 1]]);
    const plan = await bench.db
      .collection('due')
      .find({ dueAt: { $lte: new Date() } })
      .sort({ dueAt: 1 })
      .limit(200)
      .explain('executionStats');
    expect(JSON.stringify(plan)).toContain('IXSCAN');
    const { totalDocsExamined } = plan['executionStats'] as { totalDocsExamined: number };
    expect(totalDocsExamined).toBeLessThanOrEqual(1);
  });
});
