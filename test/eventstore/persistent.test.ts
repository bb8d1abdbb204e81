import {
  DISPATCH_TO_SINGLE,
  END,
  PINNED,
  ROUND_ROBIN,
  START,
  eventTypeFilter,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  type EventStoreDBClient,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToAllSettings,
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

interface Fixture {
  readonly group: string;
  readonly type: string;
  readonly append: (count: number, first?: number) => Promise<unknown>;
  readonly subscribe: (bufferSize?: number, by?: EventStoreDBClient) => PersistentSubscriptionToAll;
}

/** A group on $all that sees only this test's events. */
async function openFixture(
  settings: Partial<PersistentSubscriptionToAllSettings> = {},
): Promise<Fixture> {
  const type = unique('Ps');
  const group = unique('group');
  await client.createPersistentSubscriptionToAll(
    group,
    persistentSubscriptionToAllSettingsFromDefaults({
      startFrom: START,
      checkPointAfter: 50,
      checkPointLowerBound: 1,
      ...settings,
    }),
    { filter: eventTypeFilter({ prefixes: [type] }) },
  );
  return {
    group,
    type,
    append: (count, first = 0) => client.appendToStream(unique('ps'), series(count, type, first)),
    subscribe: (bufferSize = 10, by = client) =>
      by.subscribeToPersistentSubscriptionToAll(group, { bufferSize }),
  };
}

type Delivered = readonly [n: unknown, retries: number];

/** Handles deliveries until `count` of them were handled, then leaves. */
async function consume(
  subscription: PersistentSubscriptionToAll,
  count: number,
  handle: (
    event: Parameters<PersistentSubscriptionToAll['ack']>[0],
    n: number,
    retries: number,
  ) => Promise<void>,
): Promise<Delivered[]> {
  const delivered: Delivered[] = [];
  for await (const event of subscription) {
    const n = numbers([event])[0] as number;
    delivered.push([n, event.retryCount]);
    await handle(event, n, event.retryCount);
    if (delivered.length === count) break;
  }
  return delivered;
}

const infoOf = (group: string) => client.getPersistentSubscriptionToAllInfo(group);

describe('deliveries', () => {
  test('come in order and stop when acknowledged', async () => {
    const { append, subscribe, group } = await openFixture();
    await append(20);
    const subscription = subscribe();
    const delivered = await consume(subscription, 20, (event) => subscription.ack(event));
    expect(delivered).toEqual(Array.from({ length: 20 }, (_, n) => [n, 0]));
    await eventually(async () => (await infoOf(group)).stats.totalInFlightMessages === 0);
  });
  test('go on live', async () => {
    const { append, subscribe } = await openFixture({ startFrom: END });
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
    const { append, subscribe } = await openFixture({ startFrom: END });
    await append(2);
    const subscription = subscribe();
    expect(await consume(subscription, 2, (event) => subscription.ack(event))).toHaveLength(2);
  });
  test('are never more than the buffer size without an acknowledgement', async () => {
    const { append, subscribe, group } = await openFixture();
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
    const { append, subscribe } = await openFixture();
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
    const { append, subscribe } = await openFixture({ messageTimeout: 100 });
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
    const { append, subscribe } = await openFixture();
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
    const { append, subscribe, group } = await openFixture();
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
    const { append, subscribe, group } = await openFixture();
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
    const { append, subscribe, group } = await openFixture({
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
    const { append, subscribe, group } = await openFixture();
    await append(2);
    const subscription = subscribe();
    await consume(subscription, 2, (event) => subscription.nack('skip', 'no', event));
    await eventually(async () => (await infoOf(group)).stats.outstandingMessagesCount === 0);
    expect(await parkedCount(group)).toBe(0n);
  });
});

const parkedCount = async (group: string): Promise<bigint> =>
  (await infoOf(group)).stats.parkedMessageCount;

describe('several consumers', () => {
  const spread = async (
    strategy: typeof ROUND_ROBIN | typeof DISPATCH_TO_SINGLE | typeof PINNED,
    streams: number,
  ) => {
    const { subscribe, type, group } = await openFixture({ consumerStrategyName: strategy });
    const subscriptions = [0, 1, 2].map(() => subscribe(50, server.client()));
    const streamsSeen = subscriptions.map(() => new Set<string>());
    const counts = subscriptions.map(() => 0);
    for (const [index, subscription] of subscriptions.entries()) {
      subscription.on('data', (event) => {
        counts[index] = (counts[index] ?? 0) + 1;
        streamsSeen[index]?.add(event.event?.streamId ?? '');
        void subscription.ack(event);
      });
    }
    await eventually(async () => (await infoOf(group)).connections.length === 3);
    const names = Array.from({ length: streams }, () => unique('spread'));
    for (let n = 0; n < 60; n += 1) {
      await client.appendToStream(names[n % streams] ?? '', counted(n, type));
    }
    await eventually(() => counts.reduce((sum, count) => sum + count, 0) === 60);
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
    return { counts, streamsSeen };
  };

  test('take turns with RoundRobin', async () => {
    const { counts } = await spread(ROUND_ROBIN, 1);
    expect(counts).toEqual([20, 20, 20]);
  });
  test('leave all to one with DispatchToSingle', async () => {
    const { counts } = await spread(DISPATCH_TO_SINGLE, 1);
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 60]);
  });
  test('keep each stream to themselves with Pinned', async () => {
    const { streamsSeen } = await spread(PINNED, 12);
    const seen = streamsSeen.flatMap((streams) => [...streams]);
    expect(seen).toHaveLength(12);
    expect(new Set(seen).size).toBe(12);
  });
});

describe('a group', () => {
  test('on a stream starts at the revision asked for', async () => {
    const stream = unique('target');
    const group = unique('group');
    await client.appendToStream(stream, series(5));
    await client.createPersistentSubscriptionToStream(
      stream,
      group,
      persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: 2n }),
    );
    const subscription = client.subscribeToPersistentSubscriptionToStream(stream, group);
    const seen: unknown[] = [];
    for await (const event of subscription) {
      seen.push(numbers([event as never])[0]);
      await subscription.ack(event);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([2, 3, 4]);
    const info = await client.getPersistentSubscriptionToStreamInfo(stream, group);
    expect(info.settings.startFrom).toBe(2n);
    expect(info.stats.lastKnownEventRevision).toBe(4n);
  });
  test('can not be created twice, and is unknown after it was deleted', async () => {
    const { group } = await openFixture();
    const settings = persistentSubscriptionToAllSettingsFromDefaults();
    await expect(client.createPersistentSubscriptionToAll(group, settings)).rejects.toMatchObject({
      type: 'persistent-subscription-exists',
    });
    await client.deletePersistentSubscriptionToAll(group);
    const missing = { type: 'persistent-subscription-does-not-exist', groupName: group };
    await expect(client.deletePersistentSubscriptionToAll(group)).rejects.toMatchObject(missing);
    await expect(infoOf(group)).rejects.toMatchObject(missing);
    await expect(client.updatePersistentSubscriptionToAll(group, settings)).rejects.toMatchObject(
      missing,
    );
    await expect(
      collect(client.subscribeToPersistentSubscriptionToAll(group)),
    ).rejects.toMatchObject(missing);
  });
  test('is listed with its stream; a stream without groups has no list', async () => {
    const stream = unique('ストリーム-ü');
    await expect(client.listPersistentSubscriptionsToStream(stream)).rejects.toMatchObject({
      type: 'persistent-subscription-does-not-exist',
    });
    const groups = [unique('group'), unique('ヽ༼ຈل͜ຈ༽ﾉ')];
    for (const group of groups) {
      const settings = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
      await client.createPersistentSubscriptionToStream(stream, group, settings);
    }
    const listed = await client.listPersistentSubscriptionsToStream(stream);
    expect(listed.map(({ groupName }) => groupName).sort()).toEqual(groups.sort());
  });
  test('measures how long its consumers take, when asked to', async () => {
    const { append, subscribe, group } = await openFixture({ extraStatistics: true });
    await append(5);
    const subscription = subscribe();
    subscription.on('data', (event) => void subscription.ack(event));
    const connection = await eventually(async () => {
      const [first] = (await infoOf(group)).connections;
      return first?.extraStatistics?.has('quintile 3') && first;
    });
    expect(connection).toMatchObject({ totalItems: 5n, connectionName: client.connectionName });
    await subscription.unsubscribe();
  });
  test('drops its consumers when it is deleted', async () => {
    const { group, subscribe } = await openFixture();
    const subscription = subscribe();
    const ended = expect(collect(subscription)).rejects.toMatchObject({
      type: 'persistent-subscription-dropped',
    });
    await emitted(subscription, 'confirmation');
    await client.deletePersistentSubscriptionToAll(group);
    await ended;
  });
  test('takes no more consumers than it may have', async () => {
    const { subscribe } = await openFixture({ maxSubscriberCount: 1 });
    const first = subscribe();
    first.resume();
    await emitted(first, 'confirmation');
    await expect(collect(subscribe())).rejects.toMatchObject({
      type: 'maximum-subscribers-reached',
    });
    await first.unsubscribe();
  });
  test('shows its settings, and new ones after an update', async () => {
    const { group } = await openFixture({ maxRetryCount: 7 });
    expect(await infoOf(group)).toMatchObject({
      eventSource: '$all',
      groupName: group,
      settings: { maxRetryCount: 7, startFrom: START, consumerStrategyName: ROUND_ROBIN },
    });
    await client.updatePersistentSubscriptionToAll(
      group,
      persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START, maxRetryCount: 3 }),
    );
    expect((await infoOf(group)).settings.maxRetryCount).toBe(3);
    const listed = await client.listPersistentSubscriptionsToAll();
    expect(listed.map(({ groupName }) => groupName)).toContain(group);
  });
  test('goes on from its checkpoint after an update and after a restart of the subsystem', async () => {
    const { group, append, subscribe } = await openFixture();
    await append(6);
    const acked: unknown[] = [];
    for (const [index, interrupt] of [
      () =>
        client.updatePersistentSubscriptionToAll(
          group,
          persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START }),
        ),
      () => client.restartPersistentSubscriptionSubsystem(),
      () => Promise.resolve(),
    ].entries()) {
      const subscription = subscribe(2, server.client());
      subscription.on('error', () => undefined);
      const delivered = await consume(subscription, 2, (event) => subscription.ack(event));
      acked.push(...delivered.map(([n]) => n));
      await eventually(
        async () => (await infoOf(group)).stats.outstandingMessagesCount <= 4 - index * 2,
      );
      await interrupt();
    }
    expect(acked).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
