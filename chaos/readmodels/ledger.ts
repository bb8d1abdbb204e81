/** What the writers were told, against which the store is held. */
export interface Ledger {
  /** Of each counter: how often an increment was acknowledged, and how often its fate is unknown. */
  readonly counters: Map<string, { acknowledged: number; inDoubt: number }>;
  /** Of each document written whole: the last revision that was acknowledged, and the last one tried. */
  readonly revisions: Map<string, { acknowledged: number; tried: number }>;
  /** Documents that were acknowledged as inserted, or as deleted, or whose fate is unknown. */
  readonly inserts: Map<string, 'there' | 'gone' | 'unknown'>;
  /** Acknowledged writes, and those that ended in an error. */
  accepted: number;
  inDoubt: number;
  /** Writes that were sent again under their old number. */
  resent: number;
  /** What no kill explains. */
  readonly problems: string[];
}

export const emptyLedger = (): Ledger => ({
  counters: new Map(),
  revisions: new Map(),
  inserts: new Map(),
  accepted: 0,
  inDoubt: 0,
  resent: 0,
  problems: [],
});
