import type { ProviderName } from './faults.ts';
import type { Ledger, PendingCallback } from './ledger.ts';

/** How one vendor calls back. */
export interface Lane {
  readonly provider: ProviderName;
  /** Callbacks to the same URL that go out in one request. */
  readonly batch: number;
  /** Milliseconds that an incomplete batch waits for more. */
  readonly waitMs: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Delivers; true once the receiver has answered 2xx. Never rejects. */
  send(url: string, callbacks: readonly PendingCallback[]): Promise<boolean>;
}

export interface CallbackPump {
  /** Call after callbacks were written to the ledger. */
  wake(): void;
  close(): void;
}

const TICK_MS = 20;
const HELD = 500;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

/**
 * Sends what the ledger holds, until the receiver takes it: one transaction per tick for all that succeeded, failed and
 * fell due. A failed batch comes again after 250 ms, then twice as long each time, up to 30 s.
 */
export function createCallbackPump(ledger: Ledger, lanes: readonly Lane[]): CallbackPump {
  const done: number[] = [];
  const postponed: PendingCallback[] = [];
  const runners = lanes.map((lane) => createRunner(lane, done, postponed));
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const settle = (): void => {
    if (done.length === 0 && postponed.length === 0) return;
    ledger.write({ done: done.splice(0), postponed: postponed.splice(0) });
  };
  const tick = (): void => {
    timer = undefined;
    if (closed) return;
    settle();
    const now = Date.now();
    for (const runner of runners) {
      const room = runner.room();
      if (room > 0) runner.take(ledger.claim(runner.lane.provider, now, room), now);
    }
    wake();
  };
  const wake = (): void => {
    if (timer === undefined && !closed && ledger.pending() > 0) timer = setTimeout(tick, TICK_MS);
  };

  return {
    wake,
    close: () => {
      closed = true;
      clearTimeout(timer);
      settle();
    },
  };
}

interface Runner {
  readonly lane: Lane;
  /** How many more callbacks may be taken. */
  room(): number;
  take(callbacks: readonly PendingCallback[], now: number): void;
}

function createRunner(lane: Lane, done: number[], postponed: PendingCallback[]): Runner {
  const waiting = new Map<string, { since: number; callbacks: PendingCallback[] }>();
  let held = 0;
  let underWay = 0;

  const send = async (url: string, callbacks: readonly PendingCallback[]): Promise<void> => {
    underWay += 1;
    const taken = await lane.send(url, callbacks);
    underWay -= 1;
    held -= callbacks.length;
    if (taken) done.push(...callbacks.map(({ id }) => id));
    else postponed.push(...callbacks.map(postpone));
    flush(Date.now());
  };
  const flush = (now: number): void => {
    for (const [url, { since, callbacks }] of waiting) {
      while (underWay < lane.concurrency && callbacks.length > 0) {
        if (callbacks.length < lane.batch && now - since < lane.waitMs) break;
        void send(url, callbacks.splice(0, lane.batch));
      }
      if (callbacks.length === 0) waiting.delete(url);
    }
  };

  return {
    lane,
    room: () => HELD - held,
    take: (callbacks, now) => {
      for (const callback of callbacks) {
        const same = waiting.get(callback.url);
        if (same === undefined) waiting.set(callback.url, { since: now, callbacks: [callback] });
        else same.callbacks.push(callback);
      }
      held += callbacks.length;
      flush(now);
    },
  };
}

function postpone(callback: PendingCallback): PendingCallback {
  const wait = Math.min(FIRST_RETRY_MS * 2 ** callback.tries, LAST_RETRY_MS);
  return { ...callback, tries: callback.tries + 1, dueAt: Date.now() + wait };
}
