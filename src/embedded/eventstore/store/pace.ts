/** Lets appends through between the pages of readers, however many readers there are. */

/** Resolves when the caller may read its next page. */
export type Pace = () => Promise<void>;

/** Pages per turn of the event loop: about ten milliseconds, after which a commit gets its turn. */
const PAGES_PER_TURN = 4;

export function createPace(): Pace {
  let waiting: (() => void)[] = [];
  let scheduled = false;
  const schedule = (): void => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const woken = waiting.slice(0, PAGES_PER_TURN);
      waiting = waiting.slice(PAGES_PER_TURN);
      for (const resolve of woken) resolve();
      schedule();
    });
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      schedule();
    });
}
