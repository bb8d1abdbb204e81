import type { Collection } from 'mongodb';

/** An entry of the `due` read model, as the projection writes it. */
export interface Pending {
  readonly _id: string;
  readonly v: number;
  readonly dueAt: Date;
  readonly why: string;
}

const BATCH = 10_000;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

/** Fills the read model with notifications that wait for a moment between an hour and a year ahead. */
export const addPending = async (
  due: Collection<Pending>,
  count: number,
  say: (line: string) => void,
): Promise<void> => {
  const now = Date.now();
  for (let done = 0; done < count; done += BATCH) {
    const entries = Array.from({ length: Math.min(BATCH, count - done) }, (_, n): Pending => {
      // Scattered over the year by a step that has no factor in common with it.
      const ahead = HOUR + (((done + n) * 7_919_117) % YEAR);
      return { _id: `pending-${done + n}`, v: 1, dueAt: new Date(now + ahead), why: 'deferred' };
    });
    await due.insertMany(entries, { ordered: false });
    if ((done / BATCH) % 20 === 19) say(`${done + BATCH} pending`);
  }
};

/** How the scheduler's look for what is due is answered. */
export const explainLook = async (due: Collection<Pending>) => {
  const plan = (await due
    .find({ dueAt: { $lte: new Date() } })
    .sort({ dueAt: 1 })
    .limit(200)
    .explain('executionStats')) as {
    readonly queryPlanner?: { readonly winningPlan?: unknown };
    readonly executionStats?: {
      readonly totalDocsExamined?: number;
      readonly totalKeysExamined?: number;
    };
  };
  const began = performance.now();
  const looks = 200;
  for (let look = 0; look < looks; look += 1) {
    await due.find({}).sort({ dueAt: 1 }).limit(1).project({ dueAt: 1 }).toArray();
  }
  const indexes = await due.indexes();
  return {
    usesIndex: JSON.stringify(plan).includes('IXSCAN'),
    sortsInMemory: JSON.stringify(plan).includes('"SORT"'),
    docsExamined: plan.executionStats?.totalDocsExamined,
    indexes: indexes.map(({ name }) => name),
    msPerLook: Number(((performance.now() - began) / looks).toFixed(3)),
  };
};
