import type { Logger } from 'pino';

/** What is closed first: the doors, then the work under way, then what the work needs. */
const stages = ['doors', 'work', 'providers', 'stores'] as const;
export type Stage = (typeof stages)[number];

/** The end of a program, in order. */
export interface Lifecycle {
  /** Aborted when the program is to stop: nothing new is taken up. */
  readonly closing: AbortSignal;
  /** Within a stage, what was opened last is closed first. */
  onClose(stage: Stage, closer: () => Promise<void>): void;
  /** A task that ends when `closing` is aborted; closing waits for it in the stage `work`. */
  running(task: Promise<void>): void;
  close(): Promise<void>;
}

export const openLifecycle = (logger: Logger): Lifecycle => {
  const ending = new AbortController();
  const closers: { readonly stage: Stage; readonly closer: () => Promise<void> }[] = [];
  const onClose: Lifecycle['onClose'] = (stage, closer) => void closers.unshift({ stage, closer });
  return {
    closing: ending.signal,
    onClose,
    running: (task) => onClose('work', () => task),
    close: async () => {
      ending.abort();
      for (const stage of stages) {
        for (const entry of closers.filter((one) => one.stage === stage)) {
          await entry.closer().catch((error: unknown) => {
            const reason = error instanceof Error ? error.name : typeof error;
            logger.warn({ reason }, 'something could not be closed');
          });
        }
      }
    },
  };
};
