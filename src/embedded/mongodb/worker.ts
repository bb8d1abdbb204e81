import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { createCounters } from './commands/status.ts';
import { startReadingThread } from './reading-thread.ts';
import { createRouter } from './router.ts';
import type { SlowCommand } from './router.ts';
import { serve } from './server.ts';
import type { Address } from './server.ts';
import { openDatabase } from './store/database.ts';
import { lockDirectory } from './store/lock.ts';
import { startExpiry } from './ttl.ts';
import { createWriter } from './writer.ts';

/** What the main thread tells the worker at its start. */
export interface WorkerStart {
  readonly dataDir: string;
  readonly address: Address;
  readonly slowMs: number;
}

/** What the worker tells the main thread. */
export type WorkerNews =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'slow'; readonly slow: SlowCommand };

const { dataDir, address, slowMs } = workerData as WorkerStart;
const tell = (news: WorkerNews): void => parentPort?.postMessage(news);

try {
  mkdirSync(dataDir, { recursive: true });
  const lock = lockDirectory(dataDir);
  const file = join(dataDir, 'mongodb.db');
  const db = openDatabase(file, 'write');
  const writer = createWriter(db);
  const counters = createCounters();
  const reading = startReadingThread(file, (error) => {
    throw new Error("the embedded MongoDB server's reading thread died", { cause: error });
  });
  const router = createRouter({
    db,
    writer,
    reading,
    counters,
    slowMs,
    slow: (slow) => {
      tell({ kind: 'slow', slow });
    },
  });
  const server = await serve(router, counters, address);
  const stopExpiry = startExpiry(db, writer);
  parentPort?.once('message', () => {
    stopExpiry();
    writer.commit();
    void Promise.all([server.close(), reading.close()]).then(() => {
      db.close();
      lock.release();
      parentPort?.close();
    });
  });
  tell({ kind: 'listening', port: server.port });
} catch (error) {
  tell({ kind: 'failed', message: (error as Error).message });
}
