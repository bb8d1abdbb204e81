import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import type { Document } from 'mongodb';
import { codeOf, errorOf, isEmbedded, openBench } from './support.ts';
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

/** One group over everything. */
async function grouped(docs: Document[], fields: Document): Promise<Document | undefined> {
  const [result] = await pipe(docs, [{ $group: { _id: null, ...fields } }]);
  return result;
}

describe('$group', () => {
  test('sums in the widest type, ignoring what is no number', async () => {
    const sum = async (...values: unknown[]): Promise<unknown> =>
      (
        await grouped(
          values.map((v) => ({ v })),
          { t: { $sum: '$v' } },
        )
      )?.['t'];
    expect(await sum(int(1), int(2), 'x', null)).toEqual(int(3));
    expect(await sum(int(2147483647), int(1))).toEqual(new Long(2147483648));
    expect(await sum(int(1), new Long(2))).toEqual(new Long(3));
    expect(await sum(Long.fromString('9007199254740993'), int(1))).toEqual(
      Long.fromString('9007199254740994'),
    );
    expect(await sum(int(1), new Double(0.5))).toEqual(new Double(1.5));
    expect(await sum(0.1, 0.2, 0.3)).toEqual(new Double(0.6));
    expect(await sum(Long.MAX_VALUE, Long.MAX_VALUE)).toEqual(new Double(2 ** 64));
    expect(await sum('x')).toEqual(int(0));
  });

  test('averages numbers only', async () => {
    const docs = [{ v: 1 }, { v: new Long(4) }, { v: 'x' }, {}, { v: null }];
    expect(await grouped(docs, { a: { $avg: '$v' }, n: { $avg: '$none' } })).toEqual({
      _id: null,
      a: new Double(2.5),
      n: null,
    });
  });

  test('$min, $max, $first, $last, $push, $addToSet and $count', async () => {
    const docs = [
      { _id: 1, v: 3 },
      { _id: 2 },
      { _id: 3, v: null },
      { _id: 4, v: 'a' },
      { _id: 5, v: 3 },
    ];
    expect(
      await grouped(docs, {
        min: { $min: '$v' },
        max: { $max: '$v' },
        first: { $first: '$v' },
        last: { $last: '$v' },
        push: { $push: '$v' },
        set: { $addToSet: '$v' },
        count: { $count: {} },
        n: { $sum: 1 },
      }),
    ).toEqual({
      _id: null,
      min: int(3),
      max: 'a',
      first: int(3),
      last: int(3),
      push: [int(3), null, 'a', int(3)],
      set: [int(3), null, 'a'],
      count: int(5),
      n: int(5),
    });
    expect(await grouped([{ v: 1 }, {}], { l: { $last: '$v' } })).toEqual({ _id: null, l: null });
  });

  test('groups by fields, documents and nothing; null and missing are one group', async () => {
    const docs = [{ s: 'a', c: 1 }, { s: 'a', c: new Long(1) }, { s: 'b' }, { s: null }, {}];
    const sorted = async (_id: unknown): Promise<unknown> =>
      pipe(docs, [{ $group: { _id, n: { $sum: 1 } } }, { $sort: { _id: 1 } }]);
    expect(await sorted('$s')).toEqual([
      { _id: null, n: int(2) },
      { _id: 'a', n: int(2) },
      { _id: 'b', n: int(1) },
    ]);
    expect(await sorted({ s: '$s', c: '$c' })).toEqual([
      { _id: {}, n: int(1) },
      { _id: { s: null }, n: int(1) },
      { _id: { s: 'a', c: int(1) }, n: int(2) },
      { _id: { s: 'b' }, n: int(1) },
    ]);
    expect(await pipe([], [{ $group: { _id: null, n: { $sum: 1 } } }])).toEqual([]);
  });

  test('counts conditionally', async () => {
    const docs = [{ s: 'SENT', ms: 5 }, { s: 'FAILED', ms: 7 }, { s: 'SENT' }];
    expect(
      await grouped(docs, {
        sent: { $sum: { $cond: [{ $eq: ['$s', 'SENT'] }, 1, 0] } },
        ms: { $sum: { $add: [{ $ifNull: ['$ms', 0] }, 1] } },
        slow: {
          $sum: {
            $cond: { if: { $and: [{ $gt: ['$ms', 5] }, { $lte: ['$ms', 7] }] }, then: 1, else: 0 },
          },
        },
      }),
    ).toEqual({ _id: null, sent: int(2), ms: int(15), slow: int(1) });
  });

  test('Decimal128 is stored and compared but not calculated with', async () => {
    if (!isEmbedded) return;
    const stage = { $group: { _id: null, t: { $sum: '$v' } } };
    const error = await errorOf(pipe([{ v: Decimal128.fromString('1.5') }], [stage], false));
    expect(error).toMatchObject({ code: 115, message: expect.stringContaining('Decimal128') });
  });
});

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

  test('what is not carried is refused by name', async () => {
    if (!isEmbedded) return;
    const cases: readonly (readonly [Document, number])[] = [
      [{ $lookup: { from: 'x', localField: 'a', foreignField: 'b', as: 'c' } }, 40324],
      [{ $out: 'x' }, 40324],
      [{ $merge: 'x' }, 40324],
      [{ $changeStream: {} }, 40573],
      [{ $nonsense: 1 }, 40324],
      [{ $group: { _id: null, v: { $stdDevPop: '$x' } } }, 15952],
      [{ $project: { v: { $concat: ['a', 'b'] } } }, 168],
      [{ $project: { x: { y: 1, z: '$a' } } }, 115],
      [{ $project: { 'x.z': '$a' } }, 115],
    ];
    for (const [stage, code] of cases) {
      const error = await errorOf(bench.collection().aggregate([stage]).toArray());
      expect(error).toMatchObject({
        code,
        message: expect.stringContaining('not supported by the embedded server'),
      });
    }
    expect(
      await codeOf(
        bench
          .collection()
          .aggregate([{ $group: { v: 1 } }])
          .toArray(),
      ),
    ).toBe(15955);
    expect(
      await codeOf(
        bench
          .collection()
          .find({}, { collation: { locale: 'de' } })
          .toArray(),
      ),
    ).toBe(115);
  });
});
