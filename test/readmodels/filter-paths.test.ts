import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Document } from 'mongodb';
import { codeOf, idsOf, openBench } from './support.ts';
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

describe('paths', () => {
  test('go through arrays of documents', () =>
    finds(
      [
        { _id: 1, a: [{ b: 1 }, { b: 2 }] },
        { _id: 2, a: { b: [2, 3] } },
        { _id: 3, a: [{ b: [1, 5] }, 7] },
        { _id: 4, a: 5 },
        { _id: 5, a: [{ c: 1 }] },
        { _id: 6, a: [1, 2] },
        { _id: 7, a: [] },
      ],
      [
        [{ 'a.b': 2 }, [1, 2]],
        [{ 'a.b': 5 }, [3]],
        [{ 'a.0.b': 1 }, [1, 3]],
        [{ 'a.1': 7 }, [3]],
        [{ 'a.b': null }, [4, 5]],
        [{ 'a.b': { $exists: false } }, [4, 5, 6, 7]],
        [{ 'a.b': { $gt: 4, $lt: 2 } }, [3]],
      ],
    ));

  test('$elemMatch wants one element that fulfils all', () =>
    finds(
      [
        { _id: 1, a: [{ x: 1, y: 2 }] },
        { _id: 2, a: [{ x: 1 }, { y: 2 }] },
        { _id: 3, a: [1, 9] },
        { _id: 4, a: [5] },
        { _id: 5, a: 5 },
        { _id: 6, a: { x: 1, y: 2 } },
      ],
      [
        [{ a: { $elemMatch: { x: 1, y: 2 } } }, [1]],
        [{ 'a.x': 1, 'a.y': 2 }, [1, 2, 6]],
        [{ a: { $elemMatch: { $gt: 4, $lt: 8 } } }, [4]],
        [{ a: { $elemMatch: { $not: { $gt: 4 } } } }, [1, 2, 3]],
        [{ a: { $elemMatch: { $or: [{ x: 7 }, { y: 2 }] } } }, [1, 2]],
        [{ a: { $not: { $elemMatch: { x: 1 } } } }, [3, 4, 5, 6]],
      ],
    ));

  test('$all wants every value', () =>
    finds(
      [
        { _id: 1, a: [1, 2, 3] },
        { _id: 2, a: [1] },
        { _id: 3, a: 1 },
        { _id: 4, a: [{ x: 1 }, { x: 5 }] },
      ],
      [
        [{ a: { $all: [1, 2] } }, [1]],
        [{ a: { $all: [1] } }, [1, 2, 3]],
        [{ a: { $all: [] } }, []],
        [{ a: { $all: [{ $elemMatch: { x: 1 } }, { $elemMatch: { x: { $gt: 4 } } }] } }, [4]],
      ],
    ));
});

describe('logic and text', () => {
  test('$and, $or, $nor and $not combine', () =>
    finds(
      [
        { _id: 1, a: 1 },
        { _id: 2, a: 2 },
        { _id: 3, b: 1 },
      ],
      [
        [{ $or: [{ a: 1 }, { b: 1 }] }, [1, 3]],
        [{ $and: [{ a: { $gt: 0 } }, { a: { $lt: 2 } }] }, [1]],
        [{ $nor: [{ a: 1 }, { b: 1 }] }, [2]],
        [{ a: { $not: { $eq: 1 } } }, [2, 3]],
        [{ a: { $in: [1, 2], $nin: [2] } }, [1]],
        [{}, [1, 2, 3]],
      ],
    ));

  test('regular expressions match text', () =>
    finds(
      [
        { _id: 1, s: 'welcome' },
        { _id: 2, s: 'Welcome back' },
        { _id: 3, s: 'a.b' },
        { _id: 4, s: ['x', 'web'] },
        { _id: 5, s: 'line\nweb' },
        { _id: 6, s: 3 },
      ],
      [
        [{ s: /^we/ }, [1, 4]],
        [{ s: /^we/i }, [1, 2, 4]],
        [{ s: { $regex: '^a\\.b$' } }, [3]],
        [{ s: { $regex: 'WEL', $options: 'i' } }, [1, 2]],
        [{ s: /^web/m }, [4, 5]],
        [{ s: { $not: /^we/ } }, [2, 3, 5, 6]],
        [{ s: { $in: [/^wel/, 3] } }, [1, 6]],
        [{ s: /e.*e$/ }, [1]],
      ],
    ));

  test('what MongoDB refuses is refused with its code', async () => {
    const collection = bench.collection();
    const bad: Document[] = [
      { a: { $in: 1 } },
      { $or: [] },
      { $and: {} },
      { a: { $not: {} } },
      { a: { $size: -1 } },
      { a: { $foo: 1 } },
      { $foo: 1 },
      { a: { $all: 1 } },
      { a: { $elemMatch: 1 } },
      { a: { $type: 'nonsense' } },
    ];
    for (const filter of bad) {
      expect({ filter, code: await codeOf(collection.findOne(filter)) }).toEqual({
        filter,
        code: 2,
      });
    }
  });
});
