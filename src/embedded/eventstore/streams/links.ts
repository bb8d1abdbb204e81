/** Link events (`$>`): their data is `<revision>@<stream>`. */
import type { ResolvedEvent } from '../frames.ts';
import { partsOf, type StoredEvent } from '../record.ts';
import { firstVisible, isReadable } from '../store/streams.ts';
import type { Store } from '../store/store.ts';
import { LINK_TYPE } from './system-streams.ts';

/** The event as a reader gets it; links are followed when `resolveLinks` is on. */
export function resolve(store: Store, event: StoredEvent, resolveLinks: boolean): ResolvedEvent {
  if (!resolveLinks || event.type !== LINK_TYPE) return { event, link: undefined };
  const target = parseLink(partsOf(event.record).data.toString('utf8'));
  const state = target && store.streams.get(target.stream);
  if (!state || state.tombstoned || !isReadable(state) || target.revision < firstVisible(state)) {
    return { event: undefined, link: event };
  }
  return { event: event.target ?? store.reads.event(state, target.revision), link: event };
}

function parseLink(
  data: string,
): { readonly stream: string; readonly revision: number } | undefined {
  const at = data.indexOf('@');
  const revision = Number(data.slice(0, at));
  if (at <= 0 || !Number.isSafeInteger(revision)) return undefined;
  return { stream: data.slice(at + 1), revision };
}
