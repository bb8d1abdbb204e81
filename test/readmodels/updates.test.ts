import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'mongodb';
import type { Document } from 'mongodb';
import { codeOf, openBench } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const typed = { promoteValues: false } as const;

/** What an update makes of a document, with BSON's types kept. */
async function after(before: Document, update: Document): Promise<Document> {
  const collection = bench.collection();
  await collection.insertOne({ _id: 1, ...before });
  await collection.updateOne({ _id: new Int32(1) }, update);
  const found = await collection.findOne({}, typed);
  const { _id, ...rest } = found ?? {};
  expect(_id).toEqual(new Int32(1));
  return rest;
}

async function refusal(before: Document, update: Document): Promise<unknown> {
  return codeOf(after(before, update));
}

const int = (value: number): Int32 => new Int32(value);

describe('fields', () => {
  test('$set keeps the place of a field and adds new ones at the end, by name', async () => {
    const doc = await after({ z: 'z', b: 'b' }, { $set: { y: 'y', b: 'B', a: 'a' } });
    expect(Object.entries(doc)).toEqual([
      ['z', 'z'],
      ['b', 'B'],
      ['a', 'a'],
      ['y', 'y'],
    ]);
  });

  test('$set makes the documents on the way, and pads arrays', async () => {
    expect(await after({}, { $set: { 'a.b.c': 'x' } })).toEqual({ a: { b: { c: 'x' } } });
    expect(await after({ a: ['x'] }, { $set: { 'a.2': 'y' } })).toEqual({ a: ['x', null, 'y'] });
    expect(await after({ a: [{ b: 'x' }] }, { $set: { 'a.0.b': 'y' } })).toEqual({
      a: [{ b: 'y' }],
    });
    expect(await after({}, { $set: { 'a.1': 'y' } })).toEqual({ a: { 1: 'y' } });
  });

  test('numeric field names keep their order', async () => {
    const collection = bench.collection();
    await collection.insertOne({
      _id: 1,
      x: new Map([
        ['b', 1],
        ['10', 2],
        ['2', 3],
      ]),
    });
    await collection.updateOne({ _id: 1 }, { $set: { y: 1 } });
    const raw = await collection.findOne({ _id: 1 }, { raw: true });
    const text = Buffer.from(raw as unknown as Uint8Array).toString('latin1');
    expect(text.indexOf('b\0')).toBeLessThan(text.indexOf('10\0'));
    expect(text.indexOf('10\0')).toBeLessThan(text.indexOf('2\0', text.indexOf('10\0') + 3));
  });

  test('$unset removes a field and nulls an element', async () => {
    expect(await after({ a: 'x', b: 'y' }, { $unset: { a: '' } })).toEqual({ b: 'y' });
    expect(await after({ a: ['x', 'y'] }, { $unset: { 'a.0': '' } })).toEqual({ a: [null, 'y'] });
    expect(await after({ a: 'x' }, { $unset: { 'a.b': '', c: '' } })).toEqual({ a: 'x' });
  });

  test('$rename moves a value to the end or over another', async () => {
    expect(Object.entries(await after({ a: 'x', b: 'y' }, { $rename: { a: 'c' } }))).toEqual([
      ['b', 'y'],
      ['c', 'x'],
    ]);
    expect(await after({ a: 'x', b: 'y' }, { $rename: { a: 'b' } })).toEqual({ b: 'x' });
    expect(await after({ a: 'x' }, { $rename: { n: 'b' } })).toEqual({ a: 'x' });
    expect(await after({ a: { b: 'x' } }, { $rename: { 'a.b': 'c.d' } })).toEqual({
      a: {},
      c: { d: 'x' },
    });
  });

  test('a scalar on the way is refused', async () => {
    expect(await refusal({ a: 'x' }, { $set: { 'a.b': 1 } })).toBe(28);
    expect(await refusal({ a: null }, { $set: { 'a.b': 1 } })).toBe(28);
    expect(await refusal({ a: ['x'] }, { $set: { 'a.b': 1 } })).toBe(28);
  });

  test('two changes of one path are refused', async () => {
    expect(await refusal({}, { $set: { a: 1 }, $inc: { a: 1 } })).toBe(40);
    expect(await refusal({}, { $set: { a: 1, 'a.b': 1 } })).toBe(40);
    expect(await refusal({}, { $set: { 'a.b': 1 }, $unset: { a: 1 } })).toBe(40);
  });

  test('_id stays as it is', async () => {
    expect(await refusal({}, { $set: { _id: 2 } })).toBe(66);
    expect(await refusal({}, { $unset: { _id: 1 } })).toBe(66);
    expect(await after({ a: 'x' }, { $set: { _id: 1, a: 'y' } })).toEqual({ a: 'y' });
  });
});

describe('numbers', () => {
  test('$inc keeps the wider type', async () => {
    expect(await after({ n: int(1) }, { $inc: { n: int(2) } })).toEqual({ n: int(3) });
    expect(await after({ n: int(1) }, { $inc: { n: new Long(2) } })).toEqual({ n: new Long(3) });
    expect(await after({ n: new Long(1) }, { $inc: { n: int(2) } })).toEqual({ n: new Long(3) });
    expect(await after({ n: new Double(1) }, { $inc: { n: int(2) } })).toEqual({
      n: new Double(3),
    });
    expect(await after({ n: int(2147483647) }, { $inc: { n: int(1) } })).toEqual({
      n: new Long(2147483648),
    });
    expect(await after({}, { $inc: { n: new Long(7) } })).toEqual({ n: new Long(7) });
    const large = Long.fromString('9007199254740993');
    expect(await after({ n: large }, { $inc: { n: int(2) } })).toEqual({
      n: Long.fromString('9007199254740995'),
    });
  });

  test('$mul multiplies, and makes a zero', async () => {
    expect(await after({ n: int(3) }, { $mul: { n: int(2) } })).toEqual({ n: int(6) });
    expect(await after({ n: int(3) }, { $mul: { n: 0.5 } })).toEqual({ n: new Double(1.5) });
    expect(await after({}, { $mul: { n: new Long(2) } })).toEqual({ n: new Long(0) });
  });

  test('Decimal128 stays Decimal128, exactly', async () => {
    const dec = (text: string): Decimal128 => Decimal128.fromString(text);
    expect(await after({ n: dec('0.10') }, { $inc: { n: dec('0.2') } })).toEqual({
      n: dec('0.30'),
    });
    expect(await after({ n: dec('1.5') }, { $inc: { n: int(1) } })).toEqual({ n: dec('2.5') });
    expect(await after({ n: new Long(2) }, { $mul: { n: dec('1.50') } })).toEqual({
      n: dec('3.00'),
    });
    expect(await after({}, { $mul: { n: dec('2') } })).toEqual({ n: dec('0') });
  });

  test('what is no number is refused', async () => {
    expect(await refusal({ n: 'x' }, { $inc: { n: 1 } })).toBe(14);
    expect(await refusal({ n: null }, { $inc: { n: 1 } })).toBe(14);
    expect(await refusal({ n: 1 }, { $inc: { n: 'x' } })).toBe(14);
    expect(await refusal({ n: Long.MAX_VALUE }, { $inc: { n: int(1) } })).toBe(2);
  });

  test('other fields keep their types through an update', async () => {
    const fields = {
      i: int(5),
      l: new Long(5),
      d: new Double(5),
      m: Decimal128.fromString('5.10'),
      t: new Timestamp({ t: 7, i: 1 }),
      o: new ObjectId(),
      w: new Date(5),
    };
    expect(await after(fields, { $set: { x: 'y' } })).toEqual({ ...fields, x: 'y' });
  });

  test('$min and $max compare in the order of all types', async () => {
    expect(await after({ n: int(5) }, { $min: { n: int(3) } })).toEqual({ n: int(3) });
    expect(await after({ n: int(5) }, { $max: { n: int(3) } })).toEqual({ n: int(5) });
    expect(await after({ n: int(5) }, { $max: { n: 'text' } })).toEqual({ n: 'text' });
    expect(await after({}, { $min: { n: int(3) } })).toEqual({ n: int(3) });
    expect(await after({ n: int(5) }, { $max: { n: new Double(5) } })).toEqual({ n: int(5) });
  });

  test('$currentDate writes dates and timestamps', async () => {
    const doc = await after({}, { $currentDate: { a: true, b: { $type: 'timestamp' } } });
    expect(doc['a']).toBeInstanceOf(Date);
    expect(doc['b']).toBeInstanceOf(Timestamp);
    expect(Math.abs(Date.now() - (doc['a'] as Date).getTime())).toBeLessThan(60_000);
  });
});

describe('arrays', () => {
  const list = (...values: number[]): Int32[] => values.map(int);

  test('$push adds, places, sorts and cuts', async () => {
    expect(await after({}, { $push: { a: 1 } })).toEqual({ a: list(1) });
    expect(await after({ a: [1] }, { $push: { a: { $each: [2, 3] } } })).toEqual({
      a: list(1, 2, 3),
    });
    expect(await after({ a: [1, 2] }, { $push: { a: { $each: [9], $position: 1 } } })).toEqual({
      a: list(1, 9, 2),
    });
    expect(await after({ a: [1, 2] }, { $push: { a: { $each: [9], $position: -1 } } })).toEqual({
      a: list(1, 9, 2),
    });
    expect(
      await after({ a: [5, 1] }, { $push: { a: { $each: [3], $sort: -1, $slice: 2 } } }),
    ).toEqual({
      a: list(5, 3),
    });
    expect(await after({ a: [1, 2] }, { $push: { a: { $each: [3], $slice: -2 } } })).toEqual({
      a: list(2, 3),
    });
    expect(await after({ a: [1] }, { $push: { a: { $each: [], $slice: 0 } } })).toEqual({ a: [] });
    expect(
      await after(
        {
          a: [
            { v: 2, t: 'x' },
            { v: 1, t: 'y' },
          ],
        },
        { $push: { a: { $each: [{ v: 1, t: 'a' }], $sort: { v: 1, t: -1 } } } },
      ),
    ).toEqual({
      a: [
        { v: int(1), t: 'y' },
        { v: int(1), t: 'a' },
        { v: int(2), t: 'x' },
      ],
    });
    expect(await refusal({ a: 'x' }, { $push: { a: 1 } })).toBe(2);
  });

  test('$addToSet adds what is not there', async () => {
    expect(await after({ a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } })).toEqual({
      a: list(1, 2),
    });
    expect(await after({ a: [1] }, { $addToSet: { a: [1] } })).toEqual({ a: [int(1), list(1)] });
    expect(await after({ a: [1] }, { $addToSet: { a: new Long(1) } })).toEqual({ a: list(1) });
    expect(await refusal({ a: 1 }, { $addToSet: { a: 1 } })).toBe(2);
  });

  test('$pull removes by value or condition', async () => {
    expect(await after({ a: [1, 2, 1] }, { $pull: { a: 1 } })).toEqual({ a: list(2) });
    expect(await after({ a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } })).toEqual({ a: list(1) });
    expect(await after({ a: [1, 5] }, { $pull: { a: { $in: [5, 7] } } })).toEqual({ a: list(1) });
    expect(
      await after({ a: [{ x: 'a', y: 'b' }, { x: 'c' }, 'a'] }, { $pull: { a: { x: 'a' } } }),
    ).toEqual({ a: [{ x: 'c' }, 'a'] });
    expect(await after({}, { $pull: { a: 1 } })).toEqual({});
    expect(await refusal({ a: 'x' }, { $pull: { a: 1 } })).toBe(2);
  });

  test('$pullAll and $pop', async () => {
    expect(await after({ a: [1, 2, 3] }, { $pullAll: { a: [1, 3] } })).toEqual({ a: list(2) });
    expect(await after({ a: [1, 2, 3] }, { $pop: { a: 1 } })).toEqual({ a: list(1, 2) });
    expect(await after({ a: [1, 2, 3] }, { $pop: { a: -1 } })).toEqual({ a: list(2, 3) });
  });
});
