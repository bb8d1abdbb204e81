import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Collection, Document } from 'mongodb';
import { codeOf, openBench } from './support.ts';
import type { Bench, Loose } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const three = async (): Promise<Collection<Loose>> => {
  const collection = bench.collection();
  await collection.insertMany([
    { _id: 1, x: 11 },
    { _id: 2, x: 22 },
    { _id: 3, x: 33 },
  ]);
  return collection;
};

const everywhere = { comment: { why: 'a test' }, maxTimeMS: 60_000 };
const written = {
  writeConcern: { w: 'majority' as const, j: true },
  bypassDocumentValidation: true,
};
const unread = { let: { unread: 1 } };

describe('options that change nothing are accepted', () => {
  const all = [{ x: 11 }, { x: 22 }, { x: 33 }];

  test('by find', async () => {
    const found = (await three()).find(
      {},
      {
        ...everywhere,
        ...unread,
        projection: { x: 1, _id: 0 },
        hint: { _id: 1 },
        readConcern: { level: 'majority' },
        allowDiskUse: true,
        allowPartialResults: false,
        noCursorTimeout: false,
        returnKey: false,
        showRecordId: false,
        tailable: false,
        collation: { locale: 'simple' },
        min: {},
        max: {},
      },
    );
    expect(await found.toArray()).toEqual(all);
  });

  test('by aggregate, count and distinct', async () => {
    const collection = await three();
    const options = { ...everywhere, hint: '_id_', readConcern: { level: 'local' as const } };
    const pipeline = [{ $project: { x: 1, _id: 0 } }];
    const more = { ...options, ...unread, allowDiskUse: true, bypassDocumentValidation: true };
    expect(await collection.aggregate(pipeline, { ...more, batchSize: 1 }).toArray()).toEqual(all);
    expect(await collection.countDocuments({}, options)).toBe(3);
    expect(await collection.estimatedDocumentCount(everywhere)).toBe(3);
    expect(await collection.distinct('x', {}, options)).toEqual([11, 22, 33]);
  });

  test('by the writes', async () => {
    const collection = await three();
    const options: Document = { ...everywhere, ...written, ...unread, hint: '_id_' };
    const change = { $inc: { x: 1 } };
    expect(await collection.insertOne({ _id: 4 }, { ...everywhere, ...written })).toBeDefined();
    const updated = await collection.updateMany({ _id: 1 }, change, {
      ...options,
      arrayFilters: [],
    });
    expect(updated.modifiedCount).toBe(1);
    expect(await collection.findOneAndUpdate({ _id: 2 }, change, options)).toMatchObject({ x: 22 });
    expect(await collection.deleteOne({ _id: 4 }, options)).toMatchObject({ deletedCount: 1 });
    const bulk = [{ updateOne: { filter: { _id: 3 }, update: change, hint: '_id_' } }];
    const { modifiedCount } = await collection.bulkWrite(bulk, {
      ...everywhere,
      ...written,
      ...unread,
    });
    expect(modifiedCount).toBe(1);
  });

  test('writes that nobody waits for are carried out', async () => {
    const collection = await three();
    const w0 = { writeConcern: { w: 0 } };
    expect(await collection.insertOne({ _id: 9 }, w0)).toMatchObject({ acknowledged: false });
    await collection.updateOne({ _id: 9 }, { $set: { x: 99 } }, { ...w0, hint: '_id_' });
    await collection.deleteMany({ _id: { $lt: 3 } }, w0);
    expect(await collection.find().toArray()).toEqual([
      { _id: 3, x: 33 },
      { _id: 9, x: 99 },
    ]);
  });
});

describe('$expr and the variables of let', () => {
  const two = { $expr: { $eq: ['$_id', '$$id'] } };

  test('find, aggregate and count see them', async () => {
    const collection = await three();
    expect(await collection.find(two, { let: { id: 2 } }).toArray()).toEqual([{ _id: 2, x: 22 }]);
    const pipeline = [
      { $match: two },
      { $project: { _id: 0, x: '$$more', y: '$$deep.z', sum: '$$sum' } },
    ];
    const variables = { id: 2, more: { $literal: '$x' }, deep: { z: 1 }, sum: { $add: [1, 2] } };
    expect(await collection.aggregate(pipeline, { let: variables }).toArray()).toEqual([
      { x: '$x', y: 1, sum: 3 },
    ]);
    expect(await collection.countDocuments({ $expr: { $lt: ['$x', 30] } })).toBe(2);
  });

  test('updates and deletes do', async () => {
    const collection = await three();
    await collection.updateOne(two, { $set: { x: 0 } }, { let: { id: 1 } });
    await collection.findOneAndReplace(two, { x: 5 }, { let: { id: 2 } });
    await collection.bulkWrite([{ deleteMany: { filter: two } }], { let: { id: 3 } });
    expect(await collection.find().toArray()).toEqual([
      { _id: 1, x: 0 },
      { _id: 2, x: 5 },
    ]);
  });

  test('an upsert takes nothing from $expr', async () => {
    const collection = bench.collection();
    const filter = { k: 1, $expr: { $eq: ['$x', 5] } };
    await collection.updateOne(filter, { $set: { z: 1 } }, { upsert: true });
    expect(await collection.find({}, { projection: { _id: 0 } }).toArray()).toEqual([
      { k: 1, z: 1 },
    ]);
  });

  test('$expr narrows what an index finds, and stands in $or', async () => {
    const collection = await three();
    await collection.createIndex({ x: 1 });
    expect(await collection.find({ x: 22, ...two }, { let: { id: 3 } }).toArray()).toEqual([]);
    const either = { $or: [{ _id: 1 }, two] };
    expect(await collection.countDocuments(either, { let: { id: 3 } })).toBe(2);
  });

  test('a variable that is not there is an error', async () => {
    expect(await codeOf((await three()).find(two).toArray())).toBe(17276);
  });
});

test('a statement of a wrong shape keeps the whole command from running', async () => {
  const collection = await three();
  const updates = [
    { q: { _id: 1 }, u: { $set: { x: 0 } } },
    { q: {}, u: {}, nonsense: 1 },
  ];
  const command = { update: collection.collectionName, updates };
  expect(await codeOf(bench.db.command(command))).toBe(40415);
  expect(await collection.findOne({ _id: 1 })).toEqual({ _id: 1, x: 11 });
});
