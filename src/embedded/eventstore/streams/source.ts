/** What a read or a subscription follows: $all by position, or a stream by revision. */
import type { StoredEvent } from '../record.ts';
import type { Page } from '../store/reads.ts';
import type { Store } from '../store/store.ts';
import { isReadable } from '../store/streams.ts';
import { openSystemStream } from './system-streams.ts';

export interface EventSource {
  /** Position or revision of the last event, -1 when there is none. */
  readonly head: () => number;
  /** Events from a place on, inclusive. */
  readonly read: (from: number, count: number, backwards?: boolean) => Page;
  readonly placeOf: (event: StoredEvent) => number;
  /** Deleted for ever. */
  readonly deleted: () => boolean;
  /** Whether a read finds the stream. */
  readonly readable: () => boolean;
  /** To be awaited before a read: system streams are made on demand. */
  readonly refresh: () => Promise<void> | undefined;
  /** Whether a refresh would bring more. */
  readonly behind: () => boolean;
  /**
   * Calls back after each transaction with its events of this source; without events when only a
   * read can tell. Returns the end of it.
   */
  readonly follow: (listener: (events: readonly StoredEvent[]) => void) => () => void;
}

export const openSource = (store: Store, stream: string): EventSource =>
  stream === '$all'
    ? allSource(store)
    : (openSystemStream(store, stream) ?? streamSource(store, stream));

const AS_WRITTEN = { refresh: () => undefined, behind: () => false } as const;

const allSource = (store: Store): EventSource => ({
  ...AS_WRITTEN,
  head: store.appender.head,
  read: (from, count, backwards = false) => store.reads.all(from, count, backwards),
  placeOf: (event) => event.position,
  deleted: () => false,
  readable: () => true,
  follow: store.listen,
});

const streamSource = (store: Store, stream: string): EventSource => ({
  ...AS_WRITTEN,
  head: () => store.streams.get(stream).head,
  read: (from, count, backwards = false) =>
    store.reads.stream(store.streams.get(stream), from, count, backwards),
  placeOf: (event) => event.revision,
  deleted: () => store.streams.get(stream).tombstoned,
  readable: () => isReadable(store.streams.get(stream)),
  follow: (listener) => store.listenTo(stream, listener),
});
