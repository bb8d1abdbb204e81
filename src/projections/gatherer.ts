/** Gathers items and hands them on together. */
export interface Gatherer<T> {
  /** Resolves at once, or when the gathered items are handed on because they have become too many. */
  add(items: readonly T[]): Promise<void>;
  /** Hands on what is there. */
  flush(): Promise<void>;
  /** Forgets what is there: whoever gathers anew must not meet it later. */
  discard(): void;
  /** Rejects when handing on failed; never resolves. */
  readonly failed: Promise<never>;
}

/**
 * Hands items on `forMs` after the first of them came, or when there are `most` of them: one call at a
 * time, in order. After a failure nothing is handed on any more.
 */
export const createGatherer = <T>(
  { most, forMs }: { readonly most: number; readonly forMs: number },
  handOn: (items: readonly T[]) => Promise<void>,
): Gatherer<T> => {
  let items: T[] = [];
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> = Promise.resolve();
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // Whoever adds or flushes hears of it, too.
  failed.catch(() => undefined);

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const taken = items;
    items = [];
    under = under.then(() => (taken.length > 0 ? handOn(taken) : undefined));
    under.catch(fail);
    return under;
  };

  return {
    failed,
    flush,
    discard: () => {
      clearTimeout(timer);
      items = [];
    },
    add: async (more) => {
      items.push(...more);
      if (items.length >= most) await flush();
      else if (items.length > 0) timer ??= setTimeout(() => void flush().catch(fail), forMs);
    },
  };
};
