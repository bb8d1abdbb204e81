import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import type { Database } from './database.ts';

/** A permit, or the moment at which there may be one again, in milliseconds since the epoch. */
export type Taken =
  | {
      readonly granted: true;
      /** For what was not done after all. */
      giveBack(): Promise<void>;
    }
  | { readonly granted: false; readonly retryAt: number };

/** At most so many permits per key within any so many seconds, wherever they begin, by all processes. */
export interface SlidingLimit {
  /**
   * @param insured what to do while the store doesn't answer: count in this process alone, or grant nothing
   */
  take(key: string, insured: boolean): Promise<Taken>;
}

export interface SlidingRate {
  readonly most: number;
  readonly perSeconds: number;
}

export interface RateLimits {
  of(name: string, rate: SlidingRate): SlidingLimit;
}

/** Up to so many permits, each is a slot of its own; above, time is cut into pieces. */
const mostSlots = 20;
const pieces = 10;
/** A permit is used within this share of the window, at most a second, after it was taken. */
const graceShare = 0.1;
/** Without an answer of the store, it is left alone for a while. */
const restMs = 5_000;
const busySlotsKept = 20_000;

interface Consumed {
  readonly granted: boolean;
  readonly msBeforeNext: number;
  /** Nobody could be asked. */
  readonly unknown?: true;
}

/** The library's counters in MongoDB, which all processes share. */
export const openRateLimits = async (database: Database): Promise<RateLimits> => {
  const tableName = 'rate_limits';
  await database.collection(tableName).createIndexes([
    { key: { key: 1 }, unique: true },
    { key: { expire: -1 }, expireAfterSeconds: 0 },
  ]);
  let restsUntil = 0;

  /** One fixed window per key, of the library; in this process alone while the store is down. */
  const windows = (keyPrefix: string, points: number, duration: number) => {
    const settings = { keyPrefix, points, duration };
    const client = { storeClient: database.db, tableName, disableIndexesCreation: true };
    const shared = new RateLimiterMongo({ ...client, ...settings });
    let alone: RateLimiterMemory | undefined;
    const consume = async (key: string, count: number, insured: boolean): Promise<Consumed> => {
      const ask = async (limiter: RateLimiterMongo | RateLimiterMemory): Promise<Consumed> => {
        try {
          const { msBeforeNext } = await limiter.consume(key, count);
          return { granted: true, msBeforeNext };
        } catch (refusal) {
          if (!(refusal instanceof RateLimiterRes)) throw refusal;
          return { granted: false, msBeforeNext: refusal.msBeforeNext };
        }
      };
      if (Date.now() >= restsUntil) {
        try {
          return await ask(shared);
        } catch {
          restsUntil = Date.now() + restMs;
        }
      }
      if (!insured) return { granted: false, msBeforeNext: restsUntil - Date.now(), unknown: true };
      return ask((alone ??= new RateLimiterMemory(settings)));
    };
    const giveBack = async (key: string) => {
      // Lost, it is free again when its window ends.
      await shared.delete(key).catch(() => undefined);
    };
    return { consume, giveBack };
  };

  /**
   * Each permit is a slot that is taken for one window: a slot is never taken twice within a window,
   * so no window, wherever it begins, holds more permits than there are slots (facts D23).
   */
  const slots = (name: string, { most, perSeconds }: SlidingRate): SlidingLimit => {
    const seconds = perSeconds + Math.min(perSeconds * graceShare, 1);
    const { consume, giveBack } = windows(name, 1, seconds);
    const busy = new LRUCache<string, number>({ max: busySlotsKept });
    return {
      take: async (key, insured) => {
        const first = Math.floor(Math.random() * most);
        let retryAt = Infinity;
        for (let nth = 0; nth < most; nth += 1) {
          const slot = `${key}/${(first + nth) % most}`;
          const known = busy.get(slot) ?? 0;
          if (known > Date.now()) {
            retryAt = Math.min(retryAt, known);
            continue;
          }
          const { granted, msBeforeNext, unknown } = await consume(slot, 1, insured);
          const until = Date.now() + msBeforeNext;
          if (unknown) return { granted: false, retryAt: until };
          busy.set(slot, until);
          if (granted) {
            return {
              granted,
              giveBack: async () => {
                busy.delete(slot);
                await giveBack(slot);
              },
            };
          }
          retryAt = Math.min(retryAt, until);
        }
        return { granted: false, retryAt };
      },
    };
  };

  /**
   * Time is cut into pieces of a ninth of the window, each with a tenth of the permits: a window meets at
   * most ten of them. Permits are fetched by the twentieth part of a piece, and lapse with it.
   */
  const pieced = (name: string, { most, perSeconds }: SlidingRate): SlidingLimit => {
    const points = Math.floor(most / pieces);
    const { consume } = windows(name, points, perSeconds / (pieces - 1));
    const chunk = Math.max(1, Math.floor(points / 20));
    const stocks = new LRUCache<string, { left: number; readonly until: number }>({ max: 1_000 });
    const fetching = new Map<string, Promise<Consumed>>();
    const fetchOnce = (key: string, insured: boolean): Promise<Consumed> => {
      const under = fetching.get(key) ?? consume(key, chunk, insured);
      fetching.set(key, under);
      return under.finally(() => fetching.delete(key));
    };
    const fromStock = (key: string): boolean => {
      const stock = stocks.get(key);
      if (!stock || stock.left === 0 || stock.until <= Date.now()) return false;
      stock.left -= 1;
      return true;
    };
    return {
      take: async (key, insured) => {
        while (!fromStock(key)) {
          const isMine = !fetching.has(key);
          const { granted, msBeforeNext } = await fetchOnce(key, insured);
          const until = Date.now() + msBeforeNext;
          if (!granted) return { granted, retryAt: until };
          if (isMine) stocks.set(key, { left: chunk, until });
        }
        return { granted: true, giveBack: () => Promise.resolve() };
      },
    };
  };

  return {
    of: (name, rate) => (rate.most <= mostSlots ? slots(name, rate) : pieced(name, rate)),
  };
};
