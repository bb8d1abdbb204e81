import { createSecretKey, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  decryptField,
  type EncryptedField,
  encryptField,
  isEncrypted,
  type SubjectKey,
} from './encryption.ts';

/** A subject's key as it is kept: wrapped by the master key, or destroyed. */
export interface WrappedKey {
  readonly subject: string;
  readonly kid: string;
  readonly wrapped: EncryptedField | null;
}

/** Where wrapped keys are kept; apart from the log and from the read models (facts G1). */
export interface KeyStore {
  find(subjects: readonly string[]): Promise<readonly WrappedKey[]>;
  /** Keeps each key unless its subject has one already, whoever was first. */
  add(keys: readonly WrappedKey[]): Promise<void>;
}

/** Encrypts and decrypts the personal fields of events. */
export interface SubjectKeys {
  /** The key of each subject; a subject without one gets one. */
  keysFor(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>;
  /** The keys that exist. A subject that is missing here was erased: its data is gone. */
  existing(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>;
}

/** A destroyed key must be forgotten everywhere within a minute (facts G7). */
const cacheMs = 30_000;
/** More than are used within that time. */
const keysKept = 20_000;

/**
 * @param masterKey 32 bytes; wraps every subject's key and nothing else
 * @throws Error when the store can't be read: never mistaken for a destroyed key (facts G9)
 */
export const createSubjectKeys = (store: KeyStore, masterKey: Buffer): SubjectKeys => {
  const cache = new LRUCache<string, SubjectKey>({ max: keysKept, ttl: cacheMs });
  const master = { kid: 'master', key: createSecretKey(masterKey) };

  const unwrap = ({ subject, kid, wrapped }: WrappedKey): SubjectKey | undefined => {
    if (!isEncrypted(wrapped)) return undefined;
    const key = Buffer.from(
      decryptField(wrapped, master.key, `${subject}|${kid}`) as string,
      'base64',
    );
    return { kid, key: createSecretKey(key) };
  };

  const existing = async (subjects: readonly string[]): Promise<Map<string, SubjectKey>> => {
    const keys = new Map<string, SubjectKey>();
    const missing: string[] = [];
    for (const subject of new Set(subjects)) {
      const cached = cache.get(subject);
      if (cached) keys.set(subject, cached);
      else missing.push(subject);
    }
    if (missing.length === 0) return keys;
    for (const row of await store.find(missing)) {
      const key = unwrap(row);
      if (!key) continue;
      cache.set(row.subject, key);
      keys.set(row.subject, key);
    }
    return keys;
  };

  const create = (subject: string): WrappedKey => {
    const kid = randomBytes(9).toString('base64url');
    const key = randomBytes(32).toString('base64');
    return { subject, kid, wrapped: encryptField(key, master, `${subject}|${kid}`) };
  };

  return {
    existing,
    keysFor: async (subjects) => {
      const keys = await existing(subjects);
      const fresh = [...new Set(subjects)].filter((subject) => !keys.has(subject));
      if (fresh.length === 0) return keys;
      await store.add(fresh.map(create));
      // Read back: another process may have been first.
      for (const [subject, key] of await existing(fresh)) keys.set(subject, key);
      return keys;
    },
  };
};
