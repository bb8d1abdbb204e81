import { DomainError } from '../domain/errors.ts';
import type { UserCommand } from '../domain/user/commands.ts';
import type { UserState } from '../domain/user/state.ts';
import { users } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import { inParallel } from './inParallel.ts';
import type { ParsedRow, RowProblem, UserRow } from './userRows.ts';

/** What became of a list of users. */
export interface ImportReport {
  readonly rows: number;
  readonly registered: number;
  readonly updated: number;
  /** Were so already: a list that is imported again changes nothing. */
  readonly unchanged: number;
  readonly refused: number;
  /** Of the refused, the first thousand. */
  readonly problems: readonly RowProblem[];
}

export interface ImportPorts {
  readonly execute: Execute;
  /** What the read model knows of these users: their states, and the revisions they are of. */
  readUsers(
    userIds: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly state: UserState; readonly revision: number }>>;
  /** Makes what all of them need in one go: their keys. */
  prepare(userIds: readonly string[]): Promise<void>;
}

/**
 * Registers who is not there and updates who is. However long the list is, a few hundred of it are in memory;
 * one that was cut off is imported again from its start.
 *
 * @throws DomainError UNAVAILABLE when the store can't be reached
 */
export type ImportUsers = (
  rows: AsyncIterable<ParsedRow>,
  context: CommandContext,
  onProgress?: (report: ImportReport) => void,
) => Promise<ImportReport>;

const batchSize = 500;
const appendsInFlight = 64;
const mostProblems = 1_000;

type Fate = 'registered' | 'updated' | 'unchanged' | RowProblem;

export const createImportUsers = (ports: ImportPorts): ImportUsers => {
  const save = async (
    { line, row }: { readonly line: number; readonly row: UserRow },
    known: ReadonlyMap<string, { readonly state: UserState; readonly revision: number }>,
    context: CommandContext,
  ): Promise<Fate> => {
    const nobody = { state: { status: 'none' } as UserState, revision: -1 };
    const { userId } = row;
    try {
      const hint = known.get(userId) ?? nobody;
      const options = { hint, once: true } as const;
      const { events } = await ports.execute(users, userId, commandsOf(row), context, options);
      const [event] = events;
      if (!event) return 'unchanged';
      return event.type === 'UserRegistered' ? 'registered' : 'updated';
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'UNAVAILABLE') throw error;
      const { code, field = 'line', message: reason } = error;
      return { line, code, field, reason };
    }
  };

  return async (rows, context, onProgress) => {
    let report: ImportReport = {
      rows: 0,
      registered: 0,
      updated: 0,
      unchanged: 0,
      refused: 0,
      problems: [],
    };
    for await (const batch of inBatches(rows, batchSize)) {
      const good = batch.flatMap((one) => (one.problem ? [] : [one]));
      const ids = [...new Set(good.map(({ row }) => row.userId))];
      const [known] = await Promise.all([ports.readUsers(ids), ports.prepare(ids)]);
      const fates = await inParallel(good, appendsInFlight, (one) => save(one, known, context));
      const unread = batch.flatMap(({ problem }) => problem ?? []);
      report = added(report, [...unread, ...fates]);
      onProgress?.(report);
    }
    return report;
  };
};

const source = 'import';

const commandsOf = ({
  userId,
  changes,
  preferences = [],
  consents = [],
}: UserRow): readonly UserCommand[] => [
  { type: 'SaveUser', userId, changes },
  ...(preferences.length > 0
    ? [{ type: 'UpdatePreferences', changes: preferences, source } as const]
    : []),
  ...consents.map(
    ({ channel, category, ...consent }) =>
      ({ type: 'RecordConsent', channel, category, consent }) as const,
  ),
];

const added = (before: ImportReport, fates: readonly Fate[]): ImportReport => {
  const count = (fate: Fate) => fates.filter((one) => one === fate).length;
  const problems = fates.filter((fate) => typeof fate !== 'string');
  return {
    rows: before.rows + fates.length,
    registered: before.registered + count('registered'),
    updated: before.updated + count('updated'),
    unchanged: before.unchanged + count('unchanged'),
    refused: before.refused + problems.length,
    problems: [...before.problems, ...problems.sort((a, b) => a.line - b.line)].slice(
      0,
      mostProblems,
    ),
  };
};

export async function* inBatches<T>(
  items: AsyncIterable<T>,
  size: number,
): AsyncIterable<readonly T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
