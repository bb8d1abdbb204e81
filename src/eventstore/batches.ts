import type { Readable } from 'node:stream';

/** How a stream is cut into batches. */
export interface Batching {
  /** Items in a batch at most. */
  readonly max: number;
  /** How long a batch may wait to fill, in milliseconds. */
  readonly lingerMs: number;
  /** How long instead while as many items come in a second: fuller batches cost less an item. */
  readonly busy?: { readonly perSecond: number; readonly lingerMs: number };
}

/** A batch that fills is looked at so often: to be woken by each item would cost more than the item. */
const lookEveryMs = 10;

/**
 * An object stream as batches: as many as are there, up to `max`, waiting at most `lingerMs` for a batch
 * to fill. The next batch is read only when the consumer asks for it, so a slow consumer slows the
 * stream. Ends with the stream; throws what the stream fails with.
 */
export async function* batchesOf<T>(
  stream: Readable,
  { max, lingerMs, busy }: Batching,
): AsyncGenerator<readonly T[]> {
  // A stream that was closed before anybody listened says nothing any more.
  const state: { failure?: { readonly error: unknown }; ended: boolean } = {
    ...(stream.errored ? { failure: { error: stream.errored } } : {}),
    ended: stream.closed,
  };
  let wake: () => void = () => undefined;
  let filling = false;
  const onReadable = () => {
    if (!filling) wake();
  };
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
  let patience = lingerMs;

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
      const since = performance.now();
      const until = since + patience;
      filling = true;
      while (batch.length < max) {
        const item = next();
        if (item !== null) {
          batch.push(item);
          continue;
        }
        const left = until - performance.now();
        if (left <= 0 || state.ended || state.failure) break;
        await more(Math.min(left, lookEveryMs));
      }
      filling = false;
      const perSecond = (batch.length * 1_000) / Math.max(performance.now() - since, lingerMs);
      patience = busy && perSecond >= busy.perSecond ? busy.lingerMs : lingerMs;
      yield batch;
    }
  } finally {
    stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onError);
    stream.destroy();
  }
}
