/** The thread that the server runs in: its commits wait for the disk, so it gets its own loop. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { messageOf } from './errors.ts';
import { startServer, type Server, type ServerOptions } from './server.ts';

/** What the worker is asked; every request but `close` gets one answer with its number. */
export type WorkerRequest =
  | { readonly kind: 'backup'; readonly number: number; readonly folder: string }
  | { readonly kind: 'scavenge'; readonly number: number }
  | { readonly kind: 'close' };

/** What the worker tells its parent. */
export type WorkerMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'answer'; readonly number: number; readonly result: number }
  | { readonly kind: 'refusal'; readonly number: number; readonly message: string };

function requireParent(): MessagePort {
  if (parentPort === null) throw new Error('This module is started as a worker thread.');
  return parentPort;
}

const parent = requireParent();
const tell = (message: WorkerMessage): void => parent.postMessage(message);

function answer(number: number, result: Promise<number>): void {
  result.then(
    (value) => tell({ kind: 'answer', number, result: value }),
    (error: unknown) => tell({ kind: 'refusal', number, message: messageOf(error) }),
  );
}

function handle(server: Server, request: WorkerRequest): void {
  switch (request.kind) {
    case 'backup':
      answer(
        request.number,
        server.backup(request.folder).then(() => 0),
      );
      break;
    case 'scavenge':
      answer(request.number, server.scavenge());
      break;
    case 'close':
      void server.close().finally(() => parent.close());
      break;
  }
}

try {
  const server = await startServer(workerData as ServerOptions);
  parent.on('message', (request: WorkerRequest) => handle(server, request));
  tell({ kind: 'listening', port: server.port });
} catch (error) {
  tell({ kind: 'failed', message: messageOf(error) });
  parent.close();
}
