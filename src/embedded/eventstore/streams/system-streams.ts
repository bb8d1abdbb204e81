/**
 * The streams that EventStoreDB's system projections write: `$streams`, `$ce-<category>`,
 * `$et-<type>` and `$bc-<correlation id>`. Here they aren't written: their links are made from
 * indexes when somebody reads them.
 */
import { encodeRecord, idOf, partsOf, streamOf, type StoredEvent } from '../record.ts';
import { propose } from '../store/internal-events.ts';
import type { IndexKind } from '../store/link-index.ts';
import type { Page } from '../store/reads.ts';
import type { Store } from '../store/store.ts';
import type { EventSource } from './source.ts';

/** Type of link events. */
export const LINK_TYPE = '$>';

interface Entry {
  readonly number: number;
  readonly target: StoredEvent | undefined;
}

/** What a system stream is made of. */
interface Entries {
  readonly head: () => number;
  readonly page: (from: number, count: number, backwards: boolean) => readonly Entry[];
  readonly refresh: () => Promise<void>;
  readonly behind: () => boolean;
  /** Tells the links of this stream from those of all others. */
  readonly key: () => number;
}

const KINDS: readonly (readonly [prefix: string, kind: IndexKind])[] = [
  ['$ce-', 'category'],
  ['$et-', 'type'],
  ['$bc-', 'correlation'],
];

/** The source of a system stream, or undefined when `stream` isn't one. */
export function openSystemStream(store: Store, stream: string): EventSource | undefined {
  if (!stream.startsWith('$')) return undefined;
  if (stream === '$streams') return toSource(store, stream, streamEntries(store));
  const known = KINDS.find(([prefix]) => stream.startsWith(prefix));
  if (known === undefined) return undefined;
  const [prefix, kind] = known;
  return toSource(store, stream, indexEntries(store, kind, stream.slice(prefix.length)));
}

function indexEntries(store: Store, kind: IndexKind, name: string): Entries {
  const { links } = store;
  return {
    head() {
      const key = links.keyOf(kind, name);
      return key === undefined ? -1 : links.head(key);
    },
    page(from, count, backwards) {
      const key = links.keyOf(kind, name);
      if (key === undefined) return [];
      return links
        .page(key, from, count, backwards)
        .map(({ number, position }) => ({ number, target: store.reads.at(position) }));
    },
    refresh: () => links.catchUp(kind),
    behind: () => links.isBehind(kind),
    key: () => links.keyOf(kind, name) ?? 0,
  };
}

/** Streams are numbered as they are created, so their numbers are the index. */
function streamEntries(store: Store): Entries {
  const head = (): number => store.streams.count() - 1;
  return {
    head,
    page(from, count, backwards) {
      const last = head();
      const first = backwards ? Math.min(from, last) : from;
      const entries: Entry[] = [];
      const step = backwards ? -1 : 1;
      for (let n = first; entries.length < count && n >= 0 && n <= last; n += step) {
        entries.push({ number: n, target: store.reads.firstOf(n + 1) });
      }
      return entries;
    },
    refresh: () => Promise.resolve(),
    behind: () => false,
    key: () => 0,
  };
}

function toSource(store: Store, stream: string, entries: Entries): EventSource {
  const read = (from: number, count: number, backwards = false): Page => {
    const page = entries.page(from, count, backwards);
    const last = page.at(-1);
    const key = entries.key();
    return {
      // A link whose target was scavenged leads nowhere: it is left out.
      events: page.flatMap(({ number, target }) =>
        target ? [toLink(stream, key, number, target)] : [],
      ),
      next: last === undefined ? from : last.number + (backwards ? -1 : 1),
      end: page.length < count,
    };
  };
  return {
    head: entries.head,
    read,
    placeOf: (event) => event.revision,
    deleted: () => false,
    readable: () => entries.head() >= 0,
    refresh: entries.refresh,
    behind: entries.behind,
    follow: (listener) => store.listen(() => listener([])),
  };
}

function toLink(stream: string, key: number, number: number, target: StoredEvent): StoredEvent {
  const origin = streamOf(target.record);
  const data = `${target.revision}@${origin}`;
  // As the real projections note it: where the link leads, and which event it was made for.
  const metadata = JSON.stringify({ $o: origin, $causedBy: idOf(target.record) });
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  // The same link has the same id whenever it is made, so that it can be acknowledged.
  const id = `${hex(key, 8)}-0000-8000-8000-${hex(number, 12)}`;
  const event = propose(LINK_TYPE, 'application/octet-stream', data, metadata, id);
  const { created } = partsOf(target.record);
  const record = encodeRecord(event, stream, number, target.position, created);
  return { position: target.position, revision: number, type: LINK_TYPE, record, target };
}
