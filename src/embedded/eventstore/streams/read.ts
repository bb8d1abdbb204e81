/** Counted reads of $all and of streams. */
import { setImmediate as turn } from 'node:timers/promises';
import { invalidArgument, streamDeleted } from '../errors.ts';
import { putEvent, putStreamNotFound } from '../frames.ts';
import type { ReadOptions } from '../requests.ts';
import type { Page } from '../store/reads.ts';
import type { Store } from '../store/store.ts';
import { isReadable } from '../store/streams.ts';
import type { Call } from '../transport.ts';
import { createWriter } from '../wire.ts';
import { compileFilter } from './filter.ts';
import { resolve } from './links.ts';

/** Events per page. Between pages the event loop turns, so that appends aren't held up. */
export const PAGE_EVENTS = 256;

/** Sends what `options` asks for, then ends the call. */
export async function serveRead(store: Store, call: Call, options: ReadOptions): Promise<void> {
  const wanted = options.count ?? 0;
  if (wanted <= 0) throw invalidArgument('The number of events to read must be positive.');
  const pages = openPages(store, call, options);
  const filter = options.stream === '$all' ? compileFilter(options.filter) : undefined;
  const framing = {
    withPosition: options.stream === '$all',
    structuredIds: options.structuredIds,
  };
  let left = wanted;
  while (pages && left > 0 && !call.closed()) {
    const page = pages(filter ? PAGE_EVENTS : Math.min(PAGE_EVENTS, left));
    const writer = createWriter(64 * 1024);
    for (const event of page.events) {
      if (left === 0) break;
      if (filter && !filter(event)) continue;
      putEvent(writer, resolve(store, event, options.resolveLinks), framing);
      left -= 1;
    }
    if (writer.length() > 0 && !call.write(writer.take())) await call.drained();
    if (page.end) break;
    await turn();
  }
  call.finish();
}

/** Reads page after page, or says that there is no such stream. */
function openPages(
  store: Store,
  call: Call,
  { stream, from, exact, backwards }: ReadOptions,
): ((count: number) => Page) | undefined {
  let next = from;
  if (stream === '$all') {
    // A position read backwards is the exclusive end of what is read.
    if (backwards && exact) next = from - 1;
    return (count) => {
      const page = store.reads.all(next, count, backwards);
      next = page.next;
      return page;
    };
  }
  const first = store.streams.get(stream);
  if (first.tombstoned) throw streamDeleted(stream);
  if (!isReadable(first)) {
    const writer = createWriter();
    putStreamNotFound(writer, stream);
    call.write(writer.take());
    return undefined;
  }
  return (count) => {
    const page = store.reads.stream(store.streams.get(stream), next, count, backwards);
    next = page.next;
    return page;
  };
}
