import { createSecretKey } from 'node:crypto';
import type { SubjectKey } from '../../src/privacy/encryption.ts';
import type { SubjectKeys } from '../../src/privacy/subjectKeys.ts';

/** The one key of the golden files' one subject; it protects nothing. */
const key: SubjectKey = { kid: 'golden', key: createSecretKey(Buffer.alloc(32, 'golden')) };

const keysOf = (subjects: readonly string[]) =>
  Promise.resolve(new Map(subjects.map((subject) => [subject, key])));

export const goldenKeys: SubjectKeys = { existing: keysOf, keysFor: keysOf };
