import type { Collection, Db, Document, MongoClient } from 'mongodb';

/** What a test's operations are called on. */
export type Entity = MongoClient | Db | Collection;

/** An operation of the runner's that this one doesn't have: the test is skipped, not failed. */
export class Unknown extends Error {}

type Call<T> = (target: T, options: Document) => Promise<unknown>;

/** Takes the arguments that are parameters of their own; the rest are options. */
const taken = (options: Document, ...names: readonly string[]): [unknown[], Document] => {
  const rest = Object.fromEntries(Object.entries(options).filter(([key]) => !names.includes(key)));
  return [names.map((name) => options[name] as unknown), rest];
};

const withParameters =
  (method: string, ...names: readonly string[]): Call<Collection> =>
  async (collection, options) => {
    const [values, rest] = taken(options, ...names);
    const call = collection[method as keyof Collection] as unknown as (
      this: Collection,
      ...list: unknown[]
    ) => Promise<unknown>;
    return call.apply(collection, [...values, rest]);
  };

/** `{insertOne: {...}}` with what the driver calls otherwise. */
const bulkOf = (requests: readonly Document[]): Document[] => requests.map((one) => ({ ...one }));

const collectionCalls: Readonly<Record<string, Call<Collection>>> = {
  find: (collection, options) => {
    const [[filter], rest] = taken(options, 'filter');
    return collection.find(filter as Document, rest).toArray();
  },
  findOne: withParameters('findOne', 'filter'),
  insertOne: withParameters('insertOne', 'document'),
  insertMany: withParameters('insertMany', 'documents'),
  updateOne: withParameters('updateOne', 'filter', 'update'),
  updateMany: withParameters('updateMany', 'filter', 'update'),
  replaceOne: withParameters('replaceOne', 'filter', 'replacement'),
  deleteOne: withParameters('deleteOne', 'filter'),
  deleteMany: withParameters('deleteMany', 'filter'),
  findOneAndUpdate: withParameters('findOneAndUpdate', 'filter', 'update'),
  findOneAndReplace: withParameters('findOneAndReplace', 'filter', 'replacement'),
  findOneAndDelete: withParameters('findOneAndDelete', 'filter'),
  countDocuments: withParameters('countDocuments', 'filter'),
  count: withParameters('countDocuments', 'filter'),
  estimatedDocumentCount: withParameters('estimatedDocumentCount'),
  distinct: withParameters('distinct', 'fieldName', 'filter'),
  aggregate: (collection, options) => {
    const [[pipeline], rest] = taken(options, 'pipeline');
    return collection.aggregate(pipeline as Document[], rest).toArray();
  },
  bulkWrite: (collection, options) => {
    const [[requests], rest] = taken(options, 'requests');
    return collection.bulkWrite(bulkOf(requests as Document[]) as never, rest);
  },
  createIndex: withParameters('createIndex', 'keys'),
  listIndexes: (collection) => collection.listIndexes().toArray(),
};

const databaseCalls: Readonly<Record<string, Call<Db>>> = {
  runCommand: (db, { command }) => db.command(command as Document),
  createCollection: (db, options) => {
    const [[name], rest] = taken(options, 'collection');
    return db.createCollection(name as string, rest);
  },
  dropCollection: (db, { collection }) => db.dropCollection(collection as string),
  listCollections: (db, { filter }) => db.listCollections(filter as Document).toArray(),
  aggregate: (db, options) => {
    const [[pipeline], rest] = taken(options, 'pipeline');
    return db.aggregate(pipeline as Document[], rest).toArray();
  },
};

const clientCalls: Readonly<Record<string, Call<MongoClient>>> = {
  clientBulkWrite: (client, options) => {
    const [[models], rest] = taken(options, 'models');
    const list = (models as Document[]).map((model) => {
      const [name = ''] = Object.keys(model);
      return { name, ...(model[name] as Document) };
    });
    return client.bulkWrite(list as never, rest);
  },
};

/** Runs one operation on its entity. Throws `Unknown` for what the runner doesn't have. */
export const operate = (entity: Entity, name: string, options: Document): Promise<unknown> => {
  const kind =
    'collectionName' in entity
      ? collectionCalls
      : 'databaseName' in entity
        ? databaseCalls
        : clientCalls;
  const call = kind[name] as Call<Entity> | undefined;
  if (!call) return Promise.reject(new Unknown(`the operation ${name}`));
  return call(entity, options);
};
