import { decryptField, encryptField, isEncrypted, type SubjectKey } from './encryption.ts';
import type { SubjectKeys } from './subjectKeys.ts';

/** The ciphers of the event codec, one per subject. */
export const createCiphers = (keys: SubjectKeys) => {
  const cipherOf = (key: SubjectKey) => ({
    encrypt: (value: unknown, place: string): unknown => encryptField(value, key, place),
    decrypt: (value: unknown, place: string): unknown =>
      // A field under a key that this subject no longer has can't be read by any other.
      isEncrypted(value) && value.kid === key.kid ? decryptField(value, key.key, place) : undefined,
  });
  const ciphersOf = (found: ReadonlyMap<string, SubjectKey>) =>
    new Map([...found].map(([subject, key]) => [subject, cipherOf(key)]));
  return {
    forWriting: async (subjects: readonly string[]) => ciphersOf(await keys.keysFor(subjects)),
    forReading: async (subjects: readonly string[]) => ciphersOf(await keys.existing(subjects)),
    isEncrypted: (value: unknown): boolean => isEncrypted(value),
  };
};
