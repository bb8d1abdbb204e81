/** Copies of a store: taken while it runs, put back while it doesn't. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backup } from 'node:sqlite';
import { FILE_NAME } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import { assertSound } from './verify.ts';

/** Pages copied at a time, between which the server serves. */
const PAGES_PER_STEP = 64;

/**
 * Copies the store as of now into `folder`, which is created. Appends go on meanwhile.
 * Rejects when the folder holds a backup already.
 */
export async function backupStore(store: Store, folder: string): Promise<void> {
  const target = join(folder, FILE_NAME);
  if (existsSync(target)) throw new Error(`${target} exists already.`);
  mkdirSync(folder, { recursive: true });
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { force: true });
  await backup(store.database.connection, unfinished, { rate: PAGES_PER_STEP });
  renameSync(unfinished, target);
}

/**
 * Puts a backup into `dataDir`, which must hold no store. The backup is verified first.
 * Throws when it is damaged or something is in its place.
 */
export function restoreStore(folder: string, dataDir: string): void {
  const target = join(dataDir, FILE_NAME);
  if (existsSync(target)) throw new Error(`${target} exists already: move it away first.`);
  assertSound(folder);
  mkdirSync(dataDir, { recursive: true });
  const unfinished = `${target}.unfinished`;
  copyFileSync(join(folder, FILE_NAME), unfinished);
  renameSync(unfinished, target);
}
