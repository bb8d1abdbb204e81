import {
  ANY,
  BACKWARDS,
  END,
  EventStoreDBClient,
  NO_STREAM,
  type StreamMetadata,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  collect,
  counted,
  eventually,
  numbers,
  openServer,
  series,
  unique,
  type TestServer,
} from './support.ts';

let server: TestServer;
let client: EventStoreDBClient;

beforeAll(async () => {
  server = await openServer();
  client = server.client();
});
afterAll(() => server.close());

const read = async (stream: string): Promise<unknown[]> =>
  numbers(await collect(client.readStream(stream)));

describe('stream metadata', () => {
  const withMetadata = async (metadata: StreamMetadata): Promise<string> => {
    const stream = unique('metadata');
    await client.appendToStream(stream, series(6));
    await client.setStreamMetadata(stream, metadata);
    return stream;
  };

  test('comes back as it was set', async () => {
    const metadata = {
      maxCount: 100,
      maxAge: 1_000,
      truncateBefore: 1,
      cacheControl: 20,
      acl: { readRoles: ['$all'], writeRoles: ['$admins'] },
      custom: { text: 'ü' },
    };
    const stream = await withMetadata(metadata);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual(metadata);
    const missing = unique('metadata');
    expect(await client.getStreamMetadata(missing)).toEqual({ streamName: missing });
  });
  test('maxCount shows the newest events only, whatever comes', async () => {
    const stream = await withMetadata({ maxCount: 2 });
    expect(await read(stream)).toEqual([4, 5]);
    await client.appendToStream(stream, counted(6));
    expect(await read(stream)).toEqual([5, 6]);
    const backwards = await collect(
      client.readStream(stream, { direction: BACKWARDS, fromRevision: END }),
    );
    expect(numbers(backwards as never)).toEqual([6, 5]);
  });
  test('truncateBefore hides what is before it', async () => {
    expect(await read(await withMetadata({ truncateBefore: 4 }))).toEqual([4, 5]);
    expect(await read(await withMetadata({ truncateBefore: 6 }))).toEqual([]);
  });
  test('maxAge hides what is older', async () => {
    const stream = await withMetadata({ maxAge: 1 });
    expect(await read(stream)).toHaveLength(6);
    await eventually(async () => (await read(stream)).length === 0);
    await client.appendToStream(stream, counted(6));
    expect(await read(stream)).toEqual([6]);
  });
  test('may be set before the stream exists, at an expected revision', async () => {
    const stream = unique('early');
    const set = (maxCount: number) =>
      client.setStreamMetadata(stream, { maxCount }, { expectedRevision: NO_STREAM });
    await set(1);
    await expect(set(2)).rejects.toMatchObject({ type: 'wrong-expected-version' });
    await client.appendToStream(stream, series(3));
    expect(await read(stream)).toEqual([2]);
  });
});

describe('a deleted stream', () => {
  test('is not found', async () => {
    const stream = unique('deleted');
    await client.appendToStream(stream, series(3));
    const { position } = await client.deleteStream(stream, { expectedRevision: 2n });
    expect(position?.commit).toBeGreaterThan(0n);
    await expect(read(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
  });
  test.each([
    ['any', ANY],
    ['no_stream', NO_STREAM],
    ['its last revision', 2n],
  ] as const)('can be written again with %s, and goes on counting', async (_case, expected) => {
    const stream = unique('again');
    await client.appendToStream(stream, series(3));
    await client.setStreamMetadata(stream, { custom: 1 });
    await client.deleteStream(stream);
    const result = await client.appendToStream(stream, series(2, 'Counted', 3), {
      expectedRevision: expected,
    });
    expect(result.nextExpectedRevision).toBe(4n);
    expect(await read(stream)).toEqual([3, 4]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({
      custom: 1,
      truncateBefore: 3,
    });
  });
  test('must exist, and stand at the expected revision', async () => {
    const stream = unique('guarded');
    await expect(client.deleteStream(stream)).rejects.toMatchObject({
      type: 'wrong-expected-version',
      actualVersion: 'no_stream',
    });
    await client.appendToStream(stream, series(3));
    await expect(client.deleteStream(stream, { expectedRevision: 7n })).rejects.toMatchObject({
      type: 'wrong-expected-version',
      expectedVersion: 7n,
      actualVersion: 2n,
    });
    expect(await read(stream)).toEqual([0, 1, 2]);
  });
});

describe('a tombstoned stream', () => {
  test('can neither be read, written nor deleted again', async () => {
    const stream = unique('tombstoned');
    await client.appendToStream(stream, series(3));
    await client.tombstoneStream(stream, { expectedRevision: 2n });
    const deleted = { type: 'stream-deleted', streamName: stream };
    await expect(read(stream)).rejects.toMatchObject(deleted);
    await expect(client.appendToStream(stream, counted(1))).rejects.toMatchObject(deleted);
    await expect(client.deleteStream(stream)).rejects.toMatchObject(deleted);
    await expect(client.tombstoneStream(stream)).rejects.toMatchObject(deleted);
  });
  test('must stand at the expected revision', async () => {
    const stream = unique('tombstone');
    await client.appendToStream(stream, series(3));
    await expect(client.tombstoneStream(stream, { expectedRevision: 0n })).rejects.toMatchObject({
      type: 'wrong-expected-version',
      actualVersion: 2n,
    });
  });
});

describe('the node', () => {
  test('is found by gossip as the leader of a cluster of one', async () => {
    const address = server.url.replace(/^esdb:\/\//, '').replace(/\?.*/, '');
    const clustered = EventStoreDBClient.connectionString(
      `esdb+discover://${address}?tls=false&nodePreference=leader`,
    );
    const stream = unique('gossip');
    await clustered.appendToStream(stream, counted(1));
    expect(await read(stream)).toEqual([1]);
    await clustered.dispose();
  });
});
