import { hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What signs links in messages: it is good for ever. */
export type LinkSecret = 'unsubscribe' | 'preferences' | 'tracking';

/** One secret per purpose, so that a token of one kind is never good for another. */
export interface Secrets {
  readonly jwt: string;
  readonly deviceAck: string;
  readonly unsubscribe: string;
  readonly preferences: string;
  readonly tracking: string;
  readonly fingerprint: string;
  readonly contentHash: string;
  /** Keys the hashes of suppressed addresses. */
  readonly pepper: string;
  /** Those of secrets that were in use before: what was made with them must still be found. */
  readonly older: readonly Pick<Secrets, 'pepper' | LinkSecret>[];
  /** 32 bytes; wraps the subjects' keys. */
  readonly masterKey: Buffer;
}

/**
 * Derives every secret from the one that is configured. Where none is (development only), one is made and
 * kept in the data directory, readable by its owner alone.
 */
export const loadSecrets = async (given: {
  readonly secret: string | undefined;
  /** Secrets that were in use before. */
  readonly oldSecrets?: readonly string[];
  readonly masterKey: string | undefined;
  readonly dataDir: string;
}): Promise<Secrets> => {
  const complete = given.secret !== undefined && given.masterKey !== undefined;
  const kept = complete ? undefined : await keptSecrets(given.dataDir);
  const root = given.secret ?? kept?.secret ?? '';
  const derive = (purpose: string, from = root): string =>
    Buffer.from(hkdfSync('sha256', from, 'tidings', purpose, 32)).toString('base64url');
  return {
    jwt: derive('jwt'),
    deviceAck: derive('device-ack'),
    unsubscribe: derive('unsubscribe'),
    preferences: derive('preferences'),
    tracking: derive('tracking'),
    fingerprint: derive('fingerprint'),
    contentHash: derive('content-hash'),
    pepper: derive('address-pepper'),
    older: (given.oldSecrets ?? []).map((secret) => ({
      pepper: derive('address-pepper', secret),
      unsubscribe: derive('unsubscribe', secret),
      preferences: derive('preferences', secret),
      tracking: derive('tracking', secret),
    })),
    masterKey: Buffer.from(given.masterKey ?? kept?.masterKey ?? '', 'base64'),
  };
};

interface Kept {
  readonly secret: string;
  readonly masterKey: string;
}

const keptSecrets = async (dataDir: string): Promise<Kept> => {
  const file = join(dataDir, 'secrets.json');
  await mkdir(dataDir, { recursive: true });
  const fresh: Kept = {
    secret: randomBytes(32).toString('base64url'),
    masterKey: randomBytes(32).toString('base64'),
  };
  const draft = `${file}.${randomUUID()}`;
  try {
    // Two processes that start together end up with the same secrets, and neither reads half a file.
    await writeFile(draft, JSON.stringify(fresh), { mode: 0o600, flush: true });
    await link(draft, file);
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return JSON.parse(await readFile(file, 'utf8')) as Kept;
};
