import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  restoreEventStore,
  startEmbeddedEventStore,
  verifyEventStore,
  type EmbeddedEventStore,
} from '../../src/embedded/eventstore/index.ts';
import { proposeJson } from '../../src/embedded/eventstore/store/internal-events.ts';
import { openStore, type Store } from '../../src/embedded/eventstore/store/store.ts';
import {
  collect,
  counted,
  eventually,
  numbers,
  series,
  temporaryDirectory,
  unique,
} from './support.ts';

/** These tests are about the embedded server's file, so they never run against another server. */
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: EmbeddedEventStore | undefined;
let clients: EventStoreDBClient[];

beforeEach(async () => {
  directory = await temporaryDirectory();
  clients = [];
});
afterEach(async () => {
  await stop();
  await directory.remove();
});

const pathOf = (name: string): string => join(directory.path, name);

async function start(name: string): Promise<EventStoreDBClient> {
  server = await startEmbeddedEventStore({ dataDir: pathOf(name) });
  const client = EventStoreDBClient.connectionString(server.url);
  clients.push(client);
  return client;
}

async function stop(): Promise<void> {
  await Promise.all(clients.map((client) => client.dispose()));
  await server?.close();
  server = undefined;
  clients = [];
}

const read = async (client: EventStoreDBClient, stream: string): Promise<unknown[]> =>
  numbers(await collect(client.readStream(stream)));

describe('starting', () => {
  test('serves again what was stored before', async () => {
    const first = await start('again');
    await first.appendToStream('stream-1', series(3));
    await stop();
    const second = await start('again');
    expect(await read(second, 'stream-1')).toEqual([0, 1, 2]);
    const { nextExpectedRevision } = await second.appendToStream('stream-1', counted(3), {
      expectedRevision: 2n,
    });
    expect(nextExpectedRevision).toBe(3n);
  });
  test('is refused while another server has the files, and on other than loopback', async () => {
    await start('shared');
    await expect(startEmbeddedEventStore({ dataDir: pathOf('shared') })).rejects.toThrow(
      /in use by another/,
    );
    await expect(
      startEmbeddedEventStore({ dataDir: pathOf('open'), host: '0.0.0.0' }),
    ).rejects.toThrow(/loopback only/);
  });
  test('ends open subscriptions when it is closed', async () => {
    const client = await start('closing');
    const ended = expect(collect(client.subscribeToAll())).rejects.toMatchObject({
      type: expect.stringMatching(/cancelled|unavailable/) as unknown,
    });
    await client.appendToStream('stream-1', counted(1));
    await server?.close();
    await ended;
  });
});

describe('a scavenge', () => {
  test('removes what expired, was truncated or deleted, and nothing else', async () => {
    const client = await start('scavenged');
    const marker = `secret-${randomUUID()}`;
    const secret = series(20).map((event) => ({ ...event, metadata: { marker } }));
    for (const stream of ['counted-1', 'truncated-1', 'deleted-1', 'tombstoned-1', 'expired-1']) {
      await client.appendToStream(
        stream,
        secret.map((event) => ({ ...event, id: randomUUID() })),
      );
    }
    await client.appendToStream('kept-1', series(5));
    await client.setStreamMetadata('counted-1', { maxCount: 2 });
    await client.setStreamMetadata('truncated-1', { truncateBefore: 20 });
    await client.deleteStream('deleted-1');
    await client.tombstoneStream('tombstoned-1');
    await client.setStreamMetadata('expired-1', { maxAge: 1 });
    await eventually(async () => (await read(client, 'expired-1')).length === 0);

    expect(await server?.scavenge()).toBe(98);
    const all = await collect(client.readAll({ maxCount: 10_000 }));
    const left = all.filter(({ event }) => event?.type === 'Counted');
    expect(left).toHaveLength(7);
    expect(await read(client, 'counted-1')).toEqual([18, 19]);
    expect(await read(client, 'kept-1')).toEqual([0, 1, 2, 3, 4]);

    for (const stream of ['truncated-1', 'deleted-1', 'expired-1']) {
      const { nextExpectedRevision } = await client.appendToStream(stream, counted(20));
      expect(nextExpectedRevision).toBe(20n);
      await client.setStreamMetadata(stream, {});
      expect(await read(client, stream)).toEqual([20]);
    }
    await client.setStreamMetadata('counted-1', { truncateBefore: 20 });
    await server?.scavenge();
    await stop();
    const file = readFileSync(pathOf('scavenged/eventstore.db'));
    expect(file.includes(marker)).toBe(false);
    expect(verifyEventStore(pathOf('scavenged')).problems).toEqual([]);
  });
  test('never lets a stream or a position start again', async () => {
    const client = await start('heads');
    await client.appendToStream('gone-1', series(3));
    await client.deleteStream('gone-1');
    await server?.scavenge();
    const [last] = await collect(client.readAll({ maxCount: 1_000 })).then((all) => all.slice(-1));
    await stop();
    const again = await start('heads');
    const result = await again.appendToStream('gone-1', counted(3));
    expect(result.nextExpectedRevision).toBe(3n);
    expect(result.position?.commit).toBeGreaterThan(last?.event?.position.commit ?? 0n);
  });
});

describe('a backup', () => {
  test('taken under load is a whole store that can be restored', async () => {
    const client = await start('live');
    await client.appendToStream('stream-1', series(2_000));
    const backup = server?.backup(pathOf('backup'));
    for (let n = 0; n < 50; n += 1) await client.appendToStream(unique('load'), counted(n));
    await backup;
    await expect(server?.backup(pathOf('backup'))).rejects.toThrow(/exists already/);
    await stop();

    restoreEventStore(pathOf('backup'), pathOf('restored'));
    expect(() => restoreEventStore(pathOf('backup'), pathOf('restored'))).toThrow(/exists already/);
    const restored = await start('restored');
    expect(await read(restored, 'stream-1')).toHaveLength(2_000);
    await stop();
    expect(verifyEventStore(pathOf('restored'))).toMatchObject({ problems: [] });
  });
});

describe('a damaged file', () => {
  /** Overwrites the marker's bytes wherever they are in the file. */
  const damage = (path: string, marker: string): void => {
    const at = readFileSync(path).indexOf(marker);
    expect(at).toBeGreaterThan(0);
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.from('X'), 0, 1, at);
    closeSync(file);
  };

  test('is named by verify, and its event is never served', async () => {
    const client = await start('damaged');
    const marker = `marker-${randomUUID()}`;
    await client.appendToStream('good-1', series(3));
    await client.appendToStream('bad-1', { ...counted(1), metadata: { marker } });
    await stop();
    damage(pathOf('damaged/eventstore.db'), marker);

    const { problems } = verifyEventStore(pathOf('damaged'));
    expect(problems).toEqual([expect.stringMatching(/event at position \d+ differs/)]);
    expect(() => restoreEventStore(pathOf('damaged'), pathOf('copy'))).toThrow(/is damaged/);
    const again = await start('damaged');
    expect(await read(again, 'good-1')).toEqual([0, 1, 2]);
    await expect(read(again, 'bad-1')).rejects.toThrow(/eventstore\.db is damaged: .*position/);
  });
  test('that is no store at all is named', async () => {
    const client = await start('overwritten');
    await client.appendToStream('stream-1', series(3));
    await stop();
    const path = pathOf('overwritten/eventstore.db');
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(4_096, 'x'), 0, 4_096, 0);
    closeSync(file);
    await expect(startEmbeddedEventStore({ dataDir: pathOf('overwritten') })).rejects.toThrow(
      /eventstore\.db is damaged/,
    );
  });
});

describe('a full disk', () => {
  const append = (store: Store, stream: string, bytes: number) =>
    store.commits.transact(() =>
      store.appender.append({ stream, expected: -2 }, [
        proposeJson('Large', JSON.stringify('x'.repeat(bytes))),
      ]),
    );

  test('refuses appends by name, keeps reading, and recovers without a restart', async () => {
    const store = openStore(pathOf('full'));
    const limitPages = (pages: number): void =>
      store.database.connection.exec(`PRAGMA max_page_count = ${pages}`);
    try {
      await append(store, 'stream-1', 100);
      const pages = Math.ceil(statSync(store.database.path).size / 8_192) + 20;
      limitPages(pages);
      const results = await Promise.allSettled(
        Array.from({ length: 40 }, (_, n) => append(store, `stream-${n % 2}`, 20_000)),
      );
      expect(results.every(({ status }) => status === 'rejected')).toBe(true);
      await expect(append(store, 'stream-1', 300_000)).rejects.toThrow(/can't be written.*full/);
      const state = store.streams.get('stream-1');
      expect(state.head).toBe(0);
      expect(store.reads.stream(state, 0, 10, false).events).toHaveLength(1);

      limitPages(1_000_000);
      expect(await append(store, 'stream-1', 20_000)).toMatchObject({ revision: 1 });
      expect(store.reads.stream(store.streams.get('stream-1'), 0, 10, false).events).toHaveLength(
        2,
      );
    } finally {
      store.close();
    }
  });
});
