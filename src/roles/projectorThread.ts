import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config.ts';
import type { ProjectionStatus } from '../projections/projector.ts';

/** What the thread is started with. */
export interface ProjectorStart {
  /** With the addresses of both stores. */
  readonly config: Config;
}

/** What the thread says: how its projections stand, once a second. */
export type ProjectorNews = readonly ProjectionStatus[];

export interface ProjectorThread {
  status(): readonly ProjectionStatus[];
  close(): Promise<void>;
}

/**
 * Runs the role `projector` in a thread of its own: folding and writing read models takes time that the
 * API's thread has not to spare. Alone in its process, the
 * role needs no thread; see `startProjector`.
 */
export const startProjectorThread = (config: Config): ProjectorThread => {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const workerData: ProjectorStart = { config };
  const worker = new Worker(new URL(`./projectorWorker${extension}`, import.meta.url), {
    workerData,
    execArgv: ['--no-warnings'],
    resourceLimits: { maxYoungGenerationSizeMb: 12 },
  });
  const exited = once(worker, 'exit');
  let statuses: readonly ProjectionStatus[] = [];
  worker.on('message', (news: ProjectorNews) => {
    statuses = news;
  });
  return {
    status: () => statuses,
    close: async () => {
      worker.postMessage('close');
      await exited;
    },
  };
};
