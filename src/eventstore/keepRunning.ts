import type { Logger } from 'pino';
import { failureOf } from './failure.ts';

export interface KeepRunningPorts {
  readonly logger: Logger;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;

/**
 * Runs a task that follows a server until the signal is aborted. When it ends or fails, it is run again
 * after a pause that grows from 0.1 s to 10 s; progress, which the task reports, makes it short again.
 */
export const keepRunning = async (
  what: string,
  signal: AbortSignal,
  ports: KeepRunningPorts,
  task: (progress: () => void) => Promise<void>,
): Promise<void> => {
  const stopped = () => signal.aborted;
  let pause = firstPauseMs;
  const progress = () => {
    pause = firstPauseMs;
  };
  while (!stopped()) {
    try {
      await task(progress);
    } catch (error) {
      if (stopped()) return;
      const reason = failureOf(error);
      ports.logger.warn(
        { reason },
        `${what} was interrupted; it tries again in ${pause / 1_000} s`,
      );
    }
    if (stopped()) return;
    await ports.wait(pause, signal);
    pause = Math.min(pause * 2, longestPauseMs);
  }
};
