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

/** Waits until the read model shows what the feed showed last: then it shows everything before, too. */
export const readModelCaughtUp = async (
  client: DemoClient,
  tracker: Tracker,
  patienceMs: number,
): Promise<void> => {
  const last = tracker.lastFinished(40);
  const fields = last.map(({ id }, index) => `n${index}: notification(id: "${id}") { status }`);
  const until = Date.now() + patienceMs;
  for (;;) {
    const shown = await client.run<Record<string, { readonly status: string } | null>>(
      `query { __typename ${fields.join(' ')} }`,
      {},
    );
    if (last.every(({ status }, index) => shown[`n${index}`]?.status === status)) return;
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
}

const ledgerPage = 10_000;

export const checkLedger = async (sandboxUrl: string, tracker: Tracker): Promise<LedgerCheck> => {
  const booked = new Set<string>();
  for (let after: number | null = 0; after !== null;) {
    const response = await fetch(`${sandboxUrl}/sandbox/ledger?after=${after}&limit=${ledgerPage}`);
    const page = (await response.json()) as {
      readonly rows: readonly { readonly notificationId: string | null }[];
      readonly next: number | null;
    };
    for (const { notificationId } of page.rows)
      if (notificationId !== null) booked.add(notificationId);
    after = page.next;
  }
  const summary = Object.values(await summaryOf(sandboxUrl));
  const repeated = [...new Set(summary.flatMap((provider) => provider.repeated))];
  const doubtful = tracker.inDoubt();
  return {
    duplicated: repeated.filter((id) => !doubtful.has(id)),
    repeatedInDoubt: repeated.filter((id) => doubtful.has(id)),
    missing: [...tracker.sentIds()].filter((id) => !booked.has(id) && !tracker.isInApp(id)),
  };
};
