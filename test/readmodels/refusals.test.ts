import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Document } from 'mongodb';
import { codeOf, errorOf, isEmbedded, openBench } from './support.ts';
import type { Bench } from './support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const edge = 'is not supported by the embedded server (MongoDB itself supports it)';

const find = (filter: Document) => ({ find: 'c', filter });
const update = (u: Document | Document[], more: Document = {}) => ({
  update: 'c',
  updates: [{ q: {}, u, ...more }],
});
const pipe = (...pipeline: Document[]) => ({ aggregate: 'c', pipeline, cursor: {} });
const index = (more: Document) => ({ createIndexes: 'c', indexes: [{ name: 'x', ...more }] });

/** The error of a command, or of its only statement. */
async function refusalOf(command: Document): Promise<Document | undefined> {
  try {
    const reply = await bench.db.command(command);
    return (reply['writeErrors'] as Document[] | undefined)?.[0];
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return { code, errmsg: message };
  }
}

const beyond: readonly (readonly [string, number, Document])[] = [
  ['$concat', 115, find({ $expr: { $concat: ['a'] } })],
  ['$mod', 115, find({ a: { $mod: [2, 1] } })],
  ['$where', 115, find({ $where: 'true' })],
  ['$text', 115, find({ $text: { $search: 'x' } })],
  ['$jsonSchema', 115, find({ $jsonSchema: {} })],
  ['$near', 115, find({ a: { $near: [0, 0] } })],
  ['collation', 115, { ...find({}), collation: { locale: 'de' } }],
  ['$$NOW', 115, { ...find({}), let: { a: '$$NOW' } }],
  ['$natural', 115, { ...find({}), hint: { $natural: -1 } }],
  ['tailable', 115, { ...find({}), tailable: true }],
  ['$slice', 115, { ...find({}), projection: { a: { $slice: 1 } } }],
  ['pipeline', 115, update([{ $set: { a: 1 } }])],
  ["'$'", 115, update({ $set: { 'a.$': 1 } })],
  ["'$[]'", 115, update({ $set: { 'a.$[].b': 1 } })],
  ['arrayFilters', 115, update({ $set: { a: 1 } }, { arrayFilters: [{ i: 1 }] })],
  ['$bit', 115, update({ $bit: { a: { and: 1 } } })],
  ['$lookup', 40324, pipe({ $lookup: { from: 'x', localField: 'a', foreignField: 'b', as: 'c' } })],
  ['$out', 40324, pipe({ $out: 'x' })],
  ['$merge', 40324, pipe({ $merge: 'x' })],
  ['$addFields', 40324, pipe({ $addFields: { a: 1 } })],
  ['$unionWith', 40324, pipe({ $facet: { a: [{ $unionWith: 'x' }] } })],
  ['$changeStream', 40573, pipe({ $changeStream: {} })],
  ['$stdDevPop', 115, pipe({ $group: { _id: null, v: { $stdDevPop: '$x' } } })],
  ['$concat', 115, pipe({ $project: { v: { $concat: ['a', 'b'] } } })],
  ['$$NOW', 115, pipe({ $project: { v: '$$NOW' } })],
  ['computed field', 115, pipe({ $project: { 'x.z': '$a' } })],
  ["'text'", 115, index({ key: { a: 'text' } })],
  ['collation', 115, index({ key: { a: 1 }, collation: { locale: 'de' } })],
  ['capped', 115, { create: 'capped', capped: true, size: 1 }],
  ['viewOn', 115, { create: 'view', viewOn: 'c', pipeline: [] }],
  ['timeseries', 115, { create: 'times', timeseries: { timeField: 't' } }],
  ['validator', 115, { create: 'checked', validator: {} }],
  ['collMod', 115, { collMod: 'c' }],
  ['mapReduce', 115, { mapReduce: 'c' }],
];

(isEmbedded ? describe : describe.skip)('beyond the subset', () => {
  test.each(beyond)('%s is refused by name, with code %i', async (name, code, command) => {
    const { code: got, errmsg } = (await refusalOf(command)) ?? {};
    expect({ name, code: got as unknown }).toEqual({ name, code });
    expect(errmsg).toContain(name);
    expect(errmsg).toContain(edge);
  });
});

describe('on a collection that is not there', () => {
  test.each<readonly [string, number, Document]>([
    [
      'a filter of an update',
      2,
      { updates: [{ q: { a: { $nonsense: 1 } }, u: { $set: { a: 1 } } }] },
    ],
    ['an update', 9, { updates: [{ q: {}, u: { $nonsense: { a: 1 } } }] }],
  ])('%s is checked all the same', async (_, code, command) => {
    expect(await refusalOf({ update: 'nowhere', ...command })).toMatchObject({ code });
  });

  test('a delete and findAndModify are checked all the same', async () => {
    const q = { a: { $nonsense: 1 } };
    const remove = { delete: 'nowhere', deletes: [{ q, limit: 1 }] };
    expect(await refusalOf(remove)).toMatchObject({ code: 2 });
    const modify = { findAndModify: 'nowhere', query: q, update: { $set: { a: 1 } } };
    expect(await refusalOf(modify)).toMatchObject({ code: 2 });
    const change = { findAndModify: 'nowhere', query: {}, update: { $nonsense: { a: 1 } } };
    expect(await refusalOf(change)).toMatchObject({ code: 9 });
  });
});

describe('unknown to MongoDB, too', () => {
  test.each<readonly [string, number, Document]>([
    ['a filter operator', 2, find({ a: { $nonsense: 1 } })],
    ['a logical operator', 2, find({ $nonsense: [] })],
    ['an update operator', 9, update({ $nonsense: { a: 1 } })],
    ['a stage', 40324, pipe({ $nonsense: 1 })],
    ['an accumulator', 15952, pipe({ $group: { _id: 1, a: { $nonsense: 1 } } })],
    ['$expr below $elemMatch', 2, find({ a: { $elemMatch: { $expr: true } } })],
    ['$expr of a field', 2, find({ a: { $expr: true } })],
    ['$options without $regex', 2, find({ a: { $options: 'i' } })],
    ['an update operator with nothing to do', 9, update({ $nonsense: {} })],
    ['an update that is null', 9, { update: 'c', updates: [{ q: {}, u: null }] }],
    ['an update without a filter', 40414, { update: 'c', updates: [{ u: { $set: { a: 1 } } }] }],
    ['a delete without a limit', 40414, { delete: 'c', deletes: [{ q: {} }] }],
    ['a delete of two', 9, { delete: 'c', deletes: [{ q: {}, limit: 2 }] }],
    ['a flag that is text', 14, { insert: 'c', documents: [{}], ordered: 'no' }],
    ['a negative time limit', 2, { ...find({}), maxTimeMS: -1 }],
    ['$rename to itself', 2, update({ $rename: { a: 'a' } })],
    ['$rename into itself', 2, update({ $rename: { a: 'a.b' } })],
    [
      'the new document of a removal',
      9,
      { findAndModify: 'c', query: {}, remove: true, new: true },
    ],
    ['a variable of let that reads a field', 4890500, { ...find({}), let: { a: '$b' } }],
    ['a name of let with a capital', 9, { ...find({}), let: { A: 1 } }],
    ['$limit with text', 5107201, pipe({ $limit: 'a' })],
    ['$skip below zero', 5107200, pipe({ $skip: -1 })],
    ['distinct without a key', 40414, { distinct: 'c' }],
    ['a variable', 17276, pipe({ $project: { a: '$$nonsense' } })],
    ['an index option', 197, index({ key: { a: 1 }, nonsense: 1 })],
    ['an option', 40415, { ...find({}), nonsense: 1 }],
    ['a command', 59, { nonsense: 1 }],
    ['a replacement of many', 9, update({ a: 1 }, { multi: true })],
  ])('%s is answered with MongoDB’s code %s', async (_, code, command) => {
    const { code: got, errmsg } = (await refusalOf(command)) ?? {};
    expect(got).toBe(code);
    expect(errmsg).not.toContain('MongoDB itself supports it');
  });

  test('a read concern or a write concern of other servers', async () => {
    const concern = { ...find({}), readConcern: { level: 'snapshot' } };
    if (isEmbedded) expect(await codeOf(bench.db.command(concern))).toBe(72);
    const three = { insert: 'c', documents: [{}], writeConcern: { w: 3 } };
    expect(await errorOf(bench.db.command(three))).toBeDefined();
  });
});
