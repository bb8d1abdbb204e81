import {
  DISPATCH_TO_SINGLE,
  PINNED,
  ROUND_ROBIN,
  START,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consume, openFixture } from './persistent-support.ts';
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

const infoOf = (group: string) => client.getPersistentSubscriptionToAllInfo(group);

describe('several consumers', () => {
  const spread = async (
    strategy: typeof ROUND_ROBIN | typeof DISPATCH_TO_SINGLE | typeof PINNED,
    streams: number,
  ) => {
    const { subscribe, type, group } = await openFixture(client, {
      consumerStrategyName: strategy,
    });
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
    const { group } = await openFixture(client);
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
    const { append, subscribe, group } = await openFixture(client, { extraStatistics: true });
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
    const { group, subscribe } = await openFixture(client);
    const subscription = subscribe();
    const ended = expect(collect(subscription)).rejects.toMatchObject({
      type: 'persistent-subscription-dropped',
    });
    await emitted(subscription, 'confirmation');
    await client.deletePersistentSubscriptionToAll(group);
    await ended;
  });
  test('takes no more consumers than it may have', async () => {
    const { subscribe } = await openFixture(client, { maxSubscriberCount: 1 });
    const first = subscribe();
    first.resume();
    await emitted(first, 'confirmation');
    await expect(collect(subscribe())).rejects.toMatchObject({
      type: 'maximum-subscribers-reached',
    });
    await first.unsubscribe();
  });
  test('shows its settings, and new ones after an update', async () => {
    const { group } = await openFixture(client, { maxRetryCount: 7 });
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
    // The restart ends everybody's connections, so nobody else may be on this server.
    const own = await openServer('embedded');
    const admin = own.client();
    const { group, append, subscribe } = await openFixture(admin);
    await append(6);
    const acked: unknown[] = [];
    for (const [index, interrupt] of [
      () =>
        admin.updatePersistentSubscriptionToAll(
          group,
          persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START }),
        ),
      () => admin.restartPersistentSubscriptionSubsystem(),
      () => Promise.resolve(),
    ].entries()) {
      const subscription = subscribe(2, own.client());
      subscription.on('error', () => undefined);
      const delivered = await consume(subscription, 2, (event) => subscription.ack(event));
      acked.push(...delivered.map(([n]) => n));
      await eventually(async () => {
        const { stats } = await admin.getPersistentSubscriptionToAllInfo(group);
        return stats.outstandingMessagesCount <= 4 - index * 2;
      });
      await interrupt();
    }
    expect(acked).toEqual([0, 1, 2, 3, 4, 5]);
    await own.close();
  });
});
