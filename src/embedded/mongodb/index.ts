import { once } from 'node:events';
import { isIP } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { SlowCommand } from './router.ts';
import type { WorkerNews, WorkerStart } from './worker.ts';

export type { SlowCommand } from './router.ts';

/** A running embedded server that speaks MongoDB's wire protocol. */
export interface EmbeddedMongo {
  /** The connection string for the `mongodb` driver. */
  readonly url: string;
  /** The TCP port; 0 on a Unix socket. */
  readonly port: number;
  /** Commits what is under way, closes all connections and stops the threads. */
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
  /** The path of a Unix socket to listen on instead of a port. */
  readonly socket?: string;
  /** Commands that take at least this many milliseconds are told to `onSlow`; default 100. */
  readonly slowMs?: number;
  /** Called for each slow command; its `plan` says COLLSCAN when no index served it. */
  readonly onSlow?: (command: SlowCommand) => void;
}

/**
 * Starts the server in a worker thread; resolves once it listens.
 * Throws when the address isn't loopback or taken, or when the file can't be opened.
 */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { dataDir, port = 0, host = '127.0.0.1', socket, slowMs = 100 } = options;
  if (socket === undefined && !isLoopback(host)) {
    throw new Error(`the embedded MongoDB server listens on loopback only, not on ${host}`);
  }
  const address = socket === undefined ? { host, port } : { path: socket };
  const start: WorkerStart = {
    dataDir,
    address,
    slowMs: options.onSlow ? slowMs : Infinity,
  };
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./worker${extension}`, import.meta.url), {
    workerData: start,
    execArgv: ['--no-warnings'],
    // Short-lived buffers need no more room than this; the default keeps 48 MB of it for each thread.
    resourceLimits: { maxYoungGenerationSizeMb: 12 },
  });
  const [news] = (await once(worker, 'message')) as [WorkerNews];
  if (news.kind !== 'listening') {
    await worker.terminate();
    const reason = news.kind === 'failed' ? news.message : 'it closed at once';
    throw new Error(`the embedded MongoDB server could not start: ${reason}`);
  }
  worker.on('message', (later: WorkerNews) => {
    if (later.kind === 'slow') options.onSlow?.(later.slow);
  });
  let closing: Promise<void> | undefined;
  return {
    url: urlOf(socket, host, news.port),
    port: news.port,
    close: () => (closing ??= stop(worker)),
  };
}

async function stop(worker: Worker): Promise<void> {
  const exited = once(worker, 'exit');
  worker.postMessage('close');
  await exited;
}

/** Direct connection: the driver asks no further for members, and still finds a replica set's primary. */
function urlOf(socket: string | undefined, host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  const address = socket === undefined ? `${name}:${port}` : encodeURIComponent(socket);
  return `mongodb://${address}/?directConnection=true`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
