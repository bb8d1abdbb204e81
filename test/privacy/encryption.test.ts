import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decryptField,
  type EncryptedField,
  encryptField,
  isEncrypted,
} from '../../src/privacy/encryption.ts';
import { steady } from '../support/spec.ts';

const keyOf = (kid: string) => ({ kid, key: createSecretKey(randomBytes(32)) });
const ours = keyOf('k1');
const place = 'user-ada|e1|UserRegistered|1|email';

const flipped = (base64: string): string => {
  const bytes = Buffer.from(base64, 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
};

describe('a personal field', () => {
  test('comes back as it was, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, where) => {
        const stored = encryptField(value, ours, where);
        const back = decryptField(stored, ours.key, where);
        expect(JSON.stringify(back)).toBe(JSON.stringify(value));
      }),
      steady,
    );
  });

  test('survives the trip through the store as JSON', () => {
    const stored = encryptField('Ada Ødegård', ours, place);
    const kept = JSON.parse(JSON.stringify(stored)) as EncryptedField;
    expect(isEncrypted(kept)).toBe(true);
    expect(decryptField(kept, ours.key, place)).toBe('Ada Ødegård');
  });

  test('never looks the same twice, and shows nothing of what it holds', () => {
    const first = encryptField('ada@example.org', ours, place);
    const second = encryptField('ada@example.org', ours, place);
    expect(first.iv).not.toBe(second.iv);
    expect(first.ct).not.toBe(second.ct);
    expect(JSON.stringify(first)).not.toContain('ada');
  });

  const stored = encryptField('ada@example.org', ours, place);
  test.each([
    ['ciphertext was changed', { ...stored, ct: flipped(stored.ct) }],
    ['nonce was changed', { ...stored, iv: flipped(stored.iv) }],
    ['tag was changed', { ...stored, tag: flipped(stored.tag) }],
    ['ciphertext was cut', { ...stored, ct: stored.ct.slice(0, 8) }],
    ['tag was cut to twelve bytes', { ...stored, tag: stored.tag.slice(0, 16) }],
    ['tag was cut to four bytes', { ...stored, tag: `${stored.tag.slice(0, 5)}A==` }],
    ['tag is missing', { ...stored, tag: '' }],
  ])('is rejected when its %s', (_what, forged) => {
    expect(() => decryptField(forged, ours.key, place)).toThrow();
  });

  test('is rejected at another place and under another key', () => {
    expect(() => decryptField(stored, ours.key, place.replace('ada', 'eve'))).toThrow();
    expect(() => decryptField(stored, ours.key, place.replace('email', 'phone'))).toThrow();
    expect(() => decryptField(stored, keyOf('k1').key, place)).toThrow();
  });
});

test.each([null, undefined, '', 'text', 7, {}, [], { $enc: 2 }, { $enc: '1' }])(
  'a value like %j is not taken for an encrypted field',
  (value) => {
    expect(isEncrypted(value)).toBe(false);
  },
);
