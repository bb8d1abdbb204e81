/**
 * Parked events: links in the stream `$persistentsubscription-<stream>::<group>-parked`, with the
 * reason as metadata. A replay hides them only once every one of them was handled.
 */
import type { StoredEvent } from '../record.ts';
import { Expect } from '../requests.ts';
import { streamOf } from '../record.ts';
import { encodeMetadata } from '../store/limits.ts';
import { propose, proposeJson } from '../store/internal-events.ts';
import { firstVisible } from '../store/streams.ts';
import type { Store } from '../store/store.ts';
import { resolve } from '../streams/links.ts';
import { LINK_TYPE } from '../streams/system-streams.ts';
import type { Delivery } from './consumer.ts';

interface ParkedEvent {
  readonly event: StoredEvent;
  /** To be called when the event was handled. */
  readonly done: () => void;
}

export interface Parking {
  /** `settled` is called once the event is durably parked, or couldn't be. */
  park(delivery: Delivery, reason: string, settled: (error?: Error) => void): void;
  /** The targets of the parked events that aren't being replayed yet. */
  replay(limit: number | undefined): readonly ParkedEvent[];
  count(): number;
}

/** Name of the stream that holds a group's parked events. */
export const parkedStream = (stream: string, group: string): string =>
  `$persistentsubscription-${stream}::${group}-parked`;

export function openParking(store: Store, stream: string, group: string): Parking {
  const name = parkedStream(stream, group);
  let replayedUpTo = -1;

  const truncate = (before: number): void => {
    // Should this fail, the events are replayed once more: at least once is the promise.
    store.commits
      .transact(() =>
        store.appender.append({ stream: `$$${name}`, expected: Expect.any }, [
          proposeJson('$metadata', encodeMetadata({ $tb: before })),
        ]),
      )
      .catch(() => undefined);
  };

  return {
    park(delivery, reason, settled) {
      const event = delivery.resolved.event ?? delivery.resolved.link;
      if (event === undefined) {
        settled();
        return;
      }
      const link = `${event.revision}@${streamOf(event.record)}`;
      const metadata = JSON.stringify({ added: new Date().toISOString(), reason });
      const parked = propose(LINK_TYPE, 'application/octet-stream', link, metadata);
      store.commits.enqueue({
        weight: 1,
        apply: () => {
          store.appender.append({ stream: name, expected: Expect.any }, [parked]);
        },
        committed: () => settled(),
        failed: settled,
      });
    },
    replay(limit) {
      const state = store.streams.get(name);
      const from = Math.max(firstVisible(state), replayedUpTo + 1);
      const upTo = limit === undefined ? state.head : Math.min(state.head, from + limit - 1);
      replayedUpTo = Math.max(replayedUpTo, upTo);
      let left = 0;
      const done = (): void => {
        left -= 1;
        if (left === 0) truncate(upTo + 1);
      };
      const events: ParkedEvent[] = [];
      for (let revision = from; revision <= upTo; revision += 1) {
        const link = store.reads.event(state, revision);
        const event = link && resolve(store, link, true).event;
        if (event) events.push({ event, done });
      }
      left = events.length;
      if (left === 0 && upTo >= from) truncate(upTo + 1);
      return events;
    },
    count() {
      const state = store.streams.get(name);
      return Math.max(0, state.head - firstVisible(state) + 1);
    },
  };
}
