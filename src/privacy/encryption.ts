import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

/** A personal field as it is stored: AES-256-GCM under a key of its subject (facts G3). */
export interface EncryptedField {
  readonly $enc: 1;
  readonly kid: string;
  /** Base64. */
  readonly iv: string;
  readonly ct: string;
  readonly tag: string;
}

/** A data key of one subject. */
export interface SubjectKey {
  readonly kid: string;
  /** 32 bytes; parsed once, since parsing costs more than encrypting a short field. */
  readonly key: KeyObject;
}

export const isEncrypted = (value: unknown): value is EncryptedField =>
  typeof value === 'object' && value !== null && (value as { $enc?: unknown }).$enc === 1;

const algorithm = 'aes-256-gcm';
// Without it node accepts tags of four bytes (facts G4).
const authTagLength = 16;

const ivBytes = 12;
let drawn = Buffer.alloc(0);
let taken = 0;

/** Drawn from the system many at a time: one draw costs more than the encryption of a short field. */
const newIv = (): Buffer => {
  if (taken === drawn.length) {
    drawn = randomBytes(ivBytes * 512);
    taken = 0;
  }
  taken += ivBytes;
  return drawn.subarray(taken - ivBytes, taken);
};

/**
 * Encrypts any JSON value. `place` is bound to the ciphertext, so that it can't be moved to another
 * event, field or subject.
 */
export const encryptField = (
  value: unknown,
  { kid, key }: SubjectKey,
  place: string,
): EncryptedField => {
  const iv = newIv();
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength });
  cipher.setAAD(Buffer.from(place));
  const ct = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return {
    $enc: 1,
    kid,
    iv: iv.toString('base64'),
    ct: ct.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
};

/** @throws Error when the ciphertext, its place or the key is not the one it was made with */
export const decryptField = (field: EncryptedField, key: KeyObject, place: string): unknown => {
  const decipher = createDecipheriv(algorithm, key, Buffer.from(field.iv, 'base64'), {
    authTagLength,
  });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(Buffer.from(field.tag, 'base64'));
  const text = Buffer.concat([decipher.update(Buffer.from(field.ct, 'base64')), decipher.final()]);
  return JSON.parse(text.toString('utf8'));
};
