import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MongoBulkWriteError } from 'mongodb';
import { errorOf, openBench } from './support.ts';
import type { Bench, Loose } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

describe('bulk writes', () => {
  test('mixed statements are counted by what they did', async () => {
    const collection = bench.collection();
    await collection.insertMany([
      { _id: 1, v: 1 },
      { _id: 2, v: 1 },
      { _id: 3, v: 1 },
    ]);
    const result = await collection.bulkWrite([
      { insertOne: { document: { _id: 4 } } },
      { updateOne: { filter: { _id: 1 }, update: { $set: { v: 2 } } } },
      { replaceOne: { filter: { _id: 2, v: 0 }, replacement: { v: 9 } } },
      { updateMany: { filter: { v: 1 }, update: { $inc: { v: 5 } } } },
      { replaceOne: { filter: { _id: 5 }, replacement: { v: 1 }, upsert: true } },
      { deleteOne: { filter: { _id: 4 } } },
      { deleteMany: { filter: { v: 6 } } },
    ]);
    expect(result).toMatchObject({
      insertedCount: 1,
      matchedCount: 3,
      modifiedCount: 3,
      deletedCount: 3,
      upsertedCount: 1,
      upsertedIds: { 4: 5 },
    });
    expect(await collection.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, v: 2 },
      { _id: 5, v: 1 },
    ]);
  });

  test('an ordered bulk stops at its first error, an unordered one goes on', async () => {
    for (const ordered of [true, false]) {
      const collection = bench.collection();
      await collection.createIndex({ u: 1 }, { unique: true }, {});
      const failing = collection.insertMany(
        [
          { _id: 1, u: 1 },
          { _id: 2, u: 1 },
          { _id: 3, u: 3 },
          { _id: 1, u: 4 },
        ],
        { ordered },
      );
      const error = (await failing.catch((thrown: unknown) => thrown)) as MongoBulkWriteError;
      expect(error).toBeInstanceOf(MongoBulkWriteError);
      expect(error.code).toBe(11000);
      expect([error.writeErrors].flat().map(({ index }) => index)).toEqual(ordered ? [1] : [1, 3]);
      expect(await collection.countDocuments()).toBe(ordered ? 1 : 2);
    }
  });

  test('a unique conflict names the index, the key and its value', async () => {
    const collection = bench.collection();
    await collection.createIndex({ 'a.b': 1, c: -1 }, { unique: true }, {});
    await collection.insertOne({ a: { b: 1 }, c: 'x' });
    await collection.insertOne({ _id: 2, a: { b: 1 }, c: 'y' });
    for (const work of [
      () => collection.insertOne({ a: { b: 1 }, c: 'x' }),
      () => collection.updateOne({ _id: 2 }, { $set: { c: 'x' } }),
      () => collection.findOneAndUpdate({ _id: 2 }, { $set: { c: 'x' } }),
    ]) {
      const error = await errorOf(work());
      expect(error).toMatchObject({
        code: 11000,
        keyPattern: { 'a.b': 1, c: -1 },
        keyValue: { 'a.b': 1, c: 'x' },
        message: expect.stringContaining('E11000 duplicate key error collection'),
      });
      expect(error?.['message']).toContain('index: a.b_1_c_-1 dup key: { a.b: 1, c: "x" }');
    }
    expect(await collection.findOne({ _id: 2 })).toEqual({ _id: 2, a: { b: 1 }, c: 'y' });
  });

  test('a thousand statements in one bulk', async () => {
    const collection = bench.collection();
    const ids = Array.from({ length: 1000 }, (_, i) => `id-${i}`);
    await collection.bulkWrite(
      ids.map((_id, n) => ({ replaceOne: { filter: { _id }, replacement: { n }, upsert: true } })),
    );
    const found = await collection.find({ _id: { $in: ids } }).toArray();
    expect(found.length).toBe(1000);
    const guarded = await collection.bulkWrite(
      ids.map((_id, n) => ({
        updateOne: { filter: { _id, n: n % 2 === 0 ? n : -1 }, update: { $inc: { n: 1 } } },
      })),
      { ordered: false },
    );
    expect(guarded.modifiedCount).toBe(500);
  });

  test("the client's bulk writes on several collections", async () => {
    const one = bench.collection();
    const two = bench.collection();
    const result = await bench.client.bulkWrite<Record<string, Loose>>(
      [
        { namespace: one.namespace, name: 'insertOne', document: { _id: 1, v: 1 } },
        {
          namespace: two.namespace,
          name: 'updateOne',
          filter: { _id: 7 },
          update: { $set: { v: 1 } },
          upsert: true,
        },
        { namespace: one.namespace, name: 'updateMany', filter: {}, update: { $inc: { v: 1 } } },
        { namespace: two.namespace, name: 'deleteMany', filter: { v: 5 } },
      ],
      { verboseResults: true },
    );
    expect(result).toMatchObject({
      insertedCount: 1,
      upsertedCount: 1,
      matchedCount: 1,
      modifiedCount: 1,
      deletedCount: 0,
    });
    expect(result.updateResults?.get(1)).toMatchObject({ upsertedId: 7 });
    expect(await one.findOne()).toEqual({ _id: 1, v: 2 });
    const failing = bench.client.bulkWrite<Record<string, Loose>>(
      [
        { namespace: one.namespace, name: 'insertOne', document: { _id: 1 } },
        { namespace: one.namespace, name: 'insertOne', document: { _id: 2 } },
      ],
      { ordered: false },
    );
    const error = (await failing.catch((thrown: unknown) => thrown)) as {
      writeErrors: Map<number, { code: number }>;
    };
    expect(error.writeErrors.get(0)?.code).toBe(11000);
    expect(await one.countDocuments()).toBe(2);
  });
});

describe('findAndModify', () => {
  test('gives the document before or after, with sort and projection', async () => {
    const collection = bench.collection();
    await collection.insertMany([
      { _id: 1, p: 1, s: 'a' },
      { _id: 2, p: 9, s: 'a' },
    ]);
    const options = { sort: { p: -1 }, projection: { _id: 1, s: 1 } } as const;
    expect(await collection.findOneAndUpdate({ s: 'a' }, { $set: { s: 'b' } }, options)).toEqual({
      _id: 2,
      s: 'a',
    });
    expect(
      await collection.findOneAndUpdate(
        { _id: 1 },
        { $inc: { p: 1 } },
        { returnDocument: 'after' },
      ),
    ).toEqual({ _id: 1, p: 2, s: 'a' });
    expect(
      await collection.findOneAndReplace({ _id: 1 }, { r: 1 }, { returnDocument: 'after' }),
    ).toEqual({ _id: 1, r: 1 });
    expect(await collection.findOneAndDelete({ _id: 1 })).toEqual({ _id: 1, r: 1 });
    expect(await collection.findOneAndUpdate({ _id: 1 }, { $set: { x: 1 } })).toBeNull();
  });

  test('upserts tell what they made', async () => {
    const collection = bench.collection();
    const raw = await collection.findOneAndUpdate(
      { _id: 'lease' },
      { $set: { owner: 'me' } },
      { upsert: true, returnDocument: 'after', includeResultMetadata: true },
    );
    expect(raw).toMatchObject({
      value: { _id: 'lease', owner: 'me' },
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 'lease' },
    });
  });

  test('of many that take one lease, one wins', async () => {
    const collection = bench.collection();
    await collection.insertOne({ _id: 'lease', until: 0, holder: 'none', fence: 0 });
    const won = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        collection.findOneAndUpdate(
          { _id: 'lease', until: { $lt: 10 } },
          { $set: { until: 20, holder: `h${i}` }, $inc: { fence: 1 } },
          { returnDocument: 'after' },
        ),
      ),
    );
    expect(won.filter((doc) => doc !== null).length).toBe(1);
    expect(await collection.findOne()).toMatchObject({ fence: 1 });
  });

  test('counters lose nothing under concurrency', async () => {
    const collection = bench.collection();
    await Promise.all(
      Array.from({ length: 200 }, () =>
        collection.updateOne({ _id: 'n' }, { $inc: { n: 1 } }, { upsert: true }),
      ),
    );
    expect(await collection.findOne()).toEqual({ _id: 'n', n: 200 });
  });
});
