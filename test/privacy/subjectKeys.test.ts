import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCiphers } from '../../src/privacy/ciphers.ts';
import type { EncryptedField } from '../../src/privacy/encryption.ts';
import { createSubjectKeys, type KeyStore } from '../../src/privacy/subjectKeys.ts';
import { createKeyCollection } from '../../src/readmodels/keys.ts';
import { openDatabase } from '../support/embedded.ts';
import { createMemoryKeyStore, testMasterKey } from '../support/keys.ts';

const place = 'user-ada|e1|UserRegistered|1|email';

describe('the key of a person', () => {
  test('is made at the first writing, never at reading', async () => {
    const store = createMemoryKeyStore();
    const keys = createSubjectKeys(store, testMasterKey);
    expect((await keys.existing(['ada'])).size).toBe(0);
    expect(store.calls.add).toBe(0);
    expect((await keys.keysFor(['ada'])).has('ada')).toBe(true);
    expect((await keys.existing(['ada'])).has('ada')).toBe(true);
  });

  test('is the same for every process, and another for every person', async () => {
    const store = createMemoryKeyStore();
    const [a, b] = [1, 2].map(() => createSubjectKeys(store, testMasterKey));
    const first = await a?.keysFor(['ada', 'bob', 'ada']);
    const second = await b?.keysFor(['ada']);
    expect(first?.size).toBe(2);
    expect(first?.get('ada')?.key.equals(second?.get('ada')?.key as never)).toBe(true);
    expect(first?.get('ada')?.key.equals(first.get('bob')?.key as never)).toBe(false);
  });

  test('is kept wrapped, bound to its person, and useless without the master key', async () => {
    const store = createMemoryKeyStore();
    const key = (await createSubjectKeys(store, testMasterKey).keysFor(['ada'])).get('ada');
    const row = store.rows.get('ada');
    if (!key || !row) throw new Error('there is no key');
    expect(JSON.stringify(row)).not.toContain(key.key.export().toString('base64'));
    const stranger = createSubjectKeys(store, randomBytes(32));
    await expect(stranger.existing(['ada'])).rejects.toThrow();
    const moved: KeyStore = {
      ...store,
      find: () => Promise.resolve([{ ...row, subject: 'eve' }]),
    };
    await expect(createSubjectKeys(moved, testMasterKey).existing(['eve'])).rejects.toThrow();
  });

  test('is asked for once and then remembered', async () => {
    const store = createMemoryKeyStore();
    const keys = createSubjectKeys(store, testMasterKey);
    await keys.keysFor(['ada']);
    const before = { ...store.calls };
    for (let n = 0; n < 5; n += 1) await keys.keysFor(['ada']);
    await keys.existing(['ada']);
    expect(store.calls).toEqual(before);
  });

  test('that was destroyed is gone for every process that starts, and never made again', async () => {
    const store = createMemoryKeyStore();
    await createSubjectKeys(store, testMasterKey).keysFor(['ada', 'bob']);
    store.destroy('ada');
    const fresh = createSubjectKeys(store, testMasterKey);
    expect([...(await fresh.existing(['ada', 'bob'])).keys()]).toEqual(['bob']);
    expect([...(await fresh.keysFor(['ada', 'bob'])).keys()]).toEqual(['bob']);
    expect(store.rows.get('ada')?.wrapped).toBeNull();
  });

  test('is not taken for destroyed when the store fails; it is there again when the store is', async () => {
    const store = createMemoryKeyStore();
    await createSubjectKeys(store, testMasterKey).keysFor(['ada']);
    const fresh = createSubjectKeys(store, testMasterKey);
    store.fail(new Error('the key store is down'));
    await expect(fresh.existing(['ada'])).rejects.toThrow('the key store is down');
    await expect(fresh.keysFor(['ada'])).rejects.toThrow('the key store is down');
    store.fail(undefined);
    expect((await fresh.existing(['ada'])).has('ada')).toBe(true);
  });
});

describe('the key of a person in MongoDB', () => {
  let opened: Awaited<ReturnType<typeof openDatabase>>;
  beforeAll(async () => {
    opened = await openDatabase();
  });
  afterAll(() => opened.close());

  test('is made once when sixteen processes need it at the same time', async () => {
    const processes = Array.from({ length: 16 }, () =>
      createSubjectKeys(createKeyCollection<EncryptedField>(opened.database), testMasterKey),
    );
    const found = await Promise.all(processes.map((keys) => keys.keysFor(['ada', 'bob'])));
    for (const subject of ['ada', 'bob']) {
      expect(new Set(found.map((keys) => keys.get(subject)?.kid)).size).toBe(1);
      expect(
        new Set(found.map((keys) => keys.get(subject)?.key.export().toString('hex'))).size,
      ).toBe(1);
    }
  });

  test('that was destroyed there stays destroyed', async () => {
    const collection = createKeyCollection<EncryptedField>(opened.database);
    await createSubjectKeys(collection, testMasterKey).keysFor(['eve']);
    await opened.database.db
      .collection<{ _id: string }>('subject_keys')
      .updateOne({ _id: 'eve' }, { $set: { wrapped: null } });
    expect((await createSubjectKeys(collection, testMasterKey).keysFor(['eve'])).size).toBe(0);
  });
});

describe('a cipher', () => {
  test('of one person opens what was written for that person, and nothing of another', async () => {
    const ciphers = createCiphers(createSubjectKeys(createMemoryKeyStore(), testMasterKey));
    const writing = await ciphers.forWriting(['ada', 'bob']);
    const reading = await ciphers.forReading(['ada', 'bob']);
    const stored = writing.get('ada')?.encrypt('ada@example.org', place);
    expect(ciphers.isEncrypted(stored)).toBe(true);
    expect(reading.get('ada')?.decrypt(stored, place)).toBe('ada@example.org');
    expect(reading.get('bob')?.decrypt(stored, place)).toBeUndefined();
    expect(reading.get('ada')?.decrypt('in clear', place)).toBeUndefined();
  });

  test('that reads does not make keys', async () => {
    const store = createMemoryKeyStore();
    const ciphers = createCiphers(createSubjectKeys(store, testMasterKey));
    expect((await ciphers.forReading(['ada'])).size).toBe(0);
    expect(store.rows.size).toBe(0);
  });
});
