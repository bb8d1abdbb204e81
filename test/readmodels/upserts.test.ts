import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ObjectId } from 'mongodb';
import { codeOf, openBench } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

describe('upserts and counts', () => {
  test('an upsert takes what the filter says by equality', async () => {
    const collection = bench.collection();
    const result = await collection.updateOne(
      { _id: 'a', 'k.x': 1, n: { $gt: 5 }, s: { $eq: 'e' }, $and: [{ t: 'f' }] },
      { $set: { v: 1 }, $setOnInsert: { first: true }, $inc: { c: 2 } },
      { upsert: true },
    );
    expect(result).toMatchObject({
      matchedCount: 0,
      modifiedCount: 0,
      upsertedCount: 1,
      upsertedId: 'a',
    });
    expect(await collection.findOne()).toEqual({
      _id: 'a',
      k: { x: 1 },
      s: 'e',
      t: 'f',
      v: 1,
      first: true,
      c: 2,
    });
    await collection.updateOne(
      { _id: 'a' },
      { $setOnInsert: { first: false }, $inc: { c: 1 } },
      { upsert: true },
    );
    expect(await collection.findOne()).toMatchObject({ first: true, c: 3 });
  });

  test('an upsert without _id gets an ObjectId, first in the document', async () => {
    const collection = bench.collection();
    const { upsertedId } = await collection.updateOne(
      { k: 1 },
      { $set: { v: 1 } },
      { upsert: true },
    );
    expect(upsertedId).toBeInstanceOf(ObjectId);
    expect(Object.keys((await collection.findOne()) ?? {})).toEqual(['_id', 'k', 'v']);
  });

  test('a replacement keeps _id and nothing else', async () => {
    const collection = bench.collection();
    await collection.replaceOne({ _id: 1, v: 0 }, { x: 1 }, { upsert: true });
    expect(await collection.findOne()).toEqual({ _id: 1, x: 1 });
    await collection.replaceOne({ _id: 1 }, { y: 1 });
    expect(await collection.findOne()).toEqual({ _id: 1, y: 1 });
    expect(await codeOf(collection.replaceOne({ _id: 1 }, { _id: 2, y: 1 }))).toBe(66);
    expect(await collection.replaceOne({ _id: 1 }, { y: 1 })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    });
  });

  test('only documents that change count as modified', async () => {
    const collection = bench.collection();
    await collection.insertMany([{ a: 1 }, { a: 2 }, { a: 1, b: 1 }]);
    expect(await collection.updateMany({ a: { $lt: 9 } }, { $set: { a: 1 } })).toMatchObject({
      matchedCount: 3,
      modifiedCount: 1,
    });
    expect(await collection.updateMany({ a: 7 }, { $set: { a: 1 } })).toMatchObject({
      matchedCount: 0,
    });
    expect(await collection.deleteMany({ a: 1 })).toMatchObject({ deletedCount: 3 });
  });

  test('an update that moves documents within its index meets each once', async () => {
    const collection = bench.collection();
    await collection.createIndex({ n: 1 });
    await collection.insertMany(Array.from({ length: 300 }, (_, n) => ({ _id: n, n })));
    const { modifiedCount } = await collection.updateMany({ n: { $gte: 0 } }, { $inc: { n: 10 } });
    expect(modifiedCount).toBe(300);
    expect(await collection.countDocuments({ n: { $gte: 10, $lt: 310 } })).toBe(300);
  });
});
