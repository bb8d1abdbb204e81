import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb';
import { codeOf, openBench } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

describe('sort', () => {
  const values = [
    new MinKey(),
    undefined,
    NaN,
    -Infinity,
    Long.MIN_VALUE,
    new Double(-1.5),
    new Int32(0),
    Decimal128.fromString('0.1'),
    new Double(0.1),
    new Int32(1),
    Decimal128.fromString('1.5'),
    new Long(2),
    Long.fromString('9007199254740992'),
    Long.fromString('9007199254740993'),
    Long.MAX_VALUE,
    Decimal128.fromString('1E400'),
    Infinity,
    '',
    '\0',
    'A',
    'a',
    'aa',
    '\uffff',
    '\u{10000}',
    {},
    { a: 1 },
    { a: 1, b: 0 },
    { a: 2 },
    { a: 'x' },
    Buffer.from([9]),
    Buffer.from([1, 2]),
    new ObjectId('000000000000000000000001'),
    new ObjectId('ff0000000000000000000000'),
    false,
    true,
    new Date(-1),
    new Date(0),
    new Timestamp({ t: 1, i: 1 }),
    new Timestamp({ t: 2, i: 0 }),
    /a/,
    /b/i,
    new MaxKey(),
  ];

  test.each([false, true])('orders all types as BSON does (index: %s)', async (indexed) => {
    const collection = bench.collection();
    if (indexed) await collection.createIndex({ v: 1 });
    const docs = values.map((v, _id) => (v === undefined ? { _id } : { _id, v }));
    await collection.insertMany([...docs].reverse());
    const up = await collection.find().sort({ v: 1 }).project({ _id: 1 }).toArray();
    expect(up.map((doc) => doc['_id'] as number)).toEqual(values.map((_, i) => i));
    const down = await collection.find().sort({ v: -1 }).project({ _id: 1 }).toArray();
    expect(down.map((doc) => doc['_id'] as number)).toEqual(values.map((_, i) => i).reverse());
  });

  test('an array sorts by its least element, descending by its greatest', async () => {
    const collection = bench.collection();
    await collection.insertMany([
      { _id: 1, a: [3, 9] },
      { _id: 2, a: 5 },
      { _id: 3, a: [] },
      { _id: 4 },
      { _id: 5, a: [4] },
    ]);
    const ids = async (direction: 1 | -1): Promise<unknown[]> =>
      (await collection.find().sort({ a: direction, _id: 1 }).toArray()).map((doc) => doc._id);
    expect(await ids(1)).toEqual([3, 4, 1, 5, 2]);
    expect(await ids(-1)).toEqual([1, 2, 5, 4, 3]);
    await collection.createIndex({ a: 1 });
    expect(await ids(1)).toEqual([3, 4, 1, 5, 2]);
  });

  test('pages by compound sort, skip and limit', async () => {
    const collection = bench.collection();
    await collection.createIndex({ status: 1, at: -1, _id: -1 });
    await collection.insertMany(
      Array.from({ length: 100 }, (_, i) => ({
        _id: i,
        status: i % 2 === 0 ? 'S' : 'P',
        at: new Date(Math.floor(i / 10)),
      })),
    );
    const page = await collection
      .find({ status: 'S' })
      .sort({ at: -1, _id: -1 })
      .skip(3)
      .limit(4)
      .toArray();
    expect(page.map((doc) => doc._id)).toEqual([92, 90, 88, 86]);
    const next = await collection
      .find({
        status: 'S',
        $or: [{ at: { $lt: new Date(8) } }, { at: new Date(8), _id: { $lt: 86 } }],
      })
      .sort({ at: -1, _id: -1 })
      .limit(3)
      .toArray();
    expect(next.map((doc) => doc._id)).toEqual([84, 82, 80]);
    expect(await collection.find().sort({ at: 1, _id: 1 }).limit(2).toArray()).toMatchObject([
      { _id: 0 },
      { _id: 1 },
    ]);
  });
});

describe('projection', () => {
  test('includes and excludes, through arrays', async () => {
    const collection = bench.collection();
    await collection.insertOne({
      _id: 1,
      a: 1,
      b: { c: 1, d: 2 },
      l: [{ x: 1, y: 2 }, 5, [{ x: 3, y: 4 }]],
    });
    const show = (projection: object): Promise<unknown> => collection.findOne({}, { projection });
    expect(await show({ a: 1 })).toEqual({ _id: 1, a: 1 });
    expect(await show({ a: 1, _id: 0 })).toEqual({ a: 1 });
    expect(await show({ 'b.c': 1, _id: 0 })).toEqual({ b: { c: 1 } });
    expect(await show({ b: { d: true }, _id: 0 })).toEqual({ b: { d: 2 } });
    expect(await show({ 'l.x': 1, _id: 0 })).toEqual({ l: [{ x: 1 }, [{ x: 3 }]] });
    expect(await show({ l: 0, 'b.c': 0 })).toEqual({ _id: 1, a: 1, b: { d: 2 } });
    expect(await show({ 'l.x': 0, a: 0, b: 0 })).toEqual({ _id: 1, l: [{ y: 2 }, 5, [{ y: 4 }]] });
    expect(await show({ _id: 0 })).not.toHaveProperty('_id');
    expect(await show({ _id: 1 })).toEqual({ _id: 1 });
    expect(await show({ 'a.b': 1, _id: 0 })).toEqual({});
    expect(await codeOf(collection.findOne({}, { projection: { a: 1, b: 0 } }))).toBe(31254);
    expect(await codeOf(collection.findOne({}, { projection: { b: 1, 'b.c': 1 } }))).toBe(31249);
  });
});

describe('cursors', () => {
  test('fetch batch by batch and can be left', async () => {
    const collection = bench.collection();
    await collection.insertMany(Array.from({ length: 1234 }, (_, i) => ({ _id: i })));
    expect((await collection.find().batchSize(100).toArray()).length).toBe(1234);
    expect((await collection.find().toArray()).length).toBe(1234);
    expect((await collection.find().limit(1000).batchSize(7).skip(3).toArray()).length).toBe(1000);
    const cursor = collection.find().batchSize(2);
    await cursor.next();
    await cursor.close();
    const odd = await collection
      .find({ _id: { $mod: [2, 1] } })
      .toArray()
      .catch(() => 'refused');
    expect(Array.isArray(odd) ? odd.length : odd).toEqual(Array.isArray(odd) ? 617 : 'refused');
    expect(
      await codeOf(bench.db.command({ getMore: Long.fromNumber(12345), collection: 'x' })),
    ).toBe(43);
  });

  test('carry large documents', async () => {
    const collection = bench.collection();
    const text = 'x'.repeat(5_000_000);
    await collection.insertMany(Array.from({ length: 8 }, (_, _id) => ({ _id, text })));
    const found = await collection.find().toArray();
    expect(found.map((doc) => (doc['text'] as string).length)).toEqual(Array(8).fill(5_000_000));
    expect(await codeOf(collection.insertOne({ text: 'x'.repeat(17_000_000) }))).toBe(10334);
  });
});

describe('counting', () => {
  test('count, countDocuments and distinct', async () => {
    const collection = bench.collection();
    await collection.insertMany([
      { a: 1, t: ['x', 'y'] },
      { a: 2, t: 'y' },
      { a: new Double(1), t: [] },
      { b: { c: 5 } },
      { b: [{ c: 6 }, { c: 5 }] },
    ]);
    expect(await collection.estimatedDocumentCount()).toBe(5);
    expect(await collection.countDocuments({ a: { $gte: 1 } })).toBe(3);
    expect(await collection.countDocuments({}, { skip: 1, limit: 3 })).toBe(3);
    expect((await collection.distinct('a')).sort()).toEqual([1, 2]);
    expect((await collection.distinct('t')).sort()).toEqual(['x', 'y']);
    expect((await collection.distinct('b.c', { b: { $exists: true } })).sort()).toEqual([5, 6]);
    expect(
      await bench.db.command({ count: collection.collectionName, query: { a: 1 }, limit: 1 }),
    ).toMatchObject({ n: 1 });
    expect(await bench.collection().countDocuments()).toBe(0);
  });
});
