import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Decimal128, Double, Int32, Long } from 'mongodb';
import type { Document } from 'mongodb';
import { openBench } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map((value) => new Int32(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => Long.fromNumber(value)),
  fc.constantFrom(-2.5, 0, 0.1, 1, 2.5, NaN, Infinity).map((value) => new Double(value)),
  fc.constantFrom('0.1', '1', '2.50', '-3').map((value) => Decimal128.fromString(value)),
  fc.constantFrom('', 'a', 'ab', 'b', '\0', 'a\0', '\u0001', 'é', '\u{10000}'),
  fc.constantFrom(null, true, false),
  fc.integer({ min: -2, max: 2 }).map((value) => new Date(value)),
);
const inner = fc.record({ x: scalar, y: scalar }, { requiredKeys: [] });
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: inner },
  { weight: 2, arbitrary: fc.array(fc.oneof(inner, scalar), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }) },
);
const document = fc.record({ a: value, b: scalar, c: value }, { requiredKeys: [] });

const operand = fc.oneof(scalar, scalar, fc.array(scalar, { maxLength: 2 }), inner);
const condition = fc.oneof(
  operand.map((v) => ({ $eq: v })),
  operand.map((v) => ({ $gt: v })),
  operand.map((v) => ({ $gte: v })),
  operand.map((v) => ({ $lt: v })),
  operand.map((v) => ({ $lte: v })),
  operand.map((v) => ({ $ne: v })),
  fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.array(operand, { maxLength: 4 }).map((list) => ({ $in: list })),
  fc.array(operand, { maxLength: 2 }).map((list) => ({ $nin: list })),
  fc.boolean().map((there) => ({ $exists: there })),
  scalar.map((v) => ({ $elemMatch: { $gt: v } })),
  scalar.map((v) => ({ $elemMatch: { x: v } })),
  fc.constantFrom<Document | RegExp>(/^a/, { $regex: '^\u{10000}' }, /b/),
);
const path = fc.constantFrom('a', 'b', 'c', 'a.x', 'a.y', 'c.x');
const clause = fc.tuple(path, condition).map(([name, test]): Document => ({ [name]: test }));
const filter = fc.oneof(
  { weight: 3, arbitrary: clause },
  {
    weight: 5,
    arbitrary: fc.array(clause, { minLength: 2, maxLength: 3 }).map((list) => ({ $and: list })),
  },
  {
    weight: 2,
    arbitrary: fc.array(clause, { minLength: 2, maxLength: 3 }).map((list) => ({ $or: list })),
  },
);
const indexes: readonly Record<string, 1 | -1>[] = [
  { a: 1 },
  { b: -1 },
  { a: 1, b: -1 },
  { b: 1, a: -1 },
  { 'a.x': 1 },
  { 'a.x': -1, 'a.y': 1 },
  { b: 1, 'c.x': 1 },
  { c: -1 },
];

test('whatever the index, a filter finds what a full scan finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 5, maxLength: 25 }),
      fc.uniqueArray(fc.constantFrom(...indexes), { minLength: 1, maxLength: 4 }),
      fc.array(filter, { minLength: 8, maxLength: 8 }),
      fc.constantFrom(undefined, { sparse: true }, { partialFilterExpression: { b: { $gt: 0 } } }),
      async (docs, keys, filters, options) => {
        const collection = bench.collection();
        for (const [i, key] of keys.entries()) {
          await collection.createIndex(key, i === 0 ? { ...options } : {}, {});
        }
        const insert = docs.map((doc, _id) => ({ insertOne: { document: { _id, ...doc } } }));
        // Two arrays in one compound index are refused by MongoDB; such documents stay out.
        await collection.bulkWrite(insert, { ordered: false }).catch(() => undefined);
        for (const wanted of filters) {
          const scan = await collection.find(wanted).hint({ $natural: 1 }).toArray();
          const served = await collection.find(wanted).toArray();
          const ids = (list: readonly Document[]): unknown[] =>
            list.map((doc) => doc['_id'] as number).sort((x, y) => x - y);
          expect(ids(served)).toEqual(ids(scan));
        }
        await collection.drop();
      },
    ),
    { numRuns: 50 },
  );
}, 40_000);

const sortSpec = fc.constantFrom<Record<string, 1 | -1>[]>(
  { b: 1, _id: 1 },
  { b: -1, _id: 1 },
  { b: 1, _id: -1 },
  { a: 1, _id: 1 },
  { 'a.x': -1, _id: 1 },
  { b: -1, c: 1, _id: 1 },
  { _id: -1 },
);
/** Indexes that can only sort when the values of a list are merged, or a constant field is skipped. */
const sortIndexes: readonly Record<string, 1 | -1>[] = [
  { b: 1, _id: 1 },
  { b: -1, a: 1, _id: 1 },
  { c: 1, b: -1, _id: 1 },
  { 'a.x': -1, _id: 1 },
];
const listed = fc
  .tuple(fc.constantFrom('b', 'a', 'c'), fc.array(scalar, { minLength: 1, maxLength: 4 }))
  .map(([name, list]): Document => ({ [name]: { $in: list } }));
const selection = fc.oneof(
  listed,
  clause,
  fc.tuple(listed, clause).map(([one, two]) => ({ $and: [one, two] })),
  fc.tuple(listed, listed).map(([one, two]) => ({ $or: [one, two] })),
);

test('whatever the index, a sort gives what sorting afterwards gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 5, maxLength: 20 }),
      fc.array(fc.tuple(sortSpec, selection), { minLength: 8, maxLength: 8 }),
      async (docs, cases) => {
        const collection = bench.collection();
        for (const key of sortIndexes) await collection.createIndex(key);
        const insert = docs.map((doc, _id) => ({ insertOne: { document: { _id, ...doc } } }));
        await collection.bulkWrite(insert, { ordered: false }).catch(() => undefined);
        for (const [sort, where] of cases) {
          const ids = async (
            filter: Document,
            limit: number,
            natural: boolean,
          ): Promise<unknown> => {
            const cursor = collection.find(filter).sort(sort).limit(limit);
            if (natural) cursor.hint({ $natural: 1 });
            const found = await cursor.toArray().catch((error: unknown) => {
              // A sort by two arrays is refused, however the documents are found.
              if (
                (error as { code?: number }).code === 115 ||
                (error as { code?: number }).code === 2
              )
                return undefined;
              throw error;
            });
            return found?.map((doc) => doc._id);
          };
          for (const limit of [0, 3]) {
            const afterwards = await ids(where, limit, true);
            if (afterwards !== undefined)
              expect(await ids(where, limit, false)).toEqual(afterwards);
          }
        }
        await collection.drop();
      },
    ),
    { numRuns: 40 },
  );
}, 40_000);

type Change =
  | { readonly set: string; readonly to: number }
  | { readonly inc: string; readonly by: number }
  | { readonly push: string; readonly value: number }
  | { readonly unset: string };

const name = fc.constantFrom('p', 'q', 'r');
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ set: name, to: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ inc: name, by: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ push: name, value: fc.integer({ min: -9, max: 9 }) }),
  fc.record({ unset: name }),
);

/** What a change makes of the model, or undefined when it has to be refused. */
function model(before: Document, step: Change): Document | undefined {
  if ('set' in step) return { ...before, [step.set]: step.to };
  if ('unset' in step) {
    return Object.fromEntries(Object.entries(before).filter(([key]) => key !== step.unset));
  }
  if ('inc' in step) {
    const current: unknown = before[step.inc] ?? 0;
    return typeof current === 'number' ? { ...before, [step.inc]: current + step.by } : undefined;
  }
  const current: unknown = before[step.push] ?? [];
  return Array.isArray(current)
    ? { ...before, [step.push]: [...(current as unknown[]), step.value] }
    : undefined;
}

function command(step: Change): Document {
  if ('set' in step) return { $set: { [step.set]: step.to } };
  if ('inc' in step) return { $inc: { [step.inc]: step.by } };
  if ('push' in step) return { $push: { [step.push]: step.value } };
  return { $unset: { [step.unset]: '' } };
}

test('updates do to a document what they do to a model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 25 }), async (steps) => {
      const collection = bench.collection();
      await collection.createIndex({ p: 1 });
      await collection.insertOne({ _id: 1 });
      let expected: Document = { _id: 1 };
      for (const step of steps) {
        const next = model(expected, step);
        const done = await collection.updateOne({ _id: 1 }, command(step)).then(
          () => true,
          () => false,
        );
        expect(done).toBe(next !== undefined);
        expected = next ?? expected;
      }
      expect(await collection.findOne()).toEqual(expected);
      for (const p of [0, 1, 2, 3]) {
        const found = await collection.countDocuments({ p });
        const current: unknown = expected['p'];
        const matches = Array.isArray(current) ? current.includes(p) : current === p;
        expect(found).toBe(Number(matches));
      }
      await collection.drop();
    }),
    { numRuns: 50 },
  );
}, 40_000);
