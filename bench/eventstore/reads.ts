import {
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  START,
  persistentSubscriptionToAllSettingsFromDefaults,
} from '@eventstore/db-client';
import type { EventStoreProcess } from '../../tools/eventStoreProcess.ts';
import { type Cost, costOf } from './figures.ts';

/**
 * Resolves once so many events have come. The stream has to go on flowing until it has ended: the
 * client waits for the end of what was left unread when it is disposed of.
 */
const arrived = (
  stream: NodeJS.EventEmitter,
  count: number,
  onEvent: (event: AllStreamResolvedEvent) => void = () => undefined,
): Promise<number> =>
  new Promise((resolve, reject) => {
    let taken = 0;
    stream.on('error', reject).on('data', (event: AllStreamResolvedEvent) => {
      onEvent(event);
      taken += 1;
      if (taken === count) resolve(taken);
    });
  });

/** `$all` read from its start. */
export const readAll = (
  server: EventStoreProcess,
  client: EventStoreDBClient,
  count: number,
): Promise<Cost> => costOf(server, () => arrived(client.readAll({ maxCount: count }), count));

/** A catch-up subscription to `$all`, from its start. */
export const catchUp = async (
  server: EventStoreProcess,
  client: EventStoreDBClient,
  count: number,
): Promise<Cost> => {
  const subscription = client.subscribeToAll({ fromPosition: START });
  const cost = await costOf(server, () => arrived(subscription, count));
  await subscription.unsubscribe();
  return cost;
};

/** A persistent subscription to `$all`, whose consumer acknowledges so many events at a time. */
export const consume = async (
  server: EventStoreProcess,
  client: EventStoreDBClient,
  count: number,
  acknowledgedAtOnce: number,
): Promise<Cost> => {
  const group = `measured-${acknowledgedAtOnce}`;
  const settings = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START });
  await client.createPersistentSubscriptionToAll(group, settings);
  const subscription = client.subscribeToPersistentSubscriptionToAll(group, { bufferSize: 500 });
  let waiting: AllStreamResolvedEvent[] = [];
  const acknowledge = (event: AllStreamResolvedEvent): void => {
    waiting.push(event);
    if (waiting.length < acknowledgedAtOnce) return;
    void subscription.ack(...waiting);
    waiting = [];
  };
  const cost = await costOf(server, () => arrived(subscription, count, acknowledge));
  await subscription.unsubscribe();
  await client.deletePersistentSubscriptionToAll(group);
  return cost;
};
