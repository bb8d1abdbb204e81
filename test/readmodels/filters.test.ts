import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Binary, Decimal128, Double, Int32, Long, ObjectId, UUID } from 'mongodb';
import type { Document } from 'mongodb';
import { idsOf, openBench } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

async function finds(
  docs: Document[],
  cases: readonly (readonly [Document, unknown[]])[],
): Promise<void> {
  const collection = bench.collection();
  await collection.insertMany(docs);
  for (const [filter, ids] of cases) {
    expect({ filter, ids: await idsOf(collection, filter) }).toEqual({ filter, ids });
  }
}

describe('equality', () => {
  test('numbers are equal by value across their types', () =>
    finds(
      [
        { _id: 1, n: new Int32(5) },
        { _id: 2, n: new Long(5) },
        { _id: 3, n: new Double(5) },
        { _id: 4, n: Decimal128.fromString('5.00') },
        { _id: 5, n: '5' },
        { _id: 6, n: Long.fromString('9007199254740993') },
        { _id: 7, n: new Double(9007199254740992) },
        { _id: 8, n: new Double(0.1) },
        { _id: 9, n: Decimal128.fromString('0.1') },
      ],
      [
        [{ n: 5 }, [1, 2, 3, 4]],
        [{ n: Decimal128.fromString('5') }, [1, 2, 3, 4]],
        [{ n: '5' }, [5]],
        [{ n: Long.fromString('9007199254740993') }, [6]],
        [{ n: { $gt: new Double(9007199254740992) } }, [6]],
        // The double 0.1 is a little more than the decimal 0.1.
        [{ n: Decimal128.fromString('0.1') }, [9]],
        [{ n: { $gt: Decimal128.fromString('0.1'), $lt: 1 } }, [8]],
        [{ n: { $ne: 5 } }, [5, 6, 7, 8, 9]],
      ],
    ));

  test('null finds null and missing, $exists tells them apart', () =>
    finds(
      [{ _id: 1, a: null }, { _id: 2 }, { _id: 3, a: 0 }, { _id: 4, a: [null] }, { _id: 5, a: [] }],
      [
        [{ a: null }, [1, 2, 4]],
        [{ a: { $eq: null } }, [1, 2, 4]],
        [{ a: { $ne: null } }, [3, 5]],
        [{ a: { $exists: true } }, [1, 3, 4, 5]],
        [{ a: { $exists: false } }, [2]],
        [{ a: { $in: [null, 0] } }, [1, 2, 3, 4]],
        [{ a: { $nin: [null] } }, [3, 5]],
        [{ a: { $gte: null } }, [1, 2, 4]],
        [{ a: { $gt: null } }, []],
        [{ a: { $type: 'null' } }, [1, 4]],
      ],
    ));

  test('embedded documents are equal with the same fields in the same order', () =>
    finds(
      [
        { _id: 1, d: { a: 1, b: 2 } },
        { _id: 2, d: { b: 2, a: 1 } },
        { _id: 3, d: { a: new Long(1), b: new Double(2) } },
        { _id: 4, d: { a: 1 } },
      ],
      [
        [{ d: { a: 1, b: 2 } }, [1, 3]],
        [{ d: { b: 2, a: 1 } }, [2]],
        [{ 'd.a': 1 }, [1, 2, 3, 4]],
        [{ d: { $gt: { a: 1 } } }, [1, 2, 3]],
        [{ d: {} }, []],
      ],
    ));

  test('arrays are equal as a whole or by an element', () =>
    finds(
      [
        { _id: 1, a: [1, 2] },
        { _id: 2, a: [2, 1] },
        { _id: 3, a: [[1, 2]] },
        { _id: 4, a: 1 },
        { _id: 5, a: [] },
      ],
      [
        [{ a: [1, 2] }, [1, 3]],
        [{ a: 1 }, [1, 2, 4]],
        [{ a: [] }, [5]],
        [{ a: { $in: [[2, 1], 7] } }, [2]],
        [{ a: { $size: 2 } }, [1, 2]],
        [{ a: { $size: 0 } }, [5]],
      ],
    ));

  test('ids of every type are told apart byte by byte', async () => {
    const oid = new ObjectId();
    const uuid = new UUID();
    await finds(
      [
        { _id: 1, v: oid },
        { _id: 2, v: uuid },
        { _id: 3, v: new Binary(Buffer.from([0xff])) },
        { _id: 4, v: new Binary(Buffer.from([0xfe])) },
        { _id: 5, v: new Binary(Buffer.from([0xff]), 5) },
        { _id: 6, v: new Date(1_700_000_000_000) },
        { _id: 7, v: new Date(-5) },
        { _id: 8, v: true },
        { _id: 9, v: false },
      ],
      [
        [{ v: oid }, [1]],
        [{ v: uuid }, [2]],
        [{ v: new Binary(Buffer.from([0xff])) }, [3]],
        [{ v: new Date(1_700_000_000_000) }, [6]],
        [{ v: { $lt: new Date(0) } }, [7]],
        [{ v: true }, [8]],
        [{ v: { $gte: false } }, [8, 9]],
      ],
    );
  });
});

describe('comparison', () => {
  test('stays within one type', () =>
    finds(
      [
        { _id: 1, v: 1 },
        { _id: 2, v: 'a' },
        { _id: 3, v: new Date(1) },
        { _id: 4, v: null },
        { _id: 5, v: NaN },
        { _id: 6, v: [0, 9] },
        { _id: 7 },
      ],
      [
        [{ v: { $gt: 0 } }, [1, 6]],
        [{ v: { $lt: 5 } }, [1, 6]],
        [{ v: { $gt: 3, $lt: 5 } }, [6]],
        [{ v: { $gte: '' } }, [2]],
        [{ v: { $lte: NaN } }, [5]],
        [{ v: NaN }, [5]],
        [{ v: { $not: { $gt: 0 } } }, [2, 3, 4, 5, 7]],
        [{ v: { $gt: [0] } }, [6]],
      ],
    ));

  test('text compares by its bytes, beyond the basic plane too', () =>
    finds(
      [
        { _id: 1, s: '\uffff' },
        { _id: 2, s: '\u{10000}' },
        { _id: 3, s: 'Z' },
        { _id: 4, s: 'a\0b' },
        { _id: 5, s: 'a' },
        { _id: 6, s: 'é' },
      ],
      [
        [{ s: { $gt: '\uffff' } }, [2]],
        [{ s: { $lt: 'a' } }, [3]],
        [{ s: { $gt: 'a', $lt: 'b' } }, [4]],
        [{ s: 'a\0b' }, [4]],
        [{ s: 'é' }, [6]],
      ],
    ));
});
