/** The thread that the server runs in: its commits wait for the disk, so it gets its own loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { startServer, type ServerOptions } from './server.ts';

/** What the worker tells its parent. */
export type WorkerMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string };

const parent = parentPort;
if (parent === null) throw new Error('This module is started as a worker thread.');

const tell = (message: WorkerMessage): void => parent.postMessage(message);

try {
  const server = await startServer(workerData as ServerOptions);
  parent.once('message', () => {
    void server.close().finally(() => parent.close());
  });
  tell({ kind: 'listening', port: server.port });
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  parent.close();
}
