import type { Command } from 'commander';

/** What one benchmark prints as the last line on standard output, beside its name and the commit. */
export interface BenchReport {
  /** Machine, counts, seed, which stores: whatever a figure depends on. */
  readonly conditions: Readonly<Record<string, unknown>>;
  /** The figures, each with its unit in its name: `perSecond`, `p99Ms`, `cpuUsPerAppend`. */
  readonly results: Readonly<Record<string, unknown>>;
  /** What the machine itself could do, measured in the same run. */
  readonly ceilings: Readonly<Record<string, unknown>>;
}

export interface BenchScenario<O = Record<string, unknown>> {
  readonly description: string;
  /** Options beside `--json`. */
  addOptions?(command: Command): void;
  /** Progress and tables go to `say`, which writes to standard error. */
  run(options: O, say: (line: string) => void): Promise<BenchReport>;
}
