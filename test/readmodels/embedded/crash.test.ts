import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { Collection, Document } from 'mongodb';
import { isEmbedded, temporaryFolder } from '../support.ts';
import type { Loose } from '../support.ts';

interface Running {
  readonly url: string;
  kill(): Promise<void>;
}

async function startProcess(dataDir: string): Promise<Running> {
  const script = fileURLToPath(new URL('./server-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const indexes: readonly Record<string, 1 | -1>[] = [{ u: 1 }, { status: 1, n: -1 }, { tags: 1 }];

/** Everything that was acknowledged: the last number of each document. */
type Ledger = Map<string, number>;

/** Writes single upserts and bulks until the server dies under it. */
async function load(collection: Collection<Loose>, round: number, ledger: Ledger): Promise<void> {
  const document = (n: number): Document => ({
    n,
    status: `s${n % 3}`,
    tags: [`t${n % 5}`, 'all'],
  });
  const singles = Array.from({ length: 16 }, async (_, lane) => {
    for (let n = 1; ; n++) {
      const _id = `single-${lane}-${n % 20}`;
      const value = round * 100_000 + n;
      await collection.updateOne(
        { _id },
        { $set: { ...document(value), u: _id } },
        { upsert: true },
      );
      ledger.set(_id, value);
    }
  });
  const bulks = (async () => {
    for (let b = 0; ; b++) {
      const ids = Array.from({ length: 100 }, (_, i) => `bulk-${round}-${b}-${i}`);
      await collection.bulkWrite(
        ids.map((_id, n) => ({
          replaceOne: { filter: { _id }, replacement: { ...document(n), u: _id }, upsert: true },
        })),
        { ordered: false },
      );
      ids.forEach((_id, n) => ledger.set(_id, n));
    }
  })();
  await Promise.allSettled([...singles, bulks]);
}

test('after kill -9 under load nothing acknowledged is lost and indexes equal a scan', async () => {
  if (!isEmbedded) return;
  const dataDir = await temporaryFolder();
  const ledger: Ledger = new Map();
  for (let round = 0; round < 3; round++) {
    const server = await startProcess(dataDir);
    const client = new MongoClient(server.url, {
      retryWrites: false,
      serverSelectionTimeoutMS: 500,
    });
    const collection = client.db('crash').collection<Loose>('docs');
    for (const [i, key] of indexes.entries())
      await collection.createIndex(key, { unique: i === 0 }, {});
    await check(collection, ledger);
    const before = ledger.size;
    const loading = load(collection, round, ledger);
    const deadline = Date.now() + 10_000;
    while (ledger.size < before + 400 && Date.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await server.kill();
    await loading;
    await client.close();
    expect(ledger.size).toBeGreaterThanOrEqual(before + 400);
  }
  const server = await startProcess(dataDir);
  const client = new MongoClient(server.url);
  await check(client.db('crash').collection<Loose>('docs'), ledger);
  await client.close();
  await server.kill();
  await rm(dataDir, { recursive: true });
}, 60_000);

async function check(collection: Collection<Loose>, ledger: Ledger): Promise<void> {
  const stored = await collection.find().hint({ $natural: 1 }).toArray();
  const numbers = new Map(stored.map((doc) => [doc._id as string, doc['n'] as number]));
  const lost = [...ledger].filter(([_id, n]) => (numbers.get(_id) ?? -1) < n);
  expect(lost).toEqual([]);
  const ids = stored.map((doc) => doc._id as string).sort();
  for (const key of [{ _id: 1 as const }, ...indexes]) {
    const served = await collection
      .find({ [Object.keys(key)[0] ?? '']: { $gte: '' } })
      .hint(key)
      .toArray();
    expect(served.map((doc) => doc._id as string).sort()).toEqual(ids);
  }
}
