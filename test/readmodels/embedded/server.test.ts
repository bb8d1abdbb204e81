import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { rm } from 'node:fs/promises';
import { BSON, Long, MongoClient, UUID } from 'mongodb';
import type { Document } from 'mongodb';
import { startEmbeddedMongo } from '../../../src/embedded/mongodb/index.ts';
import type { SlowCommand } from '../../../src/embedded/mongodb/index.ts';
import { codeOf, errorOf, isEmbedded, openBench, rawCommand, temporaryFolder } from '../support.ts';
import type { Bench, Loose } from '../support.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const embedded = isEmbedded ? describe : describe.skip;

describe('commands', () => {
  test('collections are made, listed, renamed and dropped', async () => {
    const db = bench.client.db(`${bench.db.databaseName}_names`);
    await db.createCollection('one');
    expect(await codeOf(db.createCollection('one'))).toBe(48);
    await db.collection<Loose>('two').insertOne({ _id: 1 });
    expect((await db.listCollections().toArray()).map(({ name }) => name).sort()).toEqual([
      'one',
      'two',
    ]);
    expect((await db.listCollections({ name: 'two' }, { nameOnly: true }).toArray()).length).toBe(
      1,
    );
    expect(await codeOf(db.collection('two').rename('one'))).toBe(48);
    await db.collection('two').rename('one', { dropTarget: true });
    expect(await db.collection('one').findOne()).toEqual({ _id: 1 });
    expect(await db.listCollections().toArray()).toHaveLength(1);
    expect(await codeOf(db.collection('none').rename('x'))).toBe(26);
    expect(
      (await bench.client.db().admin().listDatabases()).databases.map(({ name }) => name),
    ).toContain(db.databaseName);
    expect(await db.dropCollection('one')).toBe(true);
    await db.dropDatabase();
    expect(await db.listCollections().toArray()).toEqual([]);
  });

  test('the server tells what it is', async () => {
    const admin = bench.client.db('admin');
    expect(await admin.command({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(await admin.command({ buildInfo: 1 })).toMatchObject({
      ok: 1,
      maxBsonObjectSize: 16777216,
    });
    expect(await admin.command({ serverStatus: 1 })).toMatchObject({
      ok: 1,
      connections: { current: expect.any(Number) },
    });
    expect(await admin.command({ hello: 1 })).toMatchObject({
      isWritablePrimary: true,
      maxMessageSizeBytes: 48000000,
    });
    expect(await codeOf(admin.command({ nonsense: 1 }))).toBe(59);
  });

  embedded('refusals', () => {
    test('a command that is not carried is refused by name', async () => {
      const error = await errorOf(bench.db.command({ mapReduce: 'x' }));
      expect(error).toMatchObject({
        code: 115,
        message:
          "the command 'mapReduce' is not supported by the embedded server (MongoDB itself supports it)",
      });
      expect(await codeOf(bench.db.command({ find: 'x', nonsense: 1 }))).toBe(40415);
      expect(await codeOf(bench.db.command({ find: 'x', returnKey: true }))).toBe(115);
    });

    test('transactions and change streams are refused', async () => {
      const session = bench.client.startSession();
      session.startTransaction();
      expect(await codeOf(bench.collection().insertOne({ a: 1 }, { session }))).toBe(263);
      await session.abortTransaction().catch(() => undefined);
      await session.endSession();
      const stream = bench.collection().watch();
      expect(await codeOf(stream.next())).toBe(40573);
      await stream.close();
    });
  });
});

embedded('connections', () => {
  test('the driver connects directly, by discovery and as a replica set', async () => {
    const host = new URL(bench.url).host;
    for (const url of [bench.url, `mongodb://${host}/`, `mongodb://${host}/?replicaSet=embedded`]) {
      const client = new MongoClient(url, { serverSelectionTimeoutMS: 3000 });
      await client.connect();
      await client.db('x').collection('y').findOne();
      expect(client.options.retryWrites).toBe(true);
      await client.close();
    }
  });

  test('it listens on a Unix socket, and on no address but loopback', async () => {
    const dataDir = await temporaryFolder();
    await expect(startEmbeddedMongo({ dataDir, host: '0.0.0.0' })).rejects.toThrow('loopback only');
    const server = await startEmbeddedMongo({ dataDir, socket: `${dataDir}/mongo.sock` });
    const client = new MongoClient(server.url);
    await client.db('x').collection<Loose>('y').insertOne({ _id: 1 });
    expect(await client.db('x').collection('y').countDocuments()).toBe(1);
    await client.close();
    await server.close();
    await rm(dataDir, { recursive: true });
  });

  test('a data directory has one server', async () => {
    const dataDir = await temporaryFolder();
    const server = await startEmbeddedMongo({ dataDir });
    await expect(startEmbeddedMongo({ dataDir })).rejects.toThrow('another server already serves');
    await server.close();
    await (await startEmbeddedMongo({ dataDir })).close();
    await rm(dataDir, { recursive: true });
  });

  test('what is not the protocol ends the connection and nothing else', async () => {
    const { hostname, port } = new URL(bench.url);
    const body = Buffer.from(BSON.serialize({ ping: 1, $db: 'admin' }));
    const message = (opcode: number, flags: number, doc: Buffer, tail: Buffer): Buffer => {
      const head = Buffer.alloc(21);
      head.writeInt32LE(21 + doc.length + tail.length, 0);
      head.writeInt32LE(opcode, 12);
      head.writeInt32LE(flags, 16);
      return Buffer.concat([head, doc, tail]);
    };
    const broken = Buffer.from(body);
    broken.writeInt32LE(9999, 0);
    const wrong = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      message(2013, 1, body, Buffer.alloc(4)),
      message(2013, 4, body, Buffer.alloc(0)),
      message(2013, 0, broken, Buffer.alloc(0)),
      message(2001, 0, body, Buffer.alloc(0)),
    ];
    for (const bytes of wrong) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => socket.write(bytes));
        socket.on('close', () => resolve());
        socket.on('data', () => reject(new Error('answered')));
        socket.on('error', () => undefined);
      });
    }
    expect(await bench.db.command({ ping: 1 })).toMatchObject({ ok: 1 });
  });
});

describe('retryable writes', () => {
  test('the same attempt is carried out once, also after a restart', async () => {
    if (!isEmbedded) return;
    const dataDir = await temporaryFolder();
    const lsid = { id: new UUID() };
    const increment = (url: string, number: number): Promise<Document> =>
      rawCommand(url, {
        update: 'counters',
        $db: 'r',
        lsid,
        txnNumber: Long.fromNumber(number),
        updates: [{ q: { _id: 'n' }, u: { $inc: { n: 1 } }, upsert: true }],
      });
    const made = { n: 1, nModified: 0, upserted: [{ index: 0, _id: 'n' }], ok: 1 };
    const before = await startEmbeddedMongo({ dataDir });
    expect(await increment(before.url, 1)).toEqual(made);
    expect(await increment(before.url, 1)).toEqual(made);
    await before.close();
    const server = await startEmbeddedMongo({ dataDir });
    expect(await increment(server.url, 1)).toEqual(made);
    expect(await increment(server.url, 2)).toEqual({ n: 1, nModified: 1, ok: 1 });
    expect(await increment(server.url, 1)).toMatchObject({ ok: 0, code: 225 });
    const find = { find: 'counters', $db: 'r' };
    expect(await rawCommand(server.url, find)).toMatchObject({
      cursor: { firstBatch: [{ n: 2 }] },
    });
    await server.close();
    await rm(dataDir, { recursive: true });
  });
});

embedded('load', () => {
  test('a long read stalls neither writes nor pings, and is told as slow', async () => {
    const dataDir = await temporaryFolder();
    const slow: SlowCommand[] = [];
    const server = await startEmbeddedMongo({
      dataDir,
      slowMs: 20,
      onSlow: (command) => slow.push(command),
    });
    const client = new MongoClient(server.url);
    const collection = client.db('x').collection<Loose>('many');
    for (let i = 0; i < 40_000; i += 10_000) {
      await collection.insertMany(
        Array.from({ length: 10_000 }, (_, j) => ({ _id: i + j, s: `s${j % 7}`, v: j })),
      );
    }
    let reading = true;
    const long = Promise.all(
      [1, 2, 3].map(() =>
        collection
          .aggregate([{ $group: { _id: '$s', t: { $sum: '$v' }, all: { $push: '$v' } } }])
          .toArray(),
      ),
    ).finally(() => {
      reading = false;
    });
    let worst = 0;
    let writes = 0;
    const isReading = (): boolean => reading;
    while (isReading()) {
      const started = performance.now();
      await collection.updateOne({ _id: writes++ }, { $set: { v: 0 } });
      worst = Math.max(worst, performance.now() - started);
    }
    expect((await long)[0]).toHaveLength(7);
    expect(writes).toBeGreaterThan(3);
    expect(worst).toBeLessThan(1000);
    const late = collection.find({ $or: [{ s: 'none' }, { v: -1 }] }, { maxTimeMS: 1 }).toArray();
    expect(await codeOf(late)).toBe(50);
    expect(slow.find(({ command }) => command === 'aggregate')).toMatchObject({
      namespace: 'x.many',
      plan: 'COLLSCAN',
      docsExamined: 40_000,
    });
    await collection.updateMany({ s: 'none' }, { $set: { v: 1 } });
    expect(
      slow.find(({ plan, command }) => command === 'update' && plan === 'COLLSCAN'),
    ).toMatchObject({ docsExamined: 40_000 });
    await client.close();
    await server.close();
    await rm(dataDir, { recursive: true });
  }, 30_000);
});
