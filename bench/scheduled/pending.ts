import type { Collection } from 'mongodb';

/** An entry of the `due` read model, as the projection writes it. */
export interface Pending {
  readonly _id: string;
  readonly v: number;
  readonly dueAt: Date;
  readonly why: string;
  readonly request: string;
  readonly state: object;
}

const about = { channel: 'email', template: 'reminder', category: 'transactional' };
const encrypted = { $enc: 1, kid: 'k'.repeat(12), iv: 'i'.repeat(16), ct: 'c'.repeat(200) };

/** What an entry carries for its attempt, about as large as that of a message with a few variables. */
const carried = (id: string, until: string) => ({
  request: JSON.stringify({
    id,
    data: { ...about, notificationId: id, userId: id, variables: encrypted, scheduledAt: until },
    metadata: { $correlationId: id, $causationId: id, subject: id, occurredAt: until },
  }),
  state: { ...about, status: 'waiting', userId: id, until, waitsFor: 'scheduled', sent: [] },
});

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
      const [id, dueAt] = [`pending-${done + n}`, new Date(now + ahead)];
      return { _id: id, v: 1, dueAt, why: 'deferred', ...carried(id, dueAt.toISOString()) };
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
