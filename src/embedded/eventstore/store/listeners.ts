/** Who is told of committed events. */
import { streamOf, type StoredEvent } from '../record.ts';

/** Is told of every transaction's events, in order, after they are durable. */
export type CommitListener = (events: readonly StoredEvent[]) => void;

export interface Listeners {
  /** Both return the function that ends it. */
  readonly listen: (listener: CommitListener) => () => void;
  readonly listenTo: (stream: string, listener: CommitListener) => () => void;
  publish(events: readonly StoredEvent[]): void;
}

export function createListeners(): Listeners {
  const ofAll = new Set<CommitListener>();
  const ofStreams = new Map<string, Set<CommitListener>>();

  const publishToStreams = (events: readonly StoredEvent[]): void => {
    const touched = new Map<string, StoredEvent[]>();
    for (const event of events) {
      const stream = streamOf(event.record);
      if (!ofStreams.has(stream)) continue;
      const list = touched.get(stream);
      if (list) list.push(event);
      else touched.set(stream, [event]);
    }
    for (const [stream, list] of touched) {
      for (const listener of [...(ofStreams.get(stream) ?? [])]) listener(list);
    }
  };

  return {
    listen(listener) {
      ofAll.add(listener);
      return () => ofAll.delete(listener);
    },
    listenTo(stream, listener) {
      const set = ofStreams.get(stream) ?? new Set();
      ofStreams.set(stream, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) ofStreams.delete(stream);
      };
    },
    publish(events) {
      if (events.length === 0) return;
      for (const listener of [...ofAll]) listener(events);
      if (ofStreams.size > 0) publishToStreams(events);
    },
  };
}
