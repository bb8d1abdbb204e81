import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, or until the signal is aborted. */
export const wait = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
};
