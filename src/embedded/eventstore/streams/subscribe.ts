/**
 * Catch-up subscriptions. A subscription reads the log page by page until it is level with the
 * head, then is handed each transaction's events from memory. When the client is slower than the
 * writers, its call stops taking events, and it reads from the log again once it drains; more than
 * a page behind, it is told that it fell behind, and later that it caught up again.
 */
import { randomUUID } from 'node:crypto';
import { streamDeleted } from '../errors.ts';
import { putCaughtUp, putCheckpoint, putConfirmation, putEvent, putFellBehind } from '../frames.ts';
import type { StoredEvent } from '../record.ts';
import type { ReadOptions } from '../read-requests.ts';
import type { Store } from '../store/store.ts';
import type { Call } from '../transport.ts';
import { createWriter, END, type Writer } from '../wire.ts';
import { compileFilter } from './filter.ts';
import { resolve } from './links.ts';
import { PAGE_EVENTS } from './read.ts';
import { openSource, type EventSource } from './source.ts';

/** Serves a subscription until the client or the server ends the call. */
export function serveSubscription(store: Store, call: Call, options: ReadOptions): () => void {
  const { stream } = options;
  const ofAll = stream === '$all';
  const source = openSource(store, stream);
  if (source.deleted()) throw streamDeleted(stream);
  const filter = ofAll ? compileFilter(options.filter) : undefined;
  const checkpointEvery = options.filter?.checkpointEvery ?? END;
  const framing = { withPosition: ofAll, structuredIds: options.structuredIds };

  let next = 0;
  let examined = 0;
  let pumping = false;
  let caughtUp = false;
  let ended = false;

  const put = (writer: Writer, events: readonly StoredEvent[]): void => {
    for (const event of events) {
      if (!filter || filter(event)) {
        putEvent(writer, resolve(store, event, options.resolveLinks), framing);
      }
      examined += 1;
      if (filter && examined % checkpointEvery === 0) putCheckpoint(writer, event.position);
    }
  };

  const open = async (): Promise<void> => {
    await source.refresh();
    next = firstOf(source, options);
    const writer = createWriter();
    putConfirmation(writer, randomUUID());
    call.write(writer.take());
    await pump();
  };
  const pump = async (): Promise<void> => {
    while (!ended) {
      await source.refresh();
      if (source.deleted()) throw streamDeleted(stream);
      const page = source.read(next, PAGE_EVENTS);
      const writer = createWriter(64 * 1024);
      const level = page.end && !source.behind();
      if (caughtUp && !level && page.events.length >= PAGE_EVENTS) {
        caughtUp = false;
        putFellBehind(writer);
      }
      put(writer, page.events);
      next = page.next;
      if (level && !caughtUp) {
        caughtUp = true;
        putCaughtUp(writer);
      }
      if (writer.length() > 0 && !call.write(writer.take())) await call.drained();
      else if (level) return;
      else await store.pace();
    }
  };
  const start = (run: () => Promise<void>): void => {
    pumping = true;
    run().then(() => {
      pumping = false;
    }, fail);
  };

  const fail = (error: unknown): void => {
    ended = true;
    call.fail(error);
  };
  const onCommit = (events: readonly StoredEvent[]): void => {
    const first = events[0];
    if (first === undefined || source.placeOf(first) !== next) {
      start(pump);
      return;
    }
    const writer = createWriter(16 * 1024);
    put(writer, events);
    next = source.placeOf(events.at(-1) ?? first) + 1;
    if (writer.length() > 0 && !call.write(writer.take())) {
      pumping = true;
      void call.drained().then(() => start(pump));
    }
  };
  const stop = source.follow((events) => {
    if (pumping || ended) return;
    try {
      onCommit(events);
    } catch (error) {
      fail(error);
    }
  });

  start(open);
  return () => {
    ended = true;
    stop();
  };
}

/** Where a subscription starts: behind what it was given. */
function firstOf(source: EventSource, { from, exact }: ReadOptions): number {
  if (from === END) return source.head() + 1;
  return exact ? from + 1 : 0;
}
