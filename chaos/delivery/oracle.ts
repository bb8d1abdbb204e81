import type { LedgerRow } from '../../src/sandbox/index.ts';
import { type Story, untold } from './log.ts';

/** A message in the simulators' books. */
export type Booked = Pick<LedgerRow, 'provider' | 'providerMessageId' | 'notificationId'>;

export interface Evidence {
  /** Ids that the API acknowledged. */
  readonly accepted: ReadonlySet<string>;
  /** Those that the read model shows as sent or over. */
  readonly shownSettled: ReadonlySet<string>;
  readonly stories: ReadonlyMap<string, Story>;
  readonly ledger: readonly Booked[];
}

export interface Verdict {
  /** Acknowledged, and not in the log, not at its end there, or sent and in nobody's books. */
  readonly lost: readonly string[];
  /** Taken by providers more often than doubts explain. */
  readonly duplicated: readonly string[];
  /** Of which it could not be known at some time whether a provider had taken them. */
  readonly inDoubt: readonly string[];
  /** Of these, taken more than once. */
  readonly repeatedInDoubt: readonly string[];
  readonly problems: readonly string[];
}

const INSIDE = 'inapp';

/** Holds what clients were told, the log, the read model and the providers' books against each other. */
export const judge = ({ accepted, shownSettled, stories, ledger }: Evidence): Verdict => {
  const { rowsOf, strays } = assign(ledger, stories);
  const storyOf = (id: string): Story => stories.get(id) ?? untold;
  const isMissing = (id: string): boolean =>
    storyOf(id).sentAs.some(({ provider }) => provider !== INSIDE) && !rowsOf.has(id);
  const repeated = [...rowsOf].flatMap(([id, rows]) => (rows.length > 1 ? [id] : []));
  const isExplained = (id: string): boolean => {
    const resent = storyOf(id).doubts.filter(({ resolution }) => resolution === 'resend');
    return (rowsOf.get(id)?.length ?? 0) <= 1 + resent.length;
  };
  const ids = [...stories.keys()];
  const inDoubt = ids.filter((id) => storyOf(id).doubts.length > 0);
  const doubtsAtSilent = [...stories.values()].flatMap(({ doubts }) =>
    doubts.filter(({ provider }) => strays.some((stray) => stray.provider === provider)),
  );
  return {
    lost: [...accepted].filter((id) => !storyOf(id).isSettled || isMissing(id)),
    duplicated: [
      ...repeated.filter((id) => !isExplained(id)),
      ...strays
        .slice(doubtsAtSilent.length)
        .map((row) => `${row.provider} ${row.providerMessageId}`),
    ],
    inDoubt,
    repeatedInDoubt: repeated.filter(isExplained),
    problems: [
      ...named('are in the log, and nobody was told of them', ids, (id) => !accepted.has(id)),
      ...named('are settled, and the read model does not show it', [...accepted], (id) => {
        return storyOf(id).isSettled && !shownSettled.has(id);
      }),
      ...named('were recorded as sent twice for one attempt', ids, (id) => {
        const { sentAttempts } = storyOf(id);
        return new Set(sentAttempts).size < sentAttempts.length;
      }),
      ...named('were given up, and never in doubt', ids, (id) => {
        return storyOf(id).isDeadLettered && storyOf(id).doubts.length === 0;
      }),
    ],
  };
};

/** A problem with how many have it and who the first of them are; nothing when nobody has. */
const named = (what: string, ids: readonly string[], has: (id: string) => boolean) => {
  const found = ids.filter(has);
  return found.length === 0 ? [] : [`${found.length} ${what}: ${found.slice(0, 3).join(', ')}`];
};

/** Whose message each row is. Of a provider that keeps no id of ours only the log tells, where it knows. */
const assign = (ledger: readonly Booked[], stories: Evidence['stories']) => {
  const idOf = new Map<string, string>();
  for (const [id, { sentAs }] of stories) {
    for (const { providerMessageId } of sentAs) idOf.set(providerMessageId, id);
  }
  const rowsOf = new Map<string, Booked[]>();
  const strays: Booked[] = [];
  for (const row of ledger) {
    const id = row.notificationId ?? idOf.get(row.providerMessageId);
    if (id === undefined) strays.push(row);
    else rowsOf.set(id, [...(rowsOf.get(id) ?? []), row]);
  }
  return { rowsOf, strays };
};
