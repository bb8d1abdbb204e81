import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { openBench, until } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** The library's own limiter, unchanged, once it has made its indexes. */
async function limiterOf(points: number, duration: number): Promise<RateLimiterMongo> {
  const collection = bench.collection();
  const limiter = new RateLimiterMongo({
    storeClient: bench.client,
    dbName: bench.db.databaseName,
    tableName: collection.collectionName,
    keyPrefix: 'user',
    points,
    duration,
  });
  await until(async () => (await collection.indexes().catch(() => [])).length === 3);
  return limiter;
}

/** How many of these attempts the limiter let through. */
async function passed(limiter: RateLimiterMongo, key: string, attempts: number): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: attempts }, () =>
      limiter.consume(key).then(
        () => true,
        (refusal: unknown) => {
          if (refusal instanceof RateLimiterRes) return false;
          throw refusal;
        },
      ),
    ),
  );
  return answers.filter((answer) => answer).length;
}

test('of many attempts at once, a limiter lets through just as many as it has points', async () => {
  const limiter = await limiterOf(10, 60);
  expect(await passed(limiter, 'a', 40)).toBe(10);
  expect(await passed(limiter, 'b', 5)).toBe(5);
  const state = await limiter.get('a');
  expect(state).toMatchObject({ consumedPoints: 40, remainingPoints: 0 });
  expect(state?.msBeforeNext).toBeGreaterThan(50_000);
});

test('a window that is over starts again, before its document is removed', async () => {
  const limiter = await limiterOf(2, 1);
  expect(await passed(limiter, 'a', 5)).toBe(2);
  await until(async () => (await limiter.get('a')) === null);
  expect(await passed(limiter, 'a', 5)).toBe(2);
});

test('a key is blocked, rewarded, set and deleted', async () => {
  const limiter = await limiterOf(2, 60);
  await limiter.block('a', 100);
  expect(await passed(limiter, 'a', 1)).toBe(0);
  expect(await limiter.delete('a')).toBe(true);
  expect(await limiter.delete('a')).toBe(false);
  await limiter.penalty('a', 2);
  expect(await passed(limiter, 'a', 1)).toBe(0);
  await limiter.reward('a', 2);
  expect(await passed(limiter, 'a', 2)).toBe(1);
  await limiter.set('a', 0, 0);
  expect(await limiter.get('a')).toMatchObject({ consumedPoints: 0, msBeforeNext: -1 });
});
