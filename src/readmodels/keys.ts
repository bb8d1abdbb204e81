import { type Database, isDuplicateKey } from './database.ts';

/** A subject's wrapped key, as `src/privacy` makes it. */
interface KeyDocument<W> {
  readonly _id: string;
  readonly kid: string;
  readonly wrapped: W | null;
}

/** Keeps wrapped subject keys in a database of their own, apart from the read models (facts G1). */
export const createKeyCollection = <W>(database: Database) => {
  const keys = database.collection<KeyDocument<W>>('subject_keys');
  return {
    find: async (subjects: readonly string[]) => {
      const found = await keys.find({ _id: { $in: [...subjects] } } as never).toArray();
      return found.map(({ _id: subject, kid, wrapped }) => ({
        subject,
        kid,
        wrapped: wrapped,
      }));
    },
    add: async (
      fresh: readonly {
        readonly subject: string;
        readonly kid: string;
        readonly wrapped: W | null;
      }[],
    ): Promise<void> => {
      const operations = fresh.map(({ subject, kid, wrapped }) => ({
        updateOne: {
          filter: { _id: subject },
          update: { $setOnInsert: { kid, wrapped } as never },
          upsert: true,
        },
      }));
      try {
        await keys.bulkWrite(operations, { ordered: false });
      } catch (error) {
        // Two that insert at once: the other one's key stands, and is read back.
        if (!isDuplicateKey(error)) throw error;
      }
    },
  };
};
