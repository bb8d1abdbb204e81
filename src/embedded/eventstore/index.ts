/**
 * The embedded event store: a single node that speaks EventStoreDB's gRPC protocol on loopback,
 * durable in one SQLite file. It serves the unmodified client; it is not EventStoreDB.
 */
import { Worker } from 'node:worker_threads';
import type { ServerOptions } from './server.ts';
import type { WorkerMessage, WorkerRequest } from './worker.ts';

export { restoreStore as restoreEventStore } from './operations/backup.ts';
export {
  backupDataDir as backupEventStore,
  scavengeDataDir as scavengeEventStore,
} from './operations/operate.ts';
export { verifyStore as verifyEventStore } from './operations/verify.ts';

/** A running server. */
export interface EmbeddedEventStore {
  /** Connection string for the client: `esdb://127.0.0.1:PORT?tls=false`. */
  readonly url: string;
  readonly port: number;
  /** Copies the store into a new folder while it goes on serving. */
  backup(folder: string): Promise<void>;
  /** Removes expired, truncated and deleted events; resolves with their number. */
  scavenge(): Promise<number>;
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
  const worker = new Worker(new URL(`./worker${extension}`, import.meta.url), {
    workerData,
    // Short-lived buffers need no more room than this; the default keeps 48 MB of it for each thread.
    resourceLimits: { maxYoungGenerationSizeMb: 12 },
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const bound = await listening(worker);
  const ask = createAsk(worker);
  return {
    url: `esdb://${host.includes(':') ? `[${host}]` : host}:${bound}?tls=false`,
    port: bound,
    async backup(folder) {
      await ask((number) => ({ kind: 'backup', number, folder }));
    },
    scavenge: () => ask((number) => ({ kind: 'scavenge', number })),
    async close() {
      worker.postMessage({ kind: 'close' } satisfies WorkerRequest);
      await exited;
    },
  };
}

function listening(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: WorkerMessage) => {
      // From here on an error of the worker is thrown: a log that stopped is no state to go on in.
      worker.off('error', reject);
      if (message.kind === 'listening') resolve(message.port);
      else if (message.kind === 'failed') {
        reject(new Error(`The embedded event store didn't start: ${message.message}`));
      }
    });
  });
}

type Ask = (request: (number: number) => WorkerRequest) => Promise<number>;

/** Requests to the worker, matched with their answers by number. */
function createAsk(worker: Worker): Ask {
  const waiting = new Map<number, (message: WorkerMessage) => void>();
  let last = 0;
  worker.on('message', (message: WorkerMessage) => {
    if (message.kind !== 'answer' && message.kind !== 'refusal') return;
    waiting.get(message.number)?.(message);
    waiting.delete(message.number);
  });
  return (request) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, (message) => {
        if (message.kind === 'answer') resolve(message.result);
        else if (message.kind === 'refusal') reject(new Error(message.message));
      });
      worker.postMessage(request(last));
    });
}
