import { createCodec, type Codec } from '../../src/eventstore/codec.ts';
import { createCiphers } from '../../src/privacy/ciphers.ts';
import {
  createSubjectKeys,
  type KeyStore,
  type SubjectKeys,
  type WrappedKey,
} from '../../src/privacy/subjectKeys.ts';

/** Wrapped keys in memory; counts its calls, fails on demand. */
export interface MemoryKeyStore extends KeyStore {
  readonly rows: ReadonlyMap<string, WrappedKey>;
  readonly calls: { find: number; add: number };
  destroy(subject: string): void;
  /** Makes every further call fail; undefined mends it. */
  fail(error: Error | undefined): void;
}

export const createMemoryKeyStore = (): MemoryKeyStore => {
  const rows = new Map<string, WrappedKey>();
  const calls = { find: 0, add: 0 };
  let broken: Error | undefined;
  const answer = async <T>(result: () => T): Promise<T> => {
    await Promise.resolve();
    if (broken) throw broken;
    return result();
  };
  return {
    rows,
    calls,
    find: (subjects) => {
      calls.find += 1;
      return answer(() => subjects.flatMap((subject) => rows.get(subject) ?? []));
    },
    add: (keys) => {
      calls.add += 1;
      return answer(() => {
        for (const key of keys) if (!rows.has(key.subject)) rows.set(key.subject, key);
      });
    },
    destroy: (subject) => {
      const row = rows.get(subject);
      if (row) rows.set(subject, { ...row, wrapped: null });
    },
    fail: (error) => {
      broken = error;
    },
  };
};

/** A master key that protects nothing. */
export const testMasterKey = Buffer.alloc(32, 7);

/** The codec with keys in memory. */
export const createTestCodec = (
  store = createMemoryKeyStore(),
): { readonly codec: Codec; readonly keys: SubjectKeys; readonly store: MemoryKeyStore } => {
  const keys = createSubjectKeys(store, testMasterKey);
  return { codec: createCodec(createCiphers(keys)), keys, store };
};
