import { Worker } from 'node:worker_threads';
import type { ReadJob, ReadResult } from './reading.ts';

/** The thread that runs reads which are too long to run beside the writes. */
export interface ReadingThread {
  read(body: Buffer, done: (result: ReadResult) => void): void;
  close(): Promise<void>;
}

/** Starts the reading thread on a store's file. `failed` is called if it dies. */
export function startReadingThread(file: string, failed: (error: unknown) => void): ReadingThread {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new Worker(new URL(`./reading${extension}`, import.meta.url), {
    workerData: { file },
    execArgv: ['--no-warnings'],
  });
  const waiting = new Map<number, (result: ReadResult) => void>();
  let last = 0;
  worker.on('message', (result: ReadResult) => {
    const done = waiting.get(result.id);
    waiting.delete(result.id);
    done?.(result);
  });
  worker.on('error', failed);
  return {
    read: (body, done) => {
      const id = ++last;
      waiting.set(id, done);
      const copy = Uint8Array.from(body);
      const job: ReadJob = { id, body: copy };
      worker.postMessage(job, [copy.buffer]);
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
