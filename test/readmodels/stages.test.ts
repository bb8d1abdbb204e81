import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Int32 } from 'mongodb';
import type { Document } from 'mongodb';
import { codeOf, openBench } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** What a pipeline makes of documents, with BSON's types kept. */
async function pipe(docs: Document[], pipeline: Document[], keepTypes = true): Promise<Document[]> {
  const collection = bench.collection();
  if (docs.length > 0) await collection.insertMany(docs);
  return collection.aggregate(pipeline, { promoteValues: !keepTypes }).toArray();
}

const int = (value: number): Int32 => new Int32(value);

describe('stages', () => {
  test('$unwind takes arrays apart', async () => {
    const docs = [
      { _id: 1, a: ['x', 'y'] },
      { _id: 2, a: [] },
      { _id: 3 },
      { _id: 4, a: 's' },
      { _id: 5, a: null },
    ];
    const ids = async (stage: unknown): Promise<unknown> =>
      (await pipe(docs, [{ $unwind: stage }])).map((doc) => [
        (doc['_id'] as Int32).value,
        doc['a'] as unknown,
      ]);
    expect(await ids('$a')).toEqual([
      [1, 'x'],
      [1, 'y'],
      [4, 's'],
    ]);
    expect(await ids({ path: '$a', preserveNullAndEmptyArrays: true })).toEqual([
      [1, 'x'],
      [1, 'y'],
      [2, undefined],
      [3, undefined],
      [4, 's'],
      [5, null],
    ]);
    expect(await pipe([{ _id: 1, o: { a: ['x'] } }], [{ $unwind: '$o.a' }])).toEqual([
      { _id: int(1), o: { a: 'x' } },
    ]);
  });

  test('$project includes, excludes and computes', async () => {
    const docs = [{ _id: 1, a: 'x', b: { c: 'y', d: 'z' }, l: [{ k: 'p' }, { k: 'q' }] }];
    const [one] = await pipe(docs, [
      { $project: { a: 1, c: '$b.c', ks: '$l.k', lit: { $literal: 1 }, n: { $size: '$l' } } },
    ]);
    expect(one).toEqual({ _id: int(1), a: 'x', c: 'y', ks: ['p', 'q'], lit: int(1), n: int(2) });
    expect(await pipe(docs, [{ $project: { l: 0, 'b.c': 0 } }])).toEqual([
      { _id: int(1), a: 'x', b: { d: 'z' } },
    ]);
    expect(await pipe(docs, [{ $project: { _id: 0, v: '$none', w: { x: '$a' } } }])).toEqual([
      { w: { x: 'x' } },
    ]);
  });

  test('$match, $sort, $skip, $limit and $count in any order', async () => {
    const docs = Array.from({ length: 20 }, (_, i) => ({ _id: i, g: i % 3, v: 20 - i }));
    const result = await pipe(docs, [
      { $match: { v: { $gt: 2 } } },
      { $sort: { g: 1, v: 1 } },
      { $skip: 2 },
      { $limit: 3 },
      { $match: { g: 0 } },
    ]);
    expect(result.map((doc) => (doc['_id'] as Int32).value)).toEqual(
      [9, 6, 3].map((n) => n + 0).sort((x, y) => y - x),
    );
    expect(await pipe(docs, [{ $match: { g: 1 } }, { $count: 'n' }])).toEqual([{ n: int(7) }]);
    expect(await pipe(docs, [{ $match: { g: 9 } }, { $count: 'n' }])).toEqual([]);
    expect((await pipe(docs, [{ $limit: 5 }, { $sort: { v: 1 } }])).length).toBe(5);
    expect(
      (
        await pipe(docs, [
          { $group: { _id: '$g', t: { $sum: '$v' } } },
          { $sort: { t: -1 } },
          { $limit: 1 },
        ])
      ).length,
    ).toBe(1);
  });

  test('$facet runs several pipelines over the same documents', async () => {
    const docs = Array.from({ length: 10 }, (_, i) => ({ _id: i, s: i % 2 === 0 ? 'a' : 'b' }));
    const [facets] = await pipe(docs, [
      { $match: { _id: { $lt: 9 } } },
      {
        $facet: {
          page: [{ $sort: { _id: -1 } }, { $limit: 2 }, { $project: { _id: 1 } }],
          total: [{ $count: 'n' }],
          none: [{ $match: { s: 'c' } }],
        },
      },
    ]);
    expect(facets).toEqual({
      page: [{ _id: int(8) }, { _id: int(7) }],
      total: [{ n: int(9) }],
      none: [],
    });
  });

  test('large results come in batches', async () => {
    const collection = bench.collection();
    await collection.insertMany(Array.from({ length: 5000 }, (_, i) => ({ _id: i })));
    const all = await collection
      .aggregate([{ $match: { _id: { $gte: 0 } } }, { $sort: { _id: -1 } }], { batchSize: 999 })
      .toArray();
    expect(all.length).toBe(5000);
    expect(all[0]).toEqual({ _id: 4999 });
  });

  test('a pipeline that is wrong is refused', async () => {
    expect(
      await codeOf(
        bench
          .collection()
          .aggregate([{ $group: { v: 1 } }])
          .toArray(),
      ),
    ).toBe(15955);
  });
});
