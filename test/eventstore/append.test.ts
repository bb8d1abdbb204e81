import { randomUUID } from 'node:crypto';
import {
  ANY,
  BACKWARDS,
  END,
  NO_STREAM,
  STREAM_EXISTS,
  binaryEvent,
  jsonEvent,
  type AppendExpectedRevision,
  type EventStoreDBClient,
} from '@eventstore/db-client';
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

/** Credentials make the client use Append instead of BatchAppend. */
const single = { credentials: { username: 'admin', password: 'changeit' } };

describe.each([
  ['batch append', {}],
  ['single append', single],
])('%s', (_name, options) => {
  const append = (stream: string, count: number, expectedRevision: AppendExpectedRevision = ANY) =>
    client.appendToStream(stream, series(count), { expectedRevision, ...options });

  test('returns the last revision and position', async () => {
    const stream = unique('append');
    const first = await append(stream, 3, NO_STREAM);
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 2n });
    const second = await append(stream, 1, 2n);
    expect(second.nextExpectedRevision).toBe(3n);
    expect(second.position?.commit).toBeGreaterThan(first.position?.commit ?? 0n);
  });

  test.each<[string, AppendExpectedRevision, number]>([
    ['any without a stream', ANY, 0],
    ['any with a stream', ANY, 2],
    ['no_stream without a stream', NO_STREAM, 0],
    ['stream_exists with a stream', STREAM_EXISTS, 2],
    ['the exact revision', 1n, 2],
  ])('is accepted with %s', async (_case, expected, before) => {
    const stream = unique('accepted');
    if (before > 0) await append(stream, before);
    expect((await append(stream, 1, expected)).nextExpectedRevision).toBe(BigInt(before));
  });

  test.each<[string, AppendExpectedRevision, number, unknown]>([
    ['no_stream with a stream', NO_STREAM, 2, 1n],
    ['stream_exists without a stream', STREAM_EXISTS, 0, 'no_stream'],
    ['a revision without a stream', 0n, 0, 'no_stream'],
    ['a revision ahead of the stream', 7n, 2, 1n],
    ['a revision behind the stream', 0n, 3, 2n],
  ])(
    'is refused with %s, naming the current revision',
    async (_case, expected, before, current) => {
      const stream = unique('refused');
      if (before > 0) await append(stream, before);
      await expect(append(stream, 1, expected)).rejects.toMatchObject({
        type: 'wrong-expected-version',
        streamName: stream,
        expectedVersion: expected,
        actualVersion: current,
      });
      const stored = await collect(client.readStream(stream, { maxCount: 10 })).catch(() => []);
      expect(stored).toHaveLength(before);
    },
  );

  test('is stored once when repeated with the same revision and ids', async () => {
    const stream = unique('repeat');
    const events = series(3);
    const request = { expectedRevision: NO_STREAM, ...options } as const;
    const first = await client.appendToStream(stream, events, request);
    await append(stream, 2, 2n);
    const again = await client.appendToStream(stream, events, request);
    expect(again).toMatchObject({ success: true, nextExpectedRevision: 2n });
    expect(again.position).toEqual(first.position);
    expect(await collect(client.readStream(stream))).toHaveLength(5);
  });

  test('is stored once when repeated with any and the same ids', async () => {
    const stream = unique('repeat-any');
    const events = series(3);
    await client.appendToStream(stream, events, options);
    const again = await client.appendToStream(stream, events, options);
    expect(again.nextExpectedRevision).toBe(2n);
    expect(await collect(client.readStream(stream))).toHaveLength(3);
  });

  test('is refused when only a part of it is a repeat', async () => {
    const stream = unique('partial');
    const [one, two] = series(2);
    if (!one || !two) throw new Error('unreachable');
    await client.appendToStream(stream, one, options);
    await expect(client.appendToStream(stream, [one, two], options)).rejects.toMatchObject({
      type: 'wrong-expected-version',
    });
  });

  test('the same id in another stream is another event', async () => {
    const event = counted(1);
    for (const stream of [unique('same-id'), unique('same-id')]) {
      await client.appendToStream(stream, event, options);
      expect(await collect(client.readStream(stream))).toHaveLength(1);
    }
  });

  test('more than 1 MiB is refused with the limit', async () => {
    const stream = unique('too-large');
    const half = binaryEvent({ type: 'Large', data: Buffer.alloc(600_000) });
    const other = binaryEvent({ type: 'Large', data: Buffer.alloc(600_000) });
    await client.appendToStream(stream, half, options);
    await expect(client.appendToStream(stream, [half, other], options)).rejects.toMatchObject({
      type: 'maximum-append-size-exceeded',
      maxAppendSize: 1024 * 1024,
    });
    expect(await collect(client.readStream(stream))).toHaveLength(1);
  });

  test('a deleted stream refuses it', async () => {
    const stream = unique('tombstoned');
    await append(stream, 1);
    await client.tombstoneStream(stream);
    await expect(append(stream, 1)).rejects.toMatchObject({
      type: 'stream-deleted',
      streamName: stream,
    });
  });
});

test('data, metadata, type, id and names in any script come back as they were', async () => {
  const stream = unique('通知-Überraschung');
  const id = randomUUID();
  const binary = Buffer.from([0, 255, 1, 128]);
  await client.appendToStream(stream, [
    jsonEvent({
      id,
      type: 'Begrüßt',
      data: { text: 'नमस्ते 👋', nested: [1, { a: null }] },
      metadata: { $correlationId: 'ü' },
    }),
    binaryEvent({ type: 'Raw', data: binary, metadata: Buffer.from([9, 8]) }),
  ]);
  const [json, raw] = await collect(client.readStream(stream));
  expect(json?.event).toMatchObject({
    id,
    streamId: stream,
    type: 'Begrüßt',
    revision: 0n,
    isJson: true,
    data: { text: 'नमस्ते 👋', nested: [1, { a: null }] },
    metadata: { $correlationId: 'ü' },
  });
  expect(Math.abs(Date.now() - (json?.event?.created.getTime() ?? 0))).toBeLessThan(60_000);
  expect(Buffer.from(raw?.event?.data as Uint8Array)).toEqual(binary);
  expect(raw?.event?.isJson).toBe(false);
});

test('a batch that the client sends in several parts is one append', async () => {
  const stream = unique('parts');
  const result = await client.appendToStream(stream, series(2_000), {
    batchAppendSize: 10_000,
    expectedRevision: NO_STREAM,
  });
  expect(result.nextExpectedRevision).toBe(1_999n);
  const stored = await collect(
    client.readStream(stream, { direction: BACKWARDS, fromRevision: END }),
  );
  expect(stored).toHaveLength(2_000);
});

test('many clients appending to one stream lose and repeat nothing', async () => {
  const stream = unique('contended');
  const writers = [client, server.client(), server.client()];
  await Promise.all(
    Array.from({ length: 90 }, (_, n) =>
      (writers[n % 3] ?? client).appendToStream(stream, counted(n)),
    ),
  );
  const events = await collect(client.readStream(stream));
  expect(new Set(numbers(events)).size).toBe(90);
  expect(events.map(({ event }) => event?.revision)).toEqual(
    Array.from({ length: 90 }, (_, n) => BigInt(n)),
  );
});

test('of many writers that expect the same revision exactly one wins', async () => {
  const stream = unique('race');
  const results = await Promise.allSettled(
    series(20).map((event) =>
      client.appendToStream(stream, event, { expectedRevision: NO_STREAM }),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('an append whose deadline has passed is answered, not left hanging', async () => {
  await expect(
    client.appendToStream(unique('late'), counted(1), { deadline: -1_000 }),
  ).rejects.toMatchObject({ type: 'deadline-exceeded' });
});

test('$all can not be written', async () => {
  await expect(client.appendToStream('$all', counted(1))).rejects.toThrow();
});
