import { setTimeout as after } from 'node:timers/promises';
import type { Collection, MongoClient } from 'mongodb';
import type { MongoProcess } from '../../tools/mongoProcess.ts';
import type { Notification } from './documents.ts';
import { percentile, round } from './measure.ts';

const pipeline = [
  {
    $group: {
      _id: '$status',
      count: { $sum: 1 },
      total: { $sum: '$amount' },
      mean: { $avg: '$amount' },
    },
  },
];

/** One aggregation over everything; the median of five runs. */
export const groupAll = async (server: MongoProcess, collection: Collection<Notification>) => {
  const before = server.cpuMs();
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    await collection.aggregate(pipeline).toArray();
    times.push(performance.now() - started);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return {
    medianMs: Math.round(percentile(sorted, 0.5)),
    worstMs: Math.round(sorted.at(-1) ?? 0),
    serverCpuMs: Math.round((server.cpuMs() - before) / times.length),
  };
};

/** How long pings and single updates take while an aggregation over everything runs, and without it. */
export const stallBeside = async (client: MongoClient, collection: Collection<Notification>) => {
  const probe = async (isOver: () => boolean) => {
    const pings: number[] = [];
    const writes: number[] = [];
    for (let i = 0; !isOver(); i++) {
      const started = performance.now();
      await client.db('admin').command({ ping: 1 });
      const between = performance.now();
      await collection.updateOne({ _id: 'probe' }, { $set: { v: i } }, { upsert: true });
      pings.push(between - started);
      writes.push(performance.now() - between);
      await after(2);
    }
    const worst = (list: readonly number[]) => round(Math.max(0, ...list));
    return { probes: pings.length, worstPingMs: worst(pings), worstWriteMs: worst(writes) };
  };
  const until = performance.now() + 1_500;
  const without = await probe(() => performance.now() > until);
  let running = true;
  const reading = (async () => {
    for (let i = 0; i < 3; i++) await collection.aggregate(pipeline).toArray();
    running = false;
  })();
  const beside = await probe(() => !running);
  await reading;
  return { without, beside };
};
