import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadSecrets } from '../../src/privacy/secrets.ts';
import { temporaryFolder } from '../support/embedded.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const nothing = () => ({
  secret: undefined,
  masterKey: undefined,
  dataDir: join(folder.path, 'data'),
});
const configured = () => ({
  secret: 's'.repeat(32),
  masterKey: Buffer.alloc(32, 1).toString('base64'),
  dataDir: join(folder.path, 'data'),
});

describe('secrets that nobody configured', () => {
  test('are made once and are the same at the next start', async () => {
    expect(await loadSecrets(nothing())).toEqual(await loadSecrets(nothing()));
  });

  test('are the same in eight processes that start together', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(nothing())));
    expect(new Set(all.map((secrets) => JSON.stringify(secrets))).size).toBe(1);
  });

  test('are readable by their owner alone', async () => {
    const { dataDir } = nothing();
    await loadSecrets(nothing());
    const [file = ''] = await readdir(dataDir);
    const { mode } = await stat(join(dataDir, file));
    expect((mode & 0o777).toString(8)).toBe('600');
  });

  test('are others in another data directory', async () => {
    const other = { ...nothing(), dataDir: join(folder.path, 'other') };
    const [a, b] = await Promise.all([loadSecrets(nothing()), loadSecrets(other)]);
    expect(a.jwt).not.toBe(b.jwt);
    expect(a.masterKey.equals(b.masterKey)).toBe(false);
  });
});

describe('secrets', () => {
  test('are another for every purpose, and none is the one that was configured', async () => {
    const given = configured();
    const { masterKey, older, ...derived } = await loadSecrets(given);
    const values = Object.values(derived);
    expect(new Set(values).size).toBe(8);
    expect(older).toEqual([]);
    expect(values).not.toContain(given.secret);
    expect(values.every((value) => Buffer.from(value, 'base64url').length === 32)).toBe(true);
    expect(masterKey).toEqual(Buffer.alloc(32, 1));
  });

  test('that are configured leave nothing on the disk', async () => {
    await loadSecrets(configured());
    await expect(readdir(configured().dataDir)).rejects.toThrow('ENOENT');
  });

  test('follow from the one that is configured, wherever the program runs', async () => {
    const elsewhere = { ...configured(), dataDir: join(folder.path, 'elsewhere') };
    expect(await loadSecrets(configured())).toEqual(await loadSecrets(elsewhere));
    const changed = { ...configured(), secret: randomBytes(32).toString('hex') };
    expect((await loadSecrets(changed)).jwt).not.toBe((await loadSecrets(configured())).jwt);
  });

  test('that were in use before still give what outlives them', async () => {
    const oldSecret = 'o'.repeat(32);
    const before = await loadSecrets({ ...configured(), secret: oldSecret });
    const after = await loadSecrets({ ...configured(), oldSecrets: [oldSecret] });
    const { pepper, unsubscribe, preferences, tracking } = before;
    expect(after.older).toEqual([{ pepper, unsubscribe, preferences, tracking }]);
    expect(after.pepper).not.toBe(pepper);
  });

  test('of which one is missing take only that one from the data directory', async () => {
    const { secret, ...rest } = configured();
    const half = await loadSecrets({ ...rest, secret: undefined });
    expect(half.masterKey).toEqual(Buffer.alloc(32, 1));
    expect(half.jwt).not.toBe((await loadSecrets(configured())).jwt);
    const [file = ''] = await readdir(rest.dataDir);
    expect(await readFile(join(rest.dataDir, file), 'utf8')).not.toContain(secret);
  });
});
