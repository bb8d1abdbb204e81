/** Keeps what broadcasts put into the log within bounds. */
export interface Window {
  /**
   * Waits until there is room for some of `want` notifications.
   *
   * @param isWanted asked now and then while there is none
   * @returns how many may be asked for now; 0 when they are wanted no more
   */
  room(want: number, signal: AbortSignal, isWanted: () => Promise<boolean>): Promise<number>;
}

export interface WindowPorts {
  /** Requested and not yet taken up, whoever asked: the dispatchers' subscription knows. */
  undispatched(): Promise<number>;
  /** What dispatchers put off and are to try again within the minute, counted up to `most`. */
  putOff(most: number): Promise<number>;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  now(): number;
  /** Notifications that may wait at once. */
  readonly size: number;
}

const lookEveryMs = 15;
/** What is put off changes slowly, and its count costs a query. */
const putOffIsFreshMs = 500;
const askEveryMs = 1_000;

/**
 * An urgent message is behind at most `size` others: those that wait in the subscription, which hands
 * out in the order of the log, and those that a provider's trouble put off.
 */
export const createWindow = (ports: WindowPorts): Window => {
  const { size } = ports;
  /** Fewer are not worth a round. */
  const least = Math.ceil(size / 4);
  let putOff = { count: 0, at: Number.NEGATIVE_INFINITY };

  const occupied = async (): Promise<number> => {
    if (ports.now() - putOff.at >= putOffIsFreshMs) {
      putOff = { count: await ports.putOff(size), at: ports.now() };
    }
    return putOff.count >= size ? size : putOff.count + (await ports.undispatched());
  };

  return {
    room: async (want, signal, isWanted) => {
      let askAt = ports.now() + askEveryMs;
      for (;;) {
        const free = size - (await occupied());
        if (free >= Math.min(want, least)) return Math.min(want, free);
        await ports.wait(lookEveryMs, signal);
        if (signal.aborted) return 0;
        if (ports.now() < askAt) continue;
        askAt = ports.now() + askEveryMs;
        if (!(await isWanted())) return 0;
      }
    },
  };
};
