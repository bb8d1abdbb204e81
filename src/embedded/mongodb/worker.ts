import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase } from './store/database.ts';
import { serve } from './server.ts';

/** What the main thread tells the worker at its start. */
export interface WorkerStart {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
}

/** What the worker tells the main thread. */
export type WorkerNews =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'closed' };

const { dataDir, host, port } = workerData as WorkerStart;
const tell = (news: WorkerNews): void => parentPort?.postMessage(news);

try {
  mkdirSync(dataDir, { recursive: true });
  const db = openDatabase(join(dataDir, 'mongodb.db'), 'write');
  const server = await serve(db, host, port);
  parentPort?.once('message', () => {
    void server.close().then(() => {
      tell({ kind: 'closed' });
      parentPort?.close();
    });
  });
  tell({ kind: 'listening', port: server.port });
} catch (error) {
  tell({ kind: 'failed', message: (error as Error).message });
}
