import { type Collection, type Database, isDuplicateKey } from './database.ts';

interface LeaseDocument {
  readonly _id: string;
  readonly holder: string;
  readonly until: Date;
  readonly fence: number;
}

/** A right that one process holds for a while. The fence grows with every new holder (facts P3). */
export interface Lease {
  readonly fence: number;
  readonly until: Date;
}

export interface Leases {
  /** Takes or renews a lease; undefined while another process holds it. */
  acquire(name: string, holder: string, lifetimeMs: number, now: Date): Promise<Lease | undefined>;
  /** Gives it back, so that the next one need not wait. */
  release(name: string, holder: string): Promise<void>;
}

export const createLeases = (database: Database): Leases => {
  const leases: Collection<LeaseDocument> = database.collection('leases');
  return {
    acquire: async (name, holder, lifetimeMs, now) => {
      const until = new Date(now.getTime() + lifetimeMs);
      const renewed = await leases.findOneAndUpdate(
        { _id: name, holder },
        { $set: { until } },
        { returnDocument: 'after' },
      );
      if (renewed) return { fence: renewed.fence, until };
      try {
        const taken = await leases.findOneAndUpdate(
          { _id: name, until: { $lt: now } },
          { $set: { holder, until }, $inc: { fence: 1 } },
          { returnDocument: 'after', upsert: true },
        );
        return taken ? { fence: taken.fence, until } : undefined;
      } catch (error) {
        // The upsert met a lease that somebody else holds.
        if (isDuplicateKey(error)) return undefined;
        throw error;
      }
    },
    release: async (name, holder) => {
      await leases.updateOne({ _id: name, holder }, { $set: { until: new Date(0), holder: '' } });
    },
  };
};

export interface TermOptions {
  readonly name: string;
  readonly holder: string;
  readonly lifetimeMs: number;
  readonly signal: AbortSignal;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** @returns whether the lease was to be had, when the task has ended or the lease was lost */
const oneTerm = async (
  leases: Leases,
  { name, holder, lifetimeMs, signal, wait }: TermOptions,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> => {
  // A server that doesn't answer gives no lease; it is asked again.
  const acquire = () => leases.acquire(name, holder, lifetimeMs, new Date()).catch(() => undefined);
  if (!(await acquire())) return false;
  const term = new AbortController();
  const both = AbortSignal.any([signal, term.signal]);
  const isOver = () => both.aborted;
  const renew = async () => {
    while (!isOver()) {
      await wait(lifetimeMs / 3, both);
      if (!isOver() && !(await acquire())) term.abort();
    }
  };
  const renewing = renew();
  try {
    await task(both);
  } finally {
    term.abort();
    await renewing;
  }
  return true;
};

const giveBack = (leases: Leases, { name, holder }: TermOptions): Promise<void> =>
  leases.release(name, holder).catch(() => undefined);

/**
 * Runs a task whenever this process holds a lease, until the signal is aborted. The task's own signal is
 * aborted when the lease is lost; whatever it writes after that is refused by its guards (facts P3).
 */
export const whileLeading = async (
  leases: Leases,
  options: TermOptions,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const { lifetimeMs, signal, wait } = options;
  while (!signal.aborted) {
    if (!(await oneTerm(leases, options, task))) await wait(lifetimeMs / 5, signal);
  }
  await giveBack(leases, options);
};

/** Runs a task once, unless another process holds the lease; gives the lease back afterwards. */
export const withLease = async (
  leases: Leases,
  options: TermOptions,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  try {
    await oneTerm(leases, options, task);
  } finally {
    await giveBack(leases, options);
  }
};
