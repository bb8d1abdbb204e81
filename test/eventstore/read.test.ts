import { BACKWARDS, END, FORWARDS, START, type EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  collect,
  counted,
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

describe('a stream', () => {
  const stream = unique('read');
  const read = async (options: Parameters<EventStoreDBClient['readStream']>[1]) =>
    numbers(await collect(client.readStream(stream, options)));
  beforeAll(() => client.appendToStream(stream, series(10)));

  test('is read forwards from its start', async () => {
    expect(await read({})).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await read({ fromRevision: START, maxCount: 3 })).toEqual([0, 1, 2]);
  });
  test('is read from a revision, inclusive, in both directions', async () => {
    expect(await read({ fromRevision: 7n })).toEqual([7, 8, 9]);
    expect(await read({ fromRevision: 2n, direction: BACKWARDS })).toEqual([2, 1, 0]);
  });
  test('is read backwards from its end', async () => {
    expect(await read({ fromRevision: END, direction: BACKWARDS, maxCount: 2 })).toEqual([9, 8]);
  });
  test('gives nothing beyond its end', async () => {
    expect(await read({ fromRevision: 10n })).toEqual([]);
    expect(await read({ fromRevision: END, direction: FORWARDS })).toEqual([]);
    expect(await read({ fromRevision: 100n, direction: BACKWARDS, maxCount: 1 })).toEqual([9]);
  });
  test('that is missing is not found', async () => {
    const missing = unique('missing');
    await expect(collect(client.readStream(missing))).rejects.toMatchObject({
      type: 'stream-not-found',
    });
  });
  test('longer than a page is read whole', async () => {
    const long = unique('long');
    await client.appendToStream(long, series(1_000));
    const forwards = numbers(await collect(client.readStream(long)));
    const backwards = numbers(
      await collect(client.readStream(long, { direction: BACKWARDS, fromRevision: END })),
    );
    expect(forwards).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    expect(backwards).toEqual(forwards.toReversed());
  });
});

describe('$all', () => {
  const type = unique('AllType');
  const streams = [unique('all'), unique('all'), unique('other')];
  beforeAll(async () => {
    for (let n = 0; n < 9; n += 1) {
      await client.appendToStream(streams[n % 3] ?? '', counted(n, type));
    }
  });
  /** This client filters subscriptions only, so the tests pick their own events. */
  const readOurs = async (options: Parameters<EventStoreDBClient['readAll']>[0] = {}) => {
    const events = await collect(client.readAll({ maxCount: 100_000, ...options }));
    return events.filter(({ event }) => event?.type === type);
  };

  test('is totally ordered, the same in both directions', async () => {
    const forwards = await collect(client.readAll({ maxCount: 100_000 }));
    const backwards = await collect(
      client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 100_000 }),
    );
    const positions = forwards.map(({ event }) => event?.position.commit ?? -1n);
    expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(positions).size).toBe(positions.length);
    expect(backwards.map(({ event }) => event?.id)).toEqual(
      forwards.map(({ event }) => event?.id).toReversed(),
    );
  });
  test('starts with events of the system', async () => {
    const [first] = await collect(client.readAll({ maxCount: 1 }));
    expect(first?.event?.type.startsWith('$')).toBe(true);
  });
  test('is read from a position, inclusive forwards and exclusive backwards', async () => {
    const events = await readOurs();
    expect(numbers(events)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const fromPosition = events[5]?.event?.position ?? START;
    expect(numbers(await readOurs({ fromPosition }))).toEqual([5, 6, 7, 8]);
    expect(numbers(await readOurs({ fromPosition, direction: BACKWARDS }))).toEqual([
      4, 3, 2, 1, 0,
    ]);
  });
  test('gives the positions that the appends returned', async () => {
    const result = await client.appendToStream(unique('all'), counted(99, unique('Last')));
    const [last] = await collect(
      client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }),
    );
    expect(last?.event?.position).toEqual(result.position);
  });
});

test('links are resolved when asked for, and shown as links when their target is gone', async () => {
  const target = unique('target');
  const index = unique('index');
  await client.appendToStream(target, series(2));
  const link = (revision: number) => ({
    ...counted(0),
    type: '$>',
    contentType: 'application/octet-stream' as const,
    data: Buffer.from(`${revision}@${target}`),
  });
  await client.appendToStream(index, [link(1), link(0), link(7)] as never);
  const resolved = await collect(client.readStream(index, { resolveLinkTos: true }));
  expect(resolved.map(({ event, link: via }) => [event?.revision, via?.revision])).toEqual([
    [1n, 0n],
    [0n, 1n],
    [undefined, 2n],
  ]);
  const plain = await collect(client.readStream(index));
  expect(plain.map(({ event }) => event?.type)).toEqual(['$>', '$>', '$>']);
});

test('an append is not held up by a big read', async () => {
  const stream = unique('big');
  await client.appendToStream(stream, series(2_000));
  const reader = server.client();
  const reads = Array.from({ length: 4 }, () => collect(reader.readStream(stream)));
  await client.appendToStream(unique('small'), counted(1));
  const all = await Promise.all(reads);
  expect(all.map((events) => events.length)).toEqual([2_000, 2_000, 2_000, 2_000]);
});
