import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DriveNews, DriveOrder, DriveProgress, DriveResult } from './drive.ts';

/** What the driver's process says. */
export type DriverMessage =
  | { readonly kind: 'started' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'trouble'; readonly words: string }
  | ({ readonly kind: 'progress' } & DriveProgress)
  | { readonly kind: 'result'; readonly result: DriveResult }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Driver {
  /** @throws Error when the drive fails or its process ends without a result */
  run(order: DriveOrder, news: DriveNews): Promise<DriveResult>;
  close(): void;
}

/**
 * Drives the demo from a process of its own, as front ends do: what it costs to make requests and to
 * follow them is not Tidings', and mustn't take its main thread's time.
 */
export const startDriver = (): Driver => {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const file = fileURLToPath(new URL(`./driverProcess${extension}`, import.meta.url));
  const child: ChildProcess = fork(file, {
    execArgv: ['--no-warnings'],
    serialization: 'advanced',
  });
  return {
    run: (order, news) => {
      const result = new Promise<DriveResult>((resolve, reject) => {
        child.on('message', (message: DriverMessage) => {
          if (message.kind === 'started') news.onStarted();
          else if (message.kind === 'ended') news.onEnded();
          else if (message.kind === 'trouble') news.onTrouble(message.words);
          else if (message.kind === 'progress') news.onProgress(message);
          else if (message.kind === 'result') resolve(message.result);
          else reject(new Error(message.reason));
        });
        void once(child, 'exit').then(() => reject(new Error('the driver ended early')), reject);
      });
      child.send(order);
      return result;
    },
    close: () => {
      if (child.connected) child.disconnect();
    },
  };
};
