import { setTimeout as after } from 'node:timers/promises';
import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  Long,
  type MongoClient,
  MongoServerError,
} from 'mongodb';
import type { Gate } from './gate.ts';
import type { Ledger } from './ledger.ts';

export interface Kept extends Document {
  readonly _id: string;
}

/** The indexes that are held against a scan; the first is unique. */
export const INDEXES = [{ u: 1 }, { status: 1, n: -1 }, { tags: 1 }] as const;

const LANES = 8;
const BULK = 50;

const body = (_id: string, n: number): Document => ({
  u: _id,
  n,
  status: `s${n % 3}`,
  tags: [`t${n % 5}`, 'all'],
});

/** A lane writes one after the other until it is stopped, and notes what it was told. */
interface Lanes {
  stop(): Promise<void>;
}

/** Starts the writers; each write passes the gate. */
export const startWriters = (
  client: MongoClient,
  collection: Collection<Kept>,
  gate: Gate,
  ledger: Ledger,
): Lanes => {
  let stopped = false;

  /** Runs a write; answers its result, or undefined when its fate is unknown. */
  const attempt = async <T>(what: string, write: () => Promise<T>): Promise<T | undefined> => {
    try {
      const result = await gate.pass(write);
      ledger.accepted++;
      return result;
    } catch (error) {
      const { message, code } = error as Error & { code?: number };
      // The server's own refusals aren't explained by its death: a retried write applied twice would be one.
      if (code === 11000) ledger.problems.push(`${what}: ${message}`);
      ledger.inDoubt++;
      return undefined;
    }
  };

  const increments = async (lane: number) => {
    const _id = `counter-${lane}`;
    const counter = { acknowledged: 0, inDoubt: 0 };
    ledger.counters.set(_id, counter);
    for (let n = 0; !stopped; n++) {
      const done = await attempt('increment', () =>
        collection.findOneAndUpdate(
          { _id },
          { $inc: { count: 1 }, $set: body(_id, n) },
          { upsert: true, returnDocument: 'after' },
        ),
      );
      if (!done) counter.inDoubt++;
      else counter.acknowledged++;
      const least = counter.acknowledged;
      const count: unknown = done?.['count'];
      if (typeof count === 'number' && (count < least || count > least + counter.inDoubt)) {
        ledger.problems.push(`${_id} was told ${count} after ${least} increments`);
      }
    }
  };

  /**
   * Sends each increment under its session and number again and again until it is answered, as drivers do:
   * of these none may be missing or doubled, whatever was killed between the commit and the answer.
   */
  const repeated = async (lane: number) => {
    const _id = `repeated-${lane}`;
    const counter = { acknowledged: 0, inDoubt: 0 };
    ledger.counters.set(_id, counter);
    const session = client.startSession();
    const send = async (n: number): Promise<void> => {
      for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
        try {
          await collection.db.command(
            {
              update: collection.collectionName,
              updates: [
                { q: { _id }, u: { $inc: { count: 1 }, $set: body(_id, n) }, upsert: true },
              ],
              txnNumber: Long.fromNumber(n),
            },
            { session },
          );
          return;
        } catch (error) {
          if (error instanceof MongoServerError) ledger.problems.push(`repeated: ${error.message}`);
          ledger.resent++;
          await after(pause);
        }
      }
    };
    for (let n = 1; !stopped; n++) {
      await gate.pass(() => send(n));
      counter.acknowledged++;
      ledger.accepted++;
    }
    await session.endSession();
  };

  const insertsAndDeletes = async (lane: number) => {
    const own: string[] = [];
    for (let n = 0; !stopped; n++) {
      const _id = `insert-${lane}-${n}`;
      ledger.inserts.set(_id, 'unknown');
      const made = await attempt('insert', () => collection.insertOne({ _id, ...body(_id, n) }));
      if (made) {
        ledger.inserts.set(_id, 'there');
        own.push(_id);
      }
      const old = own.length > 60 ? own.shift() : undefined;
      if (old === undefined) continue;
      ledger.inserts.set(old, 'unknown');
      const gone = await attempt('delete', () => collection.deleteOne({ _id: old }));
      if (gone) ledger.inserts.set(old, 'gone');
      if (gone?.deletedCount === 0) ledger.problems.push(`${old} was deleted before`);
    }
  };

  const bulks = async (lane: number) => {
    for (let n = 1; !stopped; n++) {
      const ids = Array.from({ length: BULK }, (_, i) => `bulk-${lane}-${(n % 4) * BULK + i}`);
      for (const id of ids) {
        const known = ledger.revisions.get(id);
        ledger.revisions.set(id, { acknowledged: known?.acknowledged ?? -1, tried: n });
      }
      const operations = ids.map((_id): AnyBulkWriteOperation<Kept> => ({
        replaceOne: { filter: { _id }, replacement: body(_id, n), upsert: true },
      }));
      const done = await attempt('bulk', () =>
        collection.bulkWrite(operations, { ordered: false }),
      );
      if (done) for (const id of ids) ledger.revisions.set(id, { acknowledged: n, tried: n });
    }
  };

  const lanes = Array.from({ length: LANES }, (_, lane) => [
    increments(lane),
    repeated(lane),
    insertsAndDeletes(lane),
    ...(lane < 2 ? [bulks(lane)] : []),
  ]);
  return {
    stop: async () => {
      stopped = true;
      gate.open();
      await Promise.all(lanes.flat());
    },
  };
};
