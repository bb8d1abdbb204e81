import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Collection, Document, Sort } from 'mongodb';
import { codeOf, isEmbedded, openBench } from './support.ts';
import type { Bench, Loose } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** The index that serves a query; SORT+ before it when it is sorted afterwards, MERGE+ when intervals are merged. */
async function planOf(
  collection: Collection<Loose>,
  filter: Document,
  sort?: Sort,
): Promise<string> {
  const cursor = collection.find(filter);
  if (sort) cursor.sort(sort);
  const explained = (await cursor.explain('queryPlanner')) as {
    queryPlanner: { winningPlan: Document };
  };
  return stageName(explained.queryPlanner.winningPlan as Stage);
}

interface Stage {
  readonly stage: string;
  readonly indexName?: string;
  readonly inputStage?: Stage;
  readonly inputStages?: readonly Stage[];
}

function stageName({ stage, indexName, inputStage, inputStages }: Stage): string {
  if (stage === 'OR') return `OR(${(inputStages ?? []).map(stageName).join()})`;
  if (indexName !== undefined) return indexName;
  const inner = inputStage ? stageName(inputStage) : '';
  if (stage === 'SORT') return `SORT+${inner}`;
  return stage === 'SORT_MERGE' ? `MERGE+${inner}` : inner || stage;
}

describe('definitions', () => {
  test('are listed as they were made', async () => {
    const collection = bench.collection();
    await collection.createIndexes([
      { key: { a: 1 }, unique: true },
      { key: { b: -1, c: 1 }, name: 'by_b' },
      { key: { s: 1 }, sparse: true },
      { key: { p: 1 }, partialFilterExpression: { p: { $exists: true } } },
      { key: { t: 1 }, expireAfterSeconds: 60 },
    ]);
    expect(await collection.listIndexes().toArray()).toEqual([
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { a: 1 }, name: 'a_1', unique: true },
      { v: 2, key: { b: -1, c: 1 }, name: 'by_b' },
      { v: 2, key: { s: 1 }, name: 's_1', sparse: true },
      { v: 2, key: { p: 1 }, name: 'p_1', partialFilterExpression: { p: { $exists: true } } },
      { v: 2, key: { t: 1 }, name: 't_1', expireAfterSeconds: 60 },
    ]);
    await collection.createIndex({ a: 1 }, { unique: true }, {});
    expect(await codeOf(collection.createIndex({ a: 1 }))).toBe(86);
    expect(
      await codeOf(collection.createIndex({ a: 1 }, { unique: true, name: 'other' }, {})),
    ).toBe(85);
    await collection.dropIndex('by_b');
    expect(await codeOf(collection.dropIndex('by_b'))).toBe(27);
    expect(await codeOf(collection.dropIndex('_id_'))).toBe(72);
    await collection.dropIndexes();
    expect((await collection.indexes()).length).toBe(1);
  });

  test('what is not carried is refused', async () => {
    if (!isEmbedded) return;
    const collection = bench.collection();
    expect(await codeOf(collection.createIndex({ a: 'text' }))).toBe(115);
    expect(await codeOf(collection.createIndex({ a: '2dsphere' }))).toBe(115);
    expect(
      await codeOf(collection.createIndex({ a: 1 }, { collation: { locale: 'de' } }, {})),
    ).toBe(115);
    expect(await codeOf(collection.createIndex({ '$**': 1 }))).toBe(67);
  });

  test('an index over documents that break it is not made', async () => {
    const collection = bench.collection();
    await collection.insertMany([{ a: 1 }, { a: 1 }]);
    expect(await codeOf(collection.createIndex({ a: 1 }, { unique: true }, {}))).toBe(11000);
    expect((await collection.indexes()).length).toBe(1);
    await collection.insertOne({ a: [1, 2], b: [1, 2] });
    expect(await codeOf(collection.createIndex({ a: 1, b: 1 }))).toBe(171);
  });
});

describe('uniqueness', () => {
  test('counts a missing field as null, unless the index is sparse or partial', async () => {
    const collection = bench.collection();
    await collection.createIndex({ a: 1 }, { unique: true }, {});
    await collection.insertOne({});
    expect(await codeOf(collection.insertOne({ a: null }))).toBe(11000);
    const sparse = bench.collection();
    await sparse.createIndex({ a: 1 }, { unique: true, sparse: true }, {});
    await sparse.insertMany([{}, {}, { a: 1 }]);
    expect(await codeOf(sparse.insertOne({ a: 1 }))).toBe(11000);
    const partial = bench.collection();
    await partial.createIndex(
      { a: 1 },
      { unique: true, partialFilterExpression: { on: true } },
      {},
    );
    await partial.insertMany([{ a: 1 }, { a: 1 }, { a: 1, on: true }]);
    expect(await codeOf(partial.insertOne({ a: 1, on: true }))).toBe(11000);
    expect(await codeOf(partial.updateMany({}, { $set: { on: true } }))).toBe(11000);
  });

  test('holds between documents for the elements of arrays, and across number types', async () => {
    const collection = bench.collection();
    await collection.createIndex({ a: 1 }, { unique: true }, {});
    await collection.insertOne({ a: [1, 1, 2] });
    expect(await codeOf(collection.insertOne({ a: [3, 2] }))).toBe(11000);
    expect(await codeOf(collection.insertOne({ a: 1.0 }))).toBe(11000);
    await collection.insertOne({ a: 3 });
  });

  test('is released by updates and deletes', async () => {
    const collection = bench.collection();
    await collection.createIndex({ a: 1 }, { unique: true }, {});
    await collection.insertMany([
      { _id: 1, a: 1 },
      { _id: 2, a: 2 },
    ]);
    await collection.updateOne({ _id: 1 }, { $set: { a: 3 } });
    await collection.insertOne({ a: 1 });
    await collection.deleteOne({ _id: 2 });
    await collection.insertOne({ a: 2 });
  });
});

describe('use', () => {
  test('an index serves equality, lists, ranges and sorts', async () => {
    if (!isEmbedded) return;
    const collection = bench.collection();
    await collection.createIndexes([
      { key: { status: 1, at: -1, _id: -1 }, name: 'page' },
      { key: { due: 1 }, name: 'due' },
      { key: { tag: 1 }, name: 'tag' },
      { key: { s: 1 }, name: 'sparse', sparse: true },
      { key: { p: 1 }, name: 'partial', partialFilterExpression: { p: { $gt: 5 } } },
    ]);
    await collection.insertOne({ status: 'a', at: 1, due: 1, tag: ['x', 'y'] });
    expect(await planOf(collection, { _id: 1 })).toBe('_id_');
    expect(await planOf(collection, { _id: { $in: [1, 2] }, status: 'a' })).toBe('_id_');
    expect(await planOf(collection, { status: 'a' }, { at: -1, _id: -1 })).toBe('page');
    expect(await planOf(collection, { status: 'a' }, { at: 1, _id: 1 })).toBe('page');
    expect(await planOf(collection, { status: 'a' }, { at: -1, _id: 1 })).toBe('SORT+page');
    expect(await planOf(collection, { status: 'a', at: { $lt: 5 } }, { at: -1 })).toBe('page');
    expect(await planOf(collection, {}, { status: 1, at: -1 })).toBe('page');
    expect(await planOf(collection, { due: { $lte: 5 } }, { due: 1 })).toBe('due');
    expect(await planOf(collection, {}, { due: -1 })).toBe('due');
    expect(await planOf(collection, { tag: 'x' })).toBe('tag');
    expect(await planOf(collection, { tag: 'x' }, { tag: 1 })).toBe('SORT+tag');
    expect(await planOf(collection, { s: 1 })).toBe('sparse');
    expect(await planOf(collection, { s: null })).toBe('COLLSCAN');
    expect(await planOf(collection, { p: 7 })).toBe('partial');
    expect(await planOf(collection, { p: { $gt: 6 } })).toBe('partial');
    expect(await planOf(collection, { p: 5 })).toBe('COLLSCAN');
    expect(await planOf(collection, { nothing: 1 }, { x: 1 })).toBe('SORT+COLLSCAN');
    expect(await planOf(collection, { status: /^a/ })).toBe('page');
    expect(await planOf(collection, { status: { $ne: 'a' } })).toBe('COLLSCAN');
    const either = { status: { $in: ['a', 'b'] } };
    expect(await planOf(collection, either, { at: -1, _id: -1 })).toBe('MERGE+page');
    expect(await planOf(collection, either, { status: 1, at: -1 })).toBe('page');
    expect(await planOf(collection, { $or: [{ due: 1 }, { tag: 'x' }] })).toBe('OR(due,tag)');
    expect(await planOf(collection, { $or: [{ due: 1 }, { z: 1 }] })).toBe('COLLSCAN');
  });

  test('a hint chooses the index', async () => {
    const collection = bench.collection();
    await collection.createIndex({ a: 1 });
    await collection.insertMany([
      { _id: 1, a: 2 },
      { _id: 2, a: 1 },
    ]);
    const hinted = await collection
      .find({ a: { $gt: 0 } })
      .hint({ a: 1 })
      .toArray();
    expect(hinted.map((doc) => doc._id)).toEqual([2, 1]);
    const natural = await collection
      .find({ a: { $gt: 0 } })
      .hint({ $natural: 1 })
      .toArray();
    expect(natural.map((doc) => doc._id)).toEqual([1, 2]);
    expect(await codeOf(collection.find({ a: 1 }).hint('nothing').toArray())).toBe(2);
  });
});
