import type { Collection, Database } from './database.ts';

interface CheckpointDocument {
  readonly _id: string;
  readonly commit: string;
  readonly prepare: string;
  readonly at: Date;
}

/** How far a projection has read; both parts of a position are needed to resume (facts D13). */
export interface Checkpoint {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export interface Checkpoints {
  read(names: readonly string[]): Promise<ReadonlyMap<string, Checkpoint>>;
  /** In one round trip. */
  write(names: readonly string[], checkpoint: Checkpoint, now: Date): Promise<void>;
}

/** Checkpoints live beside the read models: what is lost together is rebuilt together. */
export const createCheckpoints = (database: Database): Checkpoints => {
  const checkpoints: Collection<CheckpointDocument> = database.collection('checkpoints');
  return {
    read: async (names) => {
      const found = await checkpoints.find({ _id: { $in: [...names] } }).toArray();
      return new Map(
        found.map(({ _id, commit, prepare }) => [
          _id,
          { commit: BigInt(commit), prepare: BigInt(prepare) },
        ]),
      );
    },
    write: async (names, { commit, prepare }, now) => {
      const $set = { commit: commit.toString(), prepare: prepare.toString(), at: now };
      await checkpoints.bulkWrite(
        names.map((name) => ({
          updateOne: { filter: { _id: name }, update: { $set }, upsert: true },
        })),
        { ordered: false },
      );
    },
  };
};
