/**
 * Whether an append is new, a repeat, or in conflict: EventStoreDB's commit check. A repeat with
 * an exact revision is found in the stream itself, for ever; with `any`, among the recent ids.
 */
import { asBuffer, ID_LENGTH, type ProposedEvent } from '../record.ts';
import { Expect } from '../requests.ts';
import type { KnownEvent, RecentIds } from './recent-ids.ts';
import { isSoftDeleted, type StreamState } from './streams.ts';

export type AppendDecision =
  | { readonly kind: 'write' }
  | { readonly kind: 'appended'; readonly revision: number; readonly position: number }
  | { readonly kind: 'wrong'; readonly current: number }
  | { readonly kind: 'deleted' };

/** What the decision looks up. */
export interface AppendFacts {
  readonly recent: RecentIds['find'];
  /** Position and id of the stream's event at a revision. */
  idAt(state: StreamState, revision: number): readonly [position: number, id: string] | undefined;
  hasMetadata(state: StreamState): boolean;
}

const idText = ({ idSource, idAt }: ProposedEvent): string =>
  asBuffer(idSource).toString('latin1', idAt, idAt + ID_LENGTH);

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
    if (state.head < 0 && !facts.hasMetadata(state)) return wrong;
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
  for (const event of events) {
    const known = state.id === 0 ? undefined : facts.recent(event.idSource, event.idAt);
    if (known?.stream !== state.id) {
      return last && { kind: 'wrong', current: state.head };
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
    const stored = facts.idAt(state, revision);
    if (stored?.[1] !== idText(event)) return undefined;
    position = stored[0];
  }
  return events.length > 0 ? { kind: 'appended', revision, position } : undefined;
}
