import { from, lastValueFrom, mergeMap, toArray } from 'rxjs';

/** Maps a finite list with at most `limit` calls under way, and keeps the order of the list. */
export const inParallel = async <T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> => {
  const results = await lastValueFrom(
    from(items).pipe(
      mergeMap(async (item, index) => ({ index, result: await task(item, index) }), limit),
      toArray(),
    ),
  );
  return results.sort((a, b) => a.index - b.index).map(({ result }) => result);
};
