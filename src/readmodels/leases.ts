import type { Collection, Database } from './database.ts';

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
        if ((error as { code?: unknown }).code === 11_000) return undefined;
        throw error;
      }
    },
    release: async (name, holder) => {
      await leases.updateOne({ _id: name, holder }, { $set: { until: new Date(0), holder: '' } });
    },
  };
};
