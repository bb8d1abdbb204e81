import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoClient } from './client.ts';
import type { Tracker } from './tracker.ts';

interface ProviderSummary {
  readonly accepted: number;
  readonly repeated: readonly string[];
  readonly callbacksPending: number;
}

const summaryOf = async (
  sandboxUrl: string,
): Promise<Readonly<Record<string, ProviderSummary>>> => {
  const response = await fetch(`${sandboxUrl}/sandbox/ledger/summary`);
  return (await response.json()) as Record<string, ProviderSummary>;
};

/** Waits until the simulators owe nobody a webhook. */
export const callbacksDone = async (sandboxUrl: string, patienceMs: number): Promise<void> => {
  const until = Date.now() + patienceMs;
  for (;;) {
    const summary = Object.values(await summaryOf(sandboxUrl));
    if (summary.every(({ callbacksPending }) => callbacksPending === 0)) return;
    if (Date.now() > until) throw new Error('the simulators could not deliver all webhooks');
    await sleep(50);
  }
};

const idsPerQuery = 40;

/** What the read model shows of some notifications, in their order; null for what it doesn't know. */
const shownOf = async (
  client: Pick<DemoClient, 'run'>,
  ids: readonly string[],
  field: 'status' | 'providerMessageId',
): Promise<readonly (string | null)[]> => {
  const shown: (string | null)[] = [];
  for (let from = 0; from < ids.length; from += idsPerQuery) {
    const asked = ids.slice(from, from + idsPerQuery);
    const fields = asked.map((id, index) => `n${index}: notification(id: "${id}") { ${field} }`);
    const answer = await client.run<Record<string, Record<string, string | null> | null>>(
      `query { ${fields.join(' ')} }`,
      {},
    );
    shown.push(...asked.map((_, index) => answer[`n${index}`]?.[field] ?? null));
  }
  return shown;
};

/** Waits until the read model shows what the feed showed last: then it shows everything before, too. */
export const readModelCaughtUp = async (
  client: DemoClient,
  tracker: Tracker,
  patienceMs: number,
): Promise<void> => {
  const last = tracker.lastFinished(idsPerQuery);
  const ids = last.map(({ id }) => id);
  const until = Date.now() + patienceMs;
  for (;;) {
    const shown = await shownOf(client, ids, 'status');
    if (last.every(({ status }, index) => shown[index] === status)) return;
    if (Date.now() > until) throw new Error('the read model did not catch up with the log');
    await sleep(10);
  }
};

/** What the simulators' books say about the messages of this run. */
export interface LedgerCheck {
  /** Sent twice to one recipient although the outcome of the first call was known. */
  readonly duplicated: readonly string[];
  /** Sent twice because the outcome of the first call could not be known. */
  readonly repeatedInDoubt: readonly string[];
  /** In the log as sent, and not in the books. */
  readonly missing: readonly string[];
  /** Providers' ids of messages in the books that no notification was sent as, more than can be doubtful. */
  readonly unrecorded: readonly string[];
}

const ledgerPage = 10_000;

interface Row {
  /** Null where the provider keeps no id of ours: only its own tells which message that was. */
  readonly notificationId: string | null;
  readonly providerMessageId: string;
}

const readBooks = async (sandboxUrl: string): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (let after: number | null = 0; after !== null;) {
    const response = await fetch(`${sandboxUrl}/sandbox/ledger?after=${after}&limit=${ledgerPage}`);
    const page = (await response.json()) as {
      readonly rows: readonly Row[];
      readonly next: number | null;
    };
    rows.push(...page.rows);
    after = page.next;
  }
  return rows;
};

export const checkLedger = async (
  client: Pick<DemoClient, 'run'>,
  sandboxUrl: string,
  tracker: Pick<Tracker, 'inDoubt' | 'sentIds' | 'isInApp'>,
): Promise<LedgerCheck> => {
  const rows = await readBooks(sandboxUrl);
  const booked = new Set(rows.map(({ notificationId }) => notificationId));
  const unnamed = new Set(
    rows.flatMap((row) => (row.notificationId === null ? [row.providerMessageId] : [])),
  );
  const summary = Object.values(await summaryOf(sandboxUrl));
  const repeated = [...new Set(summary.flatMap((provider) => provider.repeated))];
  const doubtful = tracker.inDoubt();
  const unbooked = [...tracker.sentIds()].filter((id) => !booked.has(id) && !tracker.isInApp(id));
  const messageIds = await shownOf(client, unbooked, 'providerMessageId');
  const missing = unbooked.filter((_, index) => !unnamed.delete(messageIds[index] ?? ''));
  return {
    duplicated: repeated.filter((id) => !doubtful.has(id)),
    repeatedInDoubt: repeated.filter((id) => doubtful.has(id)),
    missing,
    unrecorded: [...unnamed].slice(doubtful.size),
  };
};
