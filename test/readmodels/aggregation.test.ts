import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import type { Document } from 'mongodb';
import { errorOf, isEmbedded, openBench } from './support.ts';
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

  test('counting without looking gives what looking gives', async () => {
    const collection = bench.collection();
    const stage = {
      $group: { _id: 'all', n: { $sum: 1 }, half: { $sum: 0.5 }, twice: { $sum: new Long(2) } },
    };
    expect(await collection.aggregate([stage]).toArray()).toEqual([]);
    await collection.insertMany(Array.from({ length: 300 }, (_, _id) => ({ _id })));
    const looking = collection.aggregate([stage, { $project: { _id: 0 } }], {
      hint: { $natural: 1 },
    });
    const counting = collection.aggregate([stage, { $project: { _id: 0 } }]);
    const expected = [{ n: 300, half: 150, twice: 600 }];
    expect(await looking.toArray()).toEqual(expected);
    expect(await counting.toArray()).toEqual(expected);
    expect(await collection.countDocuments()).toBe(300);
    expect(await collection.countDocuments({}, { skip: 290, limit: 20 })).toBe(10);
  });

  test('Decimal128 is calculated with to 34 digits, beside integers', async () => {
    const dec = (text: string): Decimal128 => Decimal128.fromString(text);
    const over = async (...values: unknown[]): Promise<unknown[]> => {
      const docs = values.map((v) => ({ v }));
      const result = await grouped(docs, { sum: { $sum: '$v' }, avg: { $avg: '$v' } });
      return [String(result?.['sum']), String(result?.['avg'])];
    };
    expect(await over(dec('0.1'), dec('0.2'))).toEqual(['0.3', '0.15']);
    expect(await over(dec('1.50'), int(1), new Long(2))).toEqual(['4.50', '1.50']);
    expect(await over(dec('1'), int(1), dec('0'))).toEqual([
      '2',
      '0.6666666666666666666666666666666667',
    ]);
    expect(await over(dec('9999999999999999999999999999999999'), dec('1'))).toEqual([
      '1.000000000000000000000000000000000E+34',
      '5.00000000000000000000000000000000E+33',
    ]);
    expect(await over(dec('9.999999999999999999999999999999999E+6144'), dec('9E+6144'))).toEqual([
      'Infinity',
      'Infinity',
    ]);
    expect(await over(dec('Infinity'), dec('-Infinity'))).toEqual(['NaN', 'NaN']);
    expect(await over(dec('-1.25'), 'x', null)).toEqual(['-1.25', '-1.25']);
  });

  test('doubles among Decimal128s are not calculated with', async () => {
    if (!isEmbedded) return;
    const stage = { $group: { _id: null, t: { $sum: '$v' } } };
    const docs = [{ v: Decimal128.fromString('1.5') }, { v: 0.5 }];
    const error = await errorOf(pipe(docs, [stage], false));
    expect(error).toMatchObject({ code: 115, message: expect.stringContaining('Decimal128') });
  });
});
