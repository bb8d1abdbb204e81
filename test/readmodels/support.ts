import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BSON, MongoClient } from 'mongodb';
import type { Collection, Db, Document, MongoClientOptions, ObjectId } from 'mongodb';
import { startEmbeddedMongo } from '../../src/embedded/mongodb/index.ts';
import type { EmbeddedMongo } from '../../src/embedded/mongodb/index.ts';

/** A document whose fields the tests don't declare. */
export interface Loose extends Document {
  _id?: string | number | ObjectId;
}

/** A database of its own on the server under test. */
export interface Bench {
  readonly url: string;
  readonly client: MongoClient;
  readonly db: Db;
  /** An empty collection with a name of its own. */
  collection(): Collection<Loose>;
  close(): Promise<void>;
}

/** The URL to test against instead of an embedded server, if one is given. */
export const givenUrl = process.env['TIDINGS_TEST_MONGODB_URL'];

/** A test that is about the embedded server only. */
export const isEmbedded = givenUrl === undefined || givenUrl === '';

/** Connects to the server under test: the one given, or an embedded one started for this. */
export async function openBench(options: MongoClientOptions = {}): Promise<Bench> {
  const own = isEmbedded ? await startOwn() : undefined;
  const url = own?.server.url ?? givenUrl ?? '';
  const client = new MongoClient(url, options);
  await client.connect();
  const db = client.db(`tidings_test_${randomUUID().slice(0, 8)}`);
  return {
    url,
    client,
    db,
    collection: () => db.collection<Loose>(`c_${randomUUID().slice(0, 8)}`),
    close: async () => {
      await db.dropDatabase();
      await client.close();
      await own?.stop();
    },
  };
}

async function startOwn(): Promise<{ server: EmbeddedMongo; stop: () => Promise<void> }> {
  const dataDir = await temporaryFolder();
  const server = await startEmbeddedMongo({ dataDir });
  return {
    server,
    stop: async () => {
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** A folder that the caller removes. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'tidings-mongo-'));
}

/** The code of the error that a promise ends with, or undefined when it doesn't fail. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return (await errorOf(work))?.['code'];
}

/** The error that a promise ends with, as plain fields. */
export async function errorOf(
  work: Promise<unknown>,
): Promise<Record<string, unknown> | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const { message, code } = error as Error & { code?: unknown };
    return { ...(error as object), message, code };
  }
}

/** The ids of what a filter finds, in the order of the ids. */
export async function idsOf(collection: Collection<Loose>, filter: Document): Promise<unknown[]> {
  const found = await collection.find(filter).sort({ _id: 1 }).toArray();
  return found.map((doc) => doc._id);
}

/** Sends one command as it stands, without what a driver would add to it. */
export function rawCommand(url: string, command: Document): Promise<Document> {
  const { hostname, port } = new URL(url);
  const body = BSON.serialize(command);
  const head = Buffer.alloc(21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(2013, 12);
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => {
      socket.write(Buffer.concat([head, body]));
    });
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('closed without an answer'));
    });
    socket.on('data', (chunk) => {
      received.push(chunk);
      const all = Buffer.concat(received);
      if (all.length < 4 || all.length < all.readInt32LE(0)) return;
      resolve(BSON.deserialize(all.subarray(21)));
      socket.destroy();
    });
  });
}

/** Waits until a condition holds; fails after ten seconds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come to hold');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
