/** Bounds how often a peer may make us work for nothing. */

/** @returns a function that is called for each such event, and is true once there are too many. */
export function createBudget(burst: number, perSecond: number): () => boolean {
  let left = burst;
  let filledAt = Date.now();
  return () => {
    left -= 1;
    if (left >= 0) return false;
    const now = Date.now();
    left = Math.min(burst, left + Math.floor(((now - filledAt) * perSecond) / 1000));
    filledAt = now;
    return left < 0;
  };
}
