/** The Streams service. */
import { readReadOptions } from '../read-requests.ts';
import type { Store } from '../store/store.ts';
import type { Route } from '../transport.ts';
import { appendRoute, batchAppendRoute } from './append.ts';
import { deleteRoute, tombstoneRoute } from './delete.ts';
import { serveRead } from './read.ts';
import { serveSubscription } from './subscribe.ts';

const readRoute =
  (store: Store): Route =>
  (call) => {
    let stop: (() => void) | undefined;
    return {
      message(bytes) {
        const options = readReadOptions(bytes);
        if (options.count === undefined) {
          stop = serveSubscription(store, call, options);
        } else {
          serveRead(store, call, options).catch((error: unknown) => call.fail(error));
        }
      },
      closed: () => stop?.(),
    };
  };

export const streamRoutes = (store: Store): readonly (readonly [string, Route])[] => [
  ['/event_store.client.streams.Streams/Read', readRoute(store)],
  ['/event_store.client.streams.Streams/Append', appendRoute(store)],
  ['/event_store.client.streams.Streams/BatchAppend', batchAppendRoute(store)],
  ['/event_store.client.streams.Streams/Delete', deleteRoute(store)],
  ['/event_store.client.streams.Streams/Tombstone', tombstoneRoute(store)],
];
