/** Groups on $all that see only their own test's events. */
import {
  START,
  eventTypeFilter,
  persistentSubscriptionToAllSettingsFromDefaults,
  type EventStoreDBClient,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToAllSettings,
} from '@eventstore/db-client';
import { numbers, series, unique } from './support.ts';

export interface Fixture {
  readonly group: string;
  readonly type: string;
  readonly append: (count: number, first?: number) => Promise<unknown>;
  readonly subscribe: (bufferSize?: number, by?: EventStoreDBClient) => PersistentSubscriptionToAll;
}

export async function openFixture(
  client: EventStoreDBClient,
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
export async function consume(
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
