import type { Readable } from 'node:stream';

/**
 * An object stream as batches: as many as are there, up to `max`, waiting at most `lingerMs` for a batch
 * to fill. The next batch is read only when the consumer asks for it, so a slow consumer slows the
 * stream. Ends with the stream; throws what the stream fails with.
 */
export async function* batchesOf<T>(
  stream: Readable,
  { max, lingerMs }: { readonly max: number; readonly lingerMs: number },
): AsyncGenerator<readonly T[]> {
  // A stream that was closed before anybody listened says nothing any more.
  const state: { failure?: { readonly error: unknown }; ended: boolean } = {
    ...(stream.errored ? { failure: { error: stream.errored } } : {}),
    ended: stream.closed,
  };
  let wake: () => void = () => undefined;
  const onReadable = () => wake();
  const onEnd = () => {
    state.ended = true;
    wake();
  };
  const onError = (error: unknown) => {
    state.failure ??= { error };
    wake();
  };
  stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', onError);
  const more = (timeoutMs: number | undefined) =>
    new Promise<void>((resolve) => {
      const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const next = () => stream.read() as T | null;

  try {
    for (;;) {
      const first = next();
      if (first === null) {
        if (state.failure) throw state.failure.error;
        if (state.ended) return;
        await more(undefined);
        continue;
      }
      const batch: T[] = [first];
      const until = performance.now() + lingerMs;
      while (batch.length < max) {
        const item = next();
        if (item !== null) {
          batch.push(item);
          continue;
        }
        const left = until - performance.now();
        if (left <= 0 || state.ended || state.failure) break;
        await more(left);
      }
      yield batch;
    }
  } finally {
    stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onError);
    stream.destroy();
  }
}
