import {
  BACKWARDS,
  END,
  START,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
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
  // EventStoreDB makes these streams by projections; here they are on already.
  for (const name of ['$by_category', '$by_event_type', '$by_correlation_id', '$streams']) {
    await client.enableProjection(name);
  }
});
afterAll(() => server.close());

/** A category's name has no dash. */
const uniqueWord = (prefix: string): string => unique(prefix).replaceAll('-', '');

/** System projections may lag: reads until there are as many events as expected. */
const readSystem = (stream: string, count: number) =>
  eventually(async () => {
    const events = await collect(client.readStream(stream, { resolveLinkTos: true })).catch(
      () => [],
    );
    return events.length >= count && events;
  });

test('$ce-<category> links the events of every stream of a category, in order', async () => {
  const category = uniqueWord('order');
  const [one, two] = [unique(category), unique(category)];
  await client.appendToStream(one, series(2));
  await client.appendToStream(two, series(1, 'Counted', 2));
  await client.appendToStream(one, series(1, 'Counted', 3));
  const events = await readSystem(`$ce-${category}`, 4);
  expect(numbers(events as never)).toEqual([0, 1, 2, 3]);
  expect(events.map(({ event }) => event?.streamId)).toEqual([one, one, two, one]);
  expect(events.map(({ link }) => [link?.streamId, link?.revision])).toEqual(
    [0n, 1n, 2n, 3n].map((revision) => [`$ce-${category}`, revision]),
  );
  const plain = await collect(client.readStream(`$ce-${category}`, { maxCount: 1 }));
  expect(plain[0]?.event).toMatchObject({ type: '$>' });
  const causedBy = { $o: one, $causedBy: events[0]?.event?.id };
  expect(plain[0]?.event?.metadata).toMatchObject(causedBy);
  expect(events[0]?.link?.metadata).toMatchObject(causedBy);
  const newest = await collect(
    client.readStream(`$ce-${category}`, {
      direction: BACKWARDS,
      fromRevision: END,
      maxCount: 2,
      resolveLinkTos: true,
    }),
  );
  expect(numbers(newest as never)).toEqual([3, 2]);
});

test('$et-<type> links the events of a type', async () => {
  const type = unique('Kind');
  await client.appendToStream(unique('a'), [counted(0, type), counted(9), counted(1, type)]);
  await client.appendToStream(unique('b'), counted(2, type));
  expect(numbers((await readSystem(`$et-${type}`, 3)) as never)).toEqual([0, 1, 2]);
  await client.appendToStream(unique('b'), counted(3, type));
  expect(numbers((await readSystem(`$et-${type}`, 4)) as never)).toEqual([0, 1, 2, 3]);
});

test('$bc-<correlation id> links the events that share a correlation id', async () => {
  const $correlationId = unique('correlation');
  const correlated = (n: number) =>
    jsonEvent({ type: 'Correlated', data: { n }, metadata: { $correlationId } });
  await client.appendToStream(unique('a'), [correlated(0), counted(7)]);
  await client.appendToStream(unique('b'), correlated(1));
  expect(numbers((await readSystem(`$bc-${$correlationId}`, 2)) as never)).toEqual([0, 1]);
});

test('$streams links the first event of every stream', async () => {
  const stream = unique('listed');
  await client.appendToStream(stream, series(3));
  const found = await eventually(async () => {
    const links = await collect(
      client.readStream('$streams', {
        direction: BACKWARDS,
        fromRevision: END,
        maxCount: 20,
        resolveLinkTos: true,
      }),
    );
    return links.find(({ event }) => event?.streamId === stream);
  });
  expect(found.event?.revision).toBe(0n);
});

test('a system stream without events is not found', async () => {
  await expect(collect(client.readStream(`$ce-${uniqueWord('none')}`))).rejects.toMatchObject({
    type: 'stream-not-found',
  });
});

test('a system stream can be subscribed to, from the start and from the end', async () => {
  const category = uniqueWord('feed');
  await client.appendToStream(unique(category), series(2));
  const fromStart = client.subscribeToStream(`$ce-${category}`, {
    fromRevision: START,
    resolveLinkTos: true,
  });
  const all = take(fromStart, 5);
  const fromEnd = client.subscribeToStream(`$ce-${category}`, {
    fromRevision: END,
    resolveLinkTos: true,
  });
  const fresh = take(fromEnd, 3);
  await emitted(fromEnd, 'confirmation');
  await client.appendToStream(unique(category), series(2, 'Counted', 2));
  await client.appendToStream(unique(category), series(1, 'Counted', 4));
  expect(numbers((await all) as never)).toEqual([0, 1, 2, 3, 4]);
  expect(numbers((await fresh) as never)).toEqual([2, 3, 4]);
});

test('a persistent subscription to a category delivers its events', async () => {
  const category = uniqueWord('work');
  const stream = `$ce-${category}`;
  await client.appendToStream(unique(category), series(3));
  await client.createPersistentSubscriptionToStream(
    stream,
    'workers',
    persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, resolveLinkTos: true }),
  );
  const subscription = client.subscribeToPersistentSubscriptionToStream(stream, 'workers');
  const seen: unknown[] = [];
  for await (const event of subscription) {
    seen.push((event.event?.data as { n: number } | undefined)?.n);
    await subscription.ack(event);
    if (seen.length === 3) await client.appendToStream(unique(category), counted(3));
    if (seen.length === 4) break;
  }
  expect(seen).toEqual([0, 1, 2, 3]);
});
