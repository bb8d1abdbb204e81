import {
  type EventStoreDBClient,
  START,
  eventTypeFilter,
  persistentSubscriptionToAllSettingsFromDefaults,
} from '@eventstore/db-client';
import { chance } from '../../src/sandbox/chance.ts';
import { CHAOS_TYPE, type Ledger } from './ledger.ts';

const GROUP = 'chaos';
/** Of the events that come for the first time; no checkpoint may pass them until they come again. */
const LEFT_ALONE = 0.02;

/** The consumer of a persistent subscription that leaves some events unacknowledged. */
export interface Consumer {
  create(client: EventStoreDBClient): Promise<void>;
  /** Consumes until the connection ends. */
  consume(client: EventStoreDBClient): void;
  /** Tells the ledger when the stored checkpoint is beyond an event that wasn't acknowledged. */
  checkCheckpoint(client: EventStoreDBClient): Promise<void>;
  readonly delivered: () => number;
}

export const openConsumer = (seed: number, ledger: Ledger): Consumer => {
  const seen = new Set<string>();
  const acknowledged = new Set<string>();
  let checked = 0;

  return {
    async create(client) {
      const settings = persistentSubscriptionToAllSettingsFromDefaults({
        startFrom: START,
        checkPointAfter: 10,
        checkPointLowerBound: 1,
        checkPointUpperBound: 20,
      });
      const filter = eventTypeFilter({ prefixes: [CHAOS_TYPE] });
      await client.createPersistentSubscriptionToAll(GROUP, settings, { filter });
    },
    consume(client) {
      const subscription = client.subscribeToPersistentSubscriptionToAll(GROUP, {
        bufferSize: 500,
      });
      // Its end is the server's death, which is what the run is about.
      subscription.on('error', () => undefined);
      subscription.on('data', (resolved) => {
        const id = resolved.event?.id ?? '';
        const leave = !seen.has(id) && chance(seed, id) < LEFT_ALONE;
        seen.add(id);
        if (leave) return;
        acknowledged.add(id);
        void subscription.ack(resolved);
      });
    },
    async checkCheckpoint(client) {
      const { stats } = await client.getPersistentSubscriptionToAllInfo(GROUP);
      const checkpoint = stats.lastCheckpointedEventPosition?.commit ?? 0n;
      for (; checked < ledger.log.length; checked += 1) {
        const place = ledger.log[checked];
        if (place === undefined || place.position > checkpoint) return;
        if (!acknowledged.has(place.id)) {
          ledger.problem(
            `the checkpoint ${checkpoint} is beyond ${place.position}, unacknowledged`,
          );
        }
      }
    },
    delivered: () => seen.size,
  };
};
