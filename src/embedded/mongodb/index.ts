import { once } from 'node:events';
import { isIP } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { WorkerNews, WorkerStart } from './worker.ts';

/** A running embedded server that speaks MongoDB's wire protocol. */
export interface EmbeddedMongo {
  /** The connection string for the `mongodb` driver. */
  readonly url: string;
  readonly port: number;
  /** Commits what is under way, closes all connections and stops the thread. */
  close(): Promise<void>;
}

/** Where an embedded server stores and listens. */
export interface EmbeddedMongoOptions {
  /** The folder of the file `mongodb.db`; made when missing. */
  readonly dataDir: string;
  /** Default 0: a free port. */
  readonly port?: number;
  /** A loopback address; default 127.0.0.1. There is no authentication, so nothing else is taken. */
  readonly host?: string;
}

/**
 * Starts the server in a worker thread; resolves once it listens.
 * Throws when the address isn't loopback or taken, or when the file can't be opened.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { dataDir, port = 0, host = '127.0.0.1' } = options;
  if (!isLoopback(host)) {
    throw new Error(`the embedded MongoDB server listens on loopback only, not on ${host}`);
  }
  const start: WorkerStart = { dataDir, host, port };
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./worker${extension}`, import.meta.url), {
    workerData: start,
    execArgv: ['--no-warnings'],
  });
  const [news] = (await once(worker, 'message')) as [WorkerNews];
  if (news.kind !== 'listening') {
    await worker.terminate();
    const reason = news.kind === 'failed' ? news.message : 'it closed at once';
    throw new Error(`the embedded MongoDB server could not start: ${reason}`);
  }
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `mongodb://${name}:${news.port}/?directConnection=true`,
    port: news.port,
    close: async () => {
      const exited = once(worker, 'exit');
      worker.postMessage('close');
      await exited;
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
