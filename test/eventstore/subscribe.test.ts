import {
  END,
  START,
  eventTypeFilter,
  excludeSystemEvents,
  streamNameFilter,
  type EventStoreDBClient,
  type Position,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  collect,
  counted,
  emitted,
  eventually,
  numbers,
  openServer,
  series,
  take,
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

describe('a subscription to a stream', () => {
  test('gives what is there, then what comes', async () => {
    const stream = unique('live');
    await client.appendToStream(stream, series(3));
    const subscription = client.subscribeToStream(stream);
    const received = take(subscription, 6);
    await emitted(subscription, 'caughtUp');
    await client.appendToStream(stream, series(3, 'Counted', 3));
    expect(numbers(await received)).toEqual([0, 1, 2, 3, 4, 5]);
  });
  test('starts behind the revision that it is given', async () => {
    const stream = unique('behind');
    await client.appendToStream(stream, series(5));
    const subscription = client.subscribeToStream(stream, { fromRevision: 2n });
    expect(numbers(await take(subscription, 2))).toEqual([3, 4]);
  });
  test('from the end gives only what comes', async () => {
    const stream = unique('end');
    await client.appendToStream(stream, series(5));
    const subscription = client.subscribeToStream(stream, { fromRevision: END });
    const received = take(subscription, 1);
    await emitted(subscription, 'confirmation');
    await client.appendToStream(stream, counted(5));
    expect(numbers(await received)).toEqual([5]);
  });
  test('may be made before the stream exists', async () => {
    const stream = unique('future');
    const subscription = client.subscribeToStream(stream);
    const received = take(subscription, 1);
    await emitted(subscription, 'confirmation');
    await client.appendToStream(stream, counted(1));
    expect(numbers(await received)).toEqual([1]);
  });
  test('ends with an error when the stream is deleted for ever', async () => {
    const stream = unique('deleted');
    await client.appendToStream(stream, counted(0));
    const subscription = client.subscribeToStream(stream);
    const ended = expect(collect(subscription)).rejects.toMatchObject({ type: 'stream-deleted' });
    await emitted(subscription, 'caughtUp');
    await client.tombstoneStream(stream);
    await ended;
  });
});

describe('a subscription to $all', () => {
  test('gives every event once and in order, across the change from old to new', async () => {
    const type = unique('Flow');
    const total = 1_500;
    const writing = (async () => {
      for (let n = 0; n < total; n += 100) {
        await client.appendToStream(unique('flow'), series(100, type, n));
      }
    })();
    const subscription = server
      .client()
      .subscribeToAll({ filter: eventTypeFilter({ prefixes: [type] }) });
    const received = await take(subscription, total);
    await writing;
    expect(numbers(received)).toEqual(Array.from({ length: total }, (_, n) => n));
  });
  test('resumes behind the position of the last event', async () => {
    const type = unique('Resume');
    const filter = eventTypeFilter({ prefixes: [type] });
    await client.appendToStream(unique('resume'), series(6, type));
    const first = await take(client.subscribeToAll({ filter }), 3);
    const fromPosition = first.at(-1)?.event?.position ?? START;
    const rest = await take(client.subscribeToAll({ filter, fromPosition }), 3);
    expect(numbers([...first, ...rest])).toEqual([0, 1, 2, 3, 4, 5]);
  });
  test('filters by stream name, prefix and regular expression', async () => {
    const stream = unique('named');
    await client.appendToStream(stream, series(2));
    for (const filter of [
      streamNameFilter({ prefixes: ['nothing-', stream] }),
      streamNameFilter({ regex: `^${stream}$` }),
    ]) {
      expect(numbers(await take(client.subscribeToAll({ filter }), 2))).toEqual([0, 1]);
    }
  });
  test('reports checkpoints while nothing matches, and they can be resumed from', async () => {
    const type = unique('Rare');
    const checkpoints: Position[] = [];
    await client.appendToStream(unique('noise'), series(200, unique('Noise')));
    const subscription = client.subscribeToAll({
      filter: eventTypeFilter({
        prefixes: [type],
        maxSearchWindow: 10,
        checkpointInterval: 2,
        checkpointReached: (_subscription, position) => {
          checkpoints.push(position);
        },
      }),
    });
    const received = take(subscription, 1);
    await eventually(() => checkpoints.length >= 5);
    await client.appendToStream(unique('rare'), counted(7, type));
    expect(numbers(await received)).toEqual([7]);
    const fromPosition = checkpoints.at(-1) ?? START;
    const resumed = client.subscribeToAll({
      fromPosition,
      filter: eventTypeFilter({ prefixes: [type] }),
    });
    expect(numbers(await take(resumed, 1))).toEqual([7]);
  });
  test('with an invalid regular expression is refused', async () => {
    const filter = eventTypeFilter({ regex: '(' });
    await expect(collect(client.subscribeToAll({ filter }))).rejects.toThrow(/regular expression/);
  });
  test('leaves out system events when asked to', async () => {
    await client.appendToStream(unique('user'), counted(1));
    const [first] = await take(client.subscribeToAll({ filter: excludeSystemEvents() }), 1);
    expect(first?.event?.type.startsWith('$')).toBe(false);
  });
  test('says once that it caught up', async () => {
    let caughtUp = 0;
    const subscription = client.subscribeToAll();
    subscription.on('caughtUp', () => {
      caughtUp += 1;
    });
    subscription.resume();
    await eventually(() => caughtUp > 0);
    const type = unique('After');
    const seen = take(client.subscribeToAll({ filter: eventTypeFilter({ prefixes: [type] }) }), 1);
    await client.appendToStream(unique('after'), counted(1, type));
    await seen;
    expect(caughtUp).toBe(1);
    await subscription.unsubscribe();
  });
});

test('a slow subscriber gets everything, is told so, and writers do not wait for it', async () => {
  const type = unique('Slow');
  const slow = server
    .client()
    .subscribeToAll({ filter: eventTypeFilter({ prefixes: [type] }) }, { highWaterMark: 1 });
  const told: string[] = [];
  for (const notice of ['caughtUp', 'fellBehind'] as const) {
    slow.on(notice, () => told.push(notice));
  }
  const iterator = slow[Symbol.asyncIterator]();
  const first = iterator.next();
  await eventually(() => told.length > 0);
  const padding = 'x'.repeat(2_000);
  const total = 1_500;
  for (let n = 0; n < total; n += 100) {
    const events = series(100, type, n).map((event) => ({
      ...event,
      metadata: { padding },
    }));
    await client.appendToStream(unique('slow'), events);
  }
  const received = [(await first).value as { event?: { data: { n: number } } }];
  while (received.length < total) {
    received.push((await iterator.next()).value as { event?: { data: { n: number } } });
  }
  expect(told.slice(0, 2)).toEqual(['caughtUp', 'fellBehind']);
  const after = iterator.next();
  await eventually(() => told.at(-1) === 'caughtUp');
  await client.appendToStream(unique('slow'), counted(total, type));
  await after;
  await iterator.return?.();
  expect(received.map(({ event }) => event?.data.n)).toEqual(
    Array.from({ length: total }, (_, n) => n),
  );
});
