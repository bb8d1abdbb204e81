import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../../src/embedded/mongodb/index.ts';
import { openDatabase } from '../../../src/embedded/mongodb/store/database.ts';
import { sweep } from '../../../src/embedded/mongodb/ttl.ts';
import { isEmbedded, temporaryFolder } from '../support.ts';
import type { Loose } from '../support.ts';

test('documents go when their date, or the earliest of their dates, lies far enough back', async () => {
  if (!isEmbedded) return;
  const dataDir = await temporaryFolder();
  const server = await startEmbeddedMongo({ dataDir });
  const client = new MongoClient(server.url);
  const collection = client.db('ttl').collection<Loose>('docs');
  await collection.createIndex({ at: 1 }, { expireAfterSeconds: 60 }, {});
  const now = Date.now();
  const ago = (seconds: number): Date => new Date(now - seconds * 1000);
  await collection.insertMany([
    { _id: 'old', at: ago(61) },
    { _id: 'new', at: ago(59) },
    { _id: 'array', at: [ago(10), ago(90)] },
    { _id: 'text', at: 'never' },
    { _id: 'number', at: 5 },
    { _id: 'missing' },
  ]);
  await client.close();
  await server.close();

  const db = openDatabase(join(dataDir, 'mongodb.db'), 'write');
  const stored = db.catalog.find('ttl', 'docs');
  const index = stored?.indexes[1];
  expect(stored && index && sweep(db, stored, index, now)).toBe(2);
  db.close();

  const again = await startEmbeddedMongo({ dataDir });
  const reader = new MongoClient(again.url);
  const left = await reader.db('ttl').collection<Loose>('docs').find().sort({ _id: 1 }).toArray();
  expect(left.map((doc) => doc._id)).toEqual(['missing', 'new', 'number', 'text']);
  await reader.close();
  await again.close();
  await rm(dataDir, { recursive: true });
});
