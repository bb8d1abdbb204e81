/**
 * Whether an append is new, a repeat, or in conflict: EventStoreDB's commit check. A repeat with
 * an exact revision is found in the stream itself, for ever; with `any`, among the recent ids.
 */
import type { ProposedEvent } from '../record.ts';
import { Expect } from '../requests.ts';
import type { KnownEvent } from './recent-ids.ts';
import { isSoftDeleted, type StreamState } from './streams.ts';

export type AppendDecision =
  | { readonly kind: 'write' }
  | { readonly kind: 'appended'; readonly revision: number; readonly position: number }
  | { readonly kind: 'wrong'; readonly current: number }
  | { readonly kind: 'deleted' };

/** What the decision looks up. */
export interface AppendFacts {
  readonly recent: (id: string) => KnownEvent | undefined;
  /** Position and id of the stream's event at a revision. */
  idAt(revision: number): readonly [position: number, id: string] | undefined;
  hasMetadata(): boolean;
}

const WRITE: AppendDecision = { kind: 'write' };

export function decideAppend(
  state: StreamState,
  expected: number,
  events: readonly ProposedEvent[],
  facts: AppendFacts,
): AppendDecision {
  const deleted = isSoftDeleted(state);
  const wrong: AppendDecision = { kind: 'wrong', current: deleted ? -1 : state.head };
  if (expected === Expect.streamExists) {
    if (deleted) return { kind: 'deleted' };
    if (state.head < 0 && !facts.hasMetadata()) return wrong;
  }
  if (expected < Expect.noStream) return repeatedRecently(state, events, facts) ?? WRITE;
  if (expected === state.head) return WRITE;
  if (expected > state.head) return wrong;
  const repeat = repeatedAt(state, expected, events, facts);
  if (repeat) return repeat;
  return deleted && expected === Expect.noStream ? WRITE : wrong;
}

/** Part of a repeat is a conflict: the rest of it can't be stored at its revisions. */
function repeatedRecently(
  state: StreamState,
  events: readonly ProposedEvent[],
  facts: AppendFacts,
): AppendDecision | undefined {
  let last: KnownEvent | undefined;
  for (const [index, event] of events.entries()) {
    const known = facts.recent(event.id);
    if (known?.stream !== state.id || state.id === 0) {
      return index === 0 ? undefined : { kind: 'wrong', current: state.head };
    }
    last = known;
  }
  return last && { kind: 'appended', revision: last.revision, position: last.position };
}

function repeatedAt(
  state: StreamState,
  expected: number,
  events: readonly ProposedEvent[],
  facts: AppendFacts,
): AppendDecision | undefined {
  let revision = expected;
  let position = 0;
  for (const event of events) {
    revision += 1;
    const stored = facts.idAt(revision);
    if (stored?.[1] !== event.id) return undefined;
    position = stored[0];
  }
  return events.length > 0 ? { kind: 'appended', revision, position } : undefined;
}
