import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes the data directory for this server alone, until `release` or the end of the process, however it ends.
 * Throws when another server has it: two writers would not see each other's row numbers and catalog.
 */
export function lockDirectory(dataDir: string): { release(): void } {
  const lock = new DatabaseSync(join(dataDir, 'mongodb.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new Error(`another server already serves ${dataDir}`, { cause });
  }
  return {
    release: () => {
      lock.close();
    },
  };
}
