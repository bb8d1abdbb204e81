import { END, type EventStoreDBClient } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consume, openFixture } from './persistent-support.ts';
import { collect, emitted, eventually, numbers, openServer, type TestServer } from './support.ts';

let server: TestServer;
let client: EventStoreDBClient;

beforeAll(async () => {
  server = await openServer();
  client = server.client();
});
afterAll(() => server.close());

const infoOf = (group: string) => client.getPersistentSubscriptionToAllInfo(group);

describe('deliveries', () => {
  test('come in order and stop when acknowledged', async () => {
    const { append, subscribe, group } = await openFixture(client);
    await append(20);
    const subscription = subscribe();
    const delivered = await consume(subscription, 20, (event) => subscription.ack(event));
    expect(delivered).toEqual(Array.from({ length: 20 }, (_, n) => [n, 0]));
    await eventually(async () => (await infoOf(group)).stats.totalInFlightMessages === 0);
  });
  test('go on live', async () => {
    const { append, subscribe } = await openFixture(client, { startFrom: END });
    const subscription = subscribe();
    const delivered = consume(subscription, 3, (event) => subscription.ack(event));
    await emitted(subscription, 'confirmation');
    await append(3);
    expect(await delivered).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
  });
  test('from the end begin where the group was created', async () => {
    const { append, subscribe } = await openFixture(client, { startFrom: END });
    await append(2);
    const subscription = subscribe();
    expect(await consume(subscription, 2, (event) => subscription.ack(event))).toHaveLength(2);
  });
  test('are never more than the buffer size without an acknowledgement', async () => {
    const { append, subscribe, group } = await openFixture(client);
    await append(30);
    const subscription = subscribe(4);
    let received = 0;
    subscription.on('data', () => {
      received += 1;
    });
    await eventually(async () => (await infoOf(group)).stats.totalInFlightMessages === 4);
    expect(received).toBeLessThanOrEqual(4);
    await subscription.unsubscribe();
  });
  test('come again with a higher retry count after a nack with retry', async () => {
    const { append, subscribe } = await openFixture(client);
    await append(2);
    const subscription = subscribe(1);
    const delivered = await consume(subscription, 4, (event, n, retries) =>
      n === 0 && retries < 2 ? subscription.nack('retry', 'again', event) : subscription.ack(event),
    );
    expect(delivered).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
    ]);
  });
  test('come again when they are not acknowledged in time', async () => {
    const { append, subscribe } = await openFixture(client, { messageTimeout: 100 });
    await append(1);
    const subscription = subscribe();
    const delivered = await consume(subscription, 2, (event, _n, retries) =>
      retries === 0 ? Promise.resolve() : subscription.ack(event),
    );
    expect(delivered).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });
  test('go to another consumer when a connection ends', async () => {
    const { append, subscribe } = await openFixture(client);
    await append(3);
    const other = server.client();
    const first = subscribe(10, other);
    await consume(first, 3, () => Promise.resolve());
    await other.dispose();
    const second = subscribe();
    const delivered = await consume(second, 3, (event) => second.ack(event));
    expect(delivered.map(([n]) => n)).toEqual([0, 1, 2]);
  });
  test('are acknowledged many at a time', async () => {
    const { append, subscribe, group } = await openFixture(client);
    await append(100);
    const subscription = subscribe(100);
    const events: Parameters<typeof subscription.ack>[0][] = [];
    await consume(subscription, 100, async (event) => {
      events.push(event);
      if (events.length === 100) await subscription.ack(...events);
    });
    await eventually(async () => (await infoOf(group)).stats.outstandingMessagesCount === 0);
    expect((await infoOf(group)).stats.totalItems).toBe(100n);
  });
});

describe('parking', () => {
  const parkedStream = (group: string) => `$persistentsubscription-$all::${group}-parked`;

  test('keeps the event with the reason, and a replay delivers it again', async () => {
    const { append, subscribe, group } = await openFixture(client);
    await append(3);
    const subscription = subscribe();
    const delivered = await consume(subscription, 4, async (event, n) => {
      if (n === 1 && (await parkedCount(group)) === 0n) {
        await subscription.nack('park', 'unreadable', event);
        await eventually(async () => (await parkedCount(group)) === 1n);
        const parked = await collect(
          client.readStream(parkedStream(group), { resolveLinkTos: true }),
        );
        expect(numbers(parked as never)).toEqual([1]);
        expect(parked[0]?.link?.metadata).toMatchObject({ reason: 'unreadable' });
        await client.replayParkedMessagesToAll(group);
      } else {
        await subscription.ack(event);
      }
    });
    expect(delivered.map(([n]) => n).sort()).toEqual([0, 1, 1, 2]);
    await eventually(async () => (await parkedCount(group)) === 0n);
  });
  test('happens after the last retry', async () => {
    const { append, subscribe, group } = await openFixture(client, {
      messageTimeout: 60,
      maxRetryCount: 2,
    });
    await append(1);
    const subscription = subscribe();
    const delivered = await consume(subscription, 3, () => Promise.resolve());
    expect(delivered.map(([, retries]) => retries)).toEqual([0, 1, 2]);
    const again = subscribe();
    again.resume();
    await eventually(async () => (await parkedCount(group)) === 1n);
    await again.unsubscribe();
  });
  test('is not what skip does', async () => {
    const { append, subscribe, group } = await openFixture(client);
    await append(2);
    const subscription = subscribe();
    await consume(subscription, 2, (event) => subscription.nack('skip', 'no', event));
    await eventually(async () => (await infoOf(group)).stats.outstandingMessagesCount === 0);
    expect(await parkedCount(group)).toBe(0n);
  });
});

const parkedCount = async (group: string): Promise<bigint> =>
  (await infoOf(group)).stats.parkedMessageCount;
