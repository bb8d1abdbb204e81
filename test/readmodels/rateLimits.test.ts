import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { connectDatabase, type Database } from '../../src/readmodels/database.ts';
import { openRateLimits, type RateLimits } from '../../src/readmodels/rateLimits.ts';
import { openBench } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const opened: Database[] = [];
/** A process of its own: its own connection, its own memory. */
const process = async (): Promise<RateLimits> => {
  const database = await connectDatabase(bench.url, bench.db.databaseName);
  opened.push(database);
  return openRateLimits(database);
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

/** Sixteen processes that take whatever they get, until so many permits were granted. */
const greedy = async (name: string, rate: { most: number; perSeconds: number }, enough: number) => {
  const granted: number[] = [];
  const workers = await Promise.all(Array.from({ length: 16 }, () => process()));
  await Promise.all(
    workers.map(async (limits) => {
      const limit = limits.of(name, rate);
      while (granted.length < enough) {
        const taken = await limit.take('ada', false);
        if (taken.granted) granted.push(Date.now());
        else await wait(Math.min(Math.max(taken.retryAt - Date.now(), 1), 50));
      }
    }),
  );
  return granted.sort((a, b) => a - b);
};

/** The most permits within any window of that length. */
const densest = (moments: readonly number[], windowMs: number): number =>
  Math.max(
    ...moments.map((from) => moments.filter((at) => at >= from && at < from + windowMs).length),
  );

describe('sixteen processes that share a limit', () => {
  test('never get more than it allows within any window, and no less than nearly all of it', async () => {
    const granted = await greedy('few', { most: 5, perSeconds: 2 }, 18);
    expect(densest(granted, 2_000)).toBe(5);
    const seconds = ((granted.at(-1) ?? 0) - (granted[0] ?? 0)) / 1_000;
    expect(seconds).toBeLessThan(3 * 2.2 + 2);
  }, 30_000);

  test('nor where permits are many', async () => {
    const granted = await greedy('many', { most: 200, perSeconds: 2 }, 700);
    expect(densest(granted, 2_000)).toBeLessThanOrEqual(200);
    const seconds = ((granted.at(-1) ?? 0) - (granted[0] ?? 0)) / 1_000;
    expect(seconds).toBeLessThan(16);
  }, 60_000);
});

test('each key has a limit of its own', async () => {
  const limit = (await process()).of('own', { most: 2, perSeconds: 60 });
  const all = await Promise.all(['a', 'a', 'b', 'b'].map((key) => limit.take(key, false)));
  expect(all.every(({ granted }) => granted)).toBe(true);
  const more = await limit.take('a', false);
  expect(more).toMatchObject({ granted: false });
  expect('retryAt' in more && more.retryAt - Date.now()).toBeGreaterThan(50_000);
});

test('a permit that was given back is there for the others', async () => {
  const [one, other] = await Promise.all([process(), process()]);
  const rate = { most: 1, perSeconds: 60 };
  const taken = await one.of('back', rate).take('ada', false);
  expect(await other.of('back', rate).take('ada', false)).toMatchObject({ granted: false });
  if (taken.granted) await taken.giveBack();
  expect(await one.of('back', rate).take('ada', false)).toMatchObject({ granted: true });
});

describe('while the store does not answer', () => {
  test('the insured are counted in the process alone, and the others get nothing', async () => {
    const limits = await process();
    const limit = limits.of('down', { most: 2, perSeconds: 60 });
    await Promise.all(opened.splice(0).map((database) => database.close()));
    expect(await limit.take('ada', false)).toMatchObject({ granted: false });
    expect(await limit.take('ada', true)).toMatchObject({ granted: true });
    expect(await limit.take('ada', true)).toMatchObject({ granted: true });
    expect(await limit.take('ada', true)).toMatchObject({ granted: false });
  });
});
