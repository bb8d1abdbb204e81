/** What a subscription follows: $all by position, or a stream by revision. */
import type { StoredEvent } from '../record.ts';
import type { Page } from '../store/reads.ts';
import type { Store } from '../store/store.ts';

export interface EventSource {
  /** Position or revision of the last event, -1 when there is none. */
  head(): number;
  /** Events from a place on, inclusive. */
  read(from: number, count: number): Page;
  placeOf(event: StoredEvent): number;
  deleted(): boolean;
  /** Calls back with each transaction's events of this source. Returns the end of it. */
  follow(listener: (events: readonly StoredEvent[]) => void): () => void;
}

export function openSource(store: Store, stream: string): EventSource {
  return stream === '$all' ? allSource(store) : streamSource(store, stream);
}

const allSource = (store: Store): EventSource => ({
  head: () => store.appender.head(),
  read: (from, count) => store.reads.all(from, count, false),
  placeOf: (event) => event.position,
  deleted: () => false,
  follow: (listener) => store.listen(listener),
});

const streamSource = (store: Store, stream: string): EventSource => ({
  head: () => store.streams.get(stream).head,
  read: (from, count) => store.reads.stream(store.streams.get(stream), from, count, false),
  placeOf: (event) => event.revision,
  deleted: () => store.streams.get(stream).tombstoned,
  follow: (listener) => store.listenTo(stream, listener),
});
