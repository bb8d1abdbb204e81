import type { Command } from 'commander';

/** What one chaos run found, beside its name, the commit and the seed. */
export interface ChaosReport {
  readonly kills: number;
  /** What the system acknowledged. */
  readonly accepted: number;
  /** Acknowledged and gone. */
  readonly lost: number;
  /** There more often than it was asked for. */
  readonly duplicated: number;
  /** Accepted or not: could not be known. */
  readonly inDoubt: number;
  /** What was held against what was acknowledged. */
  readonly checked: number;
  /** Anything else that broke a promise, in words. */
  readonly problems?: readonly string[];
  readonly [more: string]: unknown;
}

export interface ChaosOptions {
  readonly kills: number;
  /** Stop after so long, whatever the kills. */
  readonly minutes: number;
  /** Of the random moments; the same seed kills after the same delays. */
  readonly seed: number;
}

export interface ChaosScenario<O = Record<string, unknown>> {
  readonly description: string;
  /** Options beside `--kills`, `--minutes`, `--seed` and `--json`. */
  addOptions?(command: Command): void;
  /** Progress goes to `say`, which writes to standard error. */
  run(options: ChaosOptions & O, say: (line: string) => void): Promise<ChaosReport>;
}
