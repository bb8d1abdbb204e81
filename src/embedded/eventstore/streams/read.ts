/** Counted reads of $all and of streams. */
import { invalidArgument, streamDeleted } from '../errors.ts';
import { putEvent, putStreamNotFound } from '../frames.ts';
import type { ReadOptions } from '../read-requests.ts';
import type { Store } from '../store/store.ts';
import type { Call } from '../transport.ts';
import { createWriter } from '../wire.ts';
import { compileFilter } from './filter.ts';
import { resolve } from './links.ts';
import { openSource } from './source.ts';

/** Events per page. Between pages the event loop turns, so that appends aren't held up. */
export const PAGE_EVENTS = 256;

/** Sends what `options` asks for, then ends the call. */
export async function serveRead(store: Store, call: Call, options: ReadOptions): Promise<void> {
  const { stream, backwards, count: wanted = 0 } = options;
  if (wanted <= 0) throw invalidArgument('The number of events to read must be positive.');
  const ofAll = stream === '$all';
  const filter = ofAll ? compileFilter(options.filter) : undefined;
  const source = openSource(store, stream);
  await source.refresh();
  if (source.deleted()) throw streamDeleted(stream);
  if (!source.readable()) {
    answerNotFound(call, stream);
    return;
  }
  const framing = { withPosition: ofAll, structuredIds: options.structuredIds };
  // A position read backwards is the exclusive end of what is read.
  let next = ofAll && backwards && options.exact ? options.from - 1 : options.from;
  let left = wanted;
  while (left > 0 && !call.closed()) {
    const page = source.read(next, filter ? PAGE_EVENTS : Math.min(PAGE_EVENTS, left), backwards);
    const writer = createWriter(64 * 1024);
    for (const event of page.events) {
      if (left === 0) break;
      if (filter && !filter(event)) continue;
      putEvent(writer, resolve(store, event, options.resolveLinks), framing);
      left -= 1;
    }
    if (writer.length() > 0 && !call.write(writer.take())) await call.drained();
    if (page.end) break;
    next = page.next;
    await store.pace();
  }
  call.finish();
}

function answerNotFound(call: Call, stream: string): void {
  const writer = createWriter();
  putStreamNotFound(writer, stream);
  call.write(writer.take());
  call.finish();
}
