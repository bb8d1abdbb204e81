/** What `getInfo` says about speed. Measured between two questions, so that nothing runs when idle. */

export interface Rate {
  count(): void;
  readonly total: () => number;
  /** Since the last call of this function. */
  measure(): { readonly count: number; readonly perSecond: number };
}

export function createRate(): Rate {
  let total = 0;
  let measured = 0;
  let since = Date.now();
  return {
    count() {
      total += 1;
    },
    total: () => total,
    measure() {
      const now = Date.now();
      const count = total - measured;
      const perSecond = Math.round((count * 1000) / Math.max(1, now - since));
      measured = total;
      since = now;
      return { count, perSecond };
    },
  };
}

/** Times from delivery to acknowledgement, in milliseconds: the latest 1,000. */
export interface Latencies {
  add(milliseconds: number): void;
  /** EventStoreDB's names and the values; empty before the first acknowledgement. */
  observed(): readonly (readonly [name: string, milliseconds: number])[];
}

const KEPT = 1_000;

const PERCENTILES: readonly (readonly [string, number])[] = [
  ['Min', 0],
  ['Quintile 1', 20],
  ['Quintile 2', 40],
  ['Median', 50],
  ['Quintile 3', 60],
  ['Quintile 4', 80],
  ['90%', 90],
  ['95%', 95],
  ['99%', 99],
  ['99.5%', 99.5],
  ['99.9%', 99.9],
  ['Quintile 5', 100],
  ['Highest', 100],
];

export function createLatencies(): Latencies {
  const values: number[] = [];
  let next = 0;
  return {
    add(milliseconds) {
      values[next] = milliseconds;
      next = (next + 1) % KEPT;
    },
    observed() {
      if (values.length === 0) return [];
      const sorted = values.toSorted((a, b) => a - b);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const at = (percent: number): number =>
        sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
      return [
        ['Mean', mean],
        ...PERCENTILES.map(([name, percent]) => [name, at(percent)] as const),
      ];
    },
  };
}
