/** Lets writers go on, or holds them before their next write until what is under way has ended. */
export interface Gate {
  /** Counts a write as under way while it runs; waits first while the gate is closed. */
  pass<T>(write: () => Promise<T>): Promise<T>;
  open(): void;
  /** Closes; resolves once nothing is under way. */
  close(): Promise<void>;
}

export const createGate = (): Gate => {
  let opened = Promise.withResolvers<undefined>();
  let idle = Promise.withResolvers<undefined>();
  let underWay = 0;
  let isOpen = false;
  return {
    pass: async (write) => {
      while (!isOpen) await opened.promise;
      underWay++;
      try {
        return await write();
      } finally {
        underWay--;
        if (underWay === 0) idle.resolve(undefined);
      }
    },
    open: () => {
      isOpen = true;
      opened.resolve(undefined);
    },
    close: async () => {
      isOpen = false;
      opened = Promise.withResolvers();
      while (underWay > 0) {
        idle = Promise.withResolvers();
        await idle.promise;
      }
    },
  };
};
