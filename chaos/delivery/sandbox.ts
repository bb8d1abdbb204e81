import type { Faults, LedgerRow, ProviderName, ProviderSummary } from '../../src/sandbox/index.ts';

const PAGE = 10_000;

/** What goes wrong during one life of the program. */
export interface Phase {
  readonly name: string;
  readonly faults: { readonly [P in ProviderName]?: Faults };
}

const everybody = [
  'sendgrid',
  'ses',
  'mailgun',
  'smtp',
  'twilio',
  'vonage',
  'aws-sms',
  'sns',
  'fcm',
  'apns',
] as const satisfies readonly ProviderName[];
/** Those of the first tiers: others can take over from them, but for push. */
const first = ['sendgrid', 'smtp', 'twilio', 'sns', 'fcm', 'apns'] as const;

const faultsOf = (providers: readonly ProviderName[], faults: Faults): Phase['faults'] =>
  Object.fromEntries(providers.map((provider) => [provider, faults]));

/** Facts T3 and T4; `slowMs` is longer than the program waits for an answer. */
export const phasesOf = (slowMs: number): readonly Phase[] => [
  { name: 'half of the calls fail', faults: faultsOf(first, { serverError: { share: 0.5 } }) },
  {
    name: 'a third is told to come later',
    faults: faultsOf(everybody, { rateLimit: { share: 0.33, retryAfterSeconds: 2 } }),
  },
  {
    name: 'reset after accept',
    faults: faultsOf(everybody, { resetAfterAccept: { share: 0.05 } }),
  },
  {
    name: 'slow',
    faults: {
      ...faultsOf(everybody, { latencyMs: 200 }),
      ...faultsOf(['sendgrid', 'twilio'], { latencyMs: slowMs }),
    },
  },
];

const call = async (url: string, init?: RequestInit): Promise<unknown> => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`the sandbox answered ${await response.text()}`);
  return response.json();
};

export const switchFaults = async (sandboxUrl: string, { faults }: Phase): Promise<void> => {
  for (const [provider, fault] of Object.entries(faults)) {
    await call(`${sandboxUrl}/sandbox/faults/${provider}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
  }
};

export const clearFaults = (sandboxUrl: string): Promise<unknown> =>
  call(`${sandboxUrl}/sandbox/faults`, { method: 'DELETE' });

/** Calls that the simulators got since this start, by provider; those that nobody called are left out. */
export const requestsOf = async (sandboxUrl: string): Promise<ReadonlyMap<string, number>> => {
  const url = `${sandboxUrl}/sandbox/ledger/summary`;
  const summary = (await call(url)) as Readonly<Record<string, ProviderSummary>>;
  const counts = Object.entries(summary).map(([name, { requests }]) => [name, requests] as const);
  return new Map(counts.filter(([, requests]) => requests > 0));
};

interface Page {
  readonly rows: readonly LedgerRow[];
  readonly next: number | null;
}

/** Everything that was ever accepted. */
export const readLedger = async (sandboxUrl: string): Promise<readonly LedgerRow[]> => {
  const rows: LedgerRow[] = [];
  for (let from: number | null = 0; from !== null;) {
    const page = (await call(`${sandboxUrl}/sandbox/ledger?after=${from}&limit=${PAGE}`)) as Page;
    rows.push(...page.rows);
    from = page.next;
  }
  return rows;
};
