import { type Collection, type Db, MongoClient } from 'mongodb';

export type { AnyBulkWriteOperation, Collection, Filter, IndexDescription } from 'mongodb';

/** The connection to the read models' server. */
export interface Database {
  readonly db: Db;
  /** A collection of documents with string ids. */
  collection<D extends { readonly _id: string }>(name: string): Collection<D>;
  /** One round trip, to tell whether the server is there. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects to MongoDB, or to what speaks its protocol. Writes wait for the journal: an acknowledged
 * write survives a crash of the server.
 *
 * @param url a MongoDB connection string
 * @param name the database; `tidings` by default
 */
export const connectDatabase = async (url: string, name = 'tidings'): Promise<Database> => {
  const client = new MongoClient(url, {
    appName: 'tidings',
    ignoreUndefined: true,
    maxPoolSize: 20,
    serverSelectionTimeoutMS: 5_000,
    writeConcern: { w: 'majority', journal: true },
  });
  await client.connect();
  const db = client.db(name);
  return {
    db,
    collection: <D extends { readonly _id: string }>(collection: string) =>
      db.collection<D>(collection),
    ping: async () => {
      await db.command({ ping: 1 });
    },
    close: () => client.close(),
  };
};

/** Whether an error says that a document with this id, or another unique value, is there already. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof Error && (error as { readonly code?: unknown }).code === 11_000;
