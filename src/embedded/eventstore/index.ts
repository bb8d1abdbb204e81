/**
 * The embedded event store: a single node that speaks EventStoreDB's gRPC protocol on loopback,
 * durable in one SQLite file. It serves the unmodified client; it is not EventStoreDB.
 */
import { Worker } from 'node:worker_threads';
import type { ServerOptions } from './server.ts';
import type { WorkerMessage } from './worker.ts';

/** A running server. */
export interface EmbeddedEventStore {
  /** Connection string for the client: `esdb://127.0.0.1:PORT?tls=false`. */
  readonly url: string;
  readonly port: number;
  /** Ends every call, writes what is pending, and closes the file. */
  close(): Promise<void>;
}

export interface EmbeddedEventStoreOptions {
  /** Created when missing; the file `eventstore.db` is kept in it. */
  readonly dataDir: string;
  /** Default 0: a free port. */
  readonly port?: number;
  /** Loopback only. Default 127.0.0.1. */
  readonly host?: string;
}

/**
 * Starts the server in a worker thread; resolves once it listens. Rejects when the port or the
 * file is in use, the host isn't loopback, or the file is damaged.
 */
export async function startEmbeddedEventStore(
  options: EmbeddedEventStoreOptions,
): Promise<EmbeddedEventStore> {
  const { dataDir, port = 0, host = '127.0.0.1' } = options;
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const workerData: ServerOptions = { dataDir, host, port };
  const worker = new Worker(new URL(`./worker${extension}`, import.meta.url), { workerData });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const bound = await new Promise<number>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: WorkerMessage) => {
      if (message.kind === 'listening') resolve(message.port);
      else reject(new Error(`The embedded event store didn't start: ${message.message}`));
    });
  });
  worker.removeAllListeners('error');
  return {
    url: `esdb://${host.includes(':') ? `[${host}]` : host}:${bound}?tls=false`,
    port: bound,
    async close() {
      worker.postMessage('close');
      await exited;
    },
  };
}
