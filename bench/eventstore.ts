import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import { type EventStoreProcess, startEventStoreProcess } from '../tools/eventStoreProcess.ts';
import { appendFor } from './eventstore/appends.ts';
import { type BareDatabase, bareSync, openBareDatabase } from './eventstore/ceilings.ts';
import { fill } from './eventstore/fill.ts';
import { catchUp, consume, readAll } from './eventstore/reads.ts';
import type { BenchScenario } from './scenario.ts';

/** A type, not an interface: commander's options are a record. */
type Options = Readonly<{ events: number; read: number; seconds: number; folder: string }>;

const IN_FLIGHT = [1, 64, 512] as const;

type Say = (line: string) => void;

/** Tells each figure as it is there. */
const told = <Figure>(say: Say, what: string, figure: Figure): Figure => {
  say(`${what.padEnd(24)} ${JSON.stringify(figure)}`);
  return figure;
};

const measureCeilings = (folder: string, bare: BareDatabase, say: Say) => {
  const insert = (batch: number) =>
    told(say, `bare insert by ${batch}`, bare.insert(batch === 1 ? 2_000 : 64 * 512, batch));
  const fsync = told(say, 'bare fsync', bareSync(folder, 2_000));
  bare.insert(64 * 512, 512);
  const inserts = { 1: insert(1), 64: insert(64), 512: insert(512) };
  const read = told(say, 'bare read', bare.read(300_000));
  return { fsync, insertByBatch: inserts, read };
};

const measureIdle = async (server: EventStoreProcess, seconds: number) => {
  const before = server.cpuMs();
  await after(seconds * 1_000);
  return { seconds, cpuPercent: (server.cpuMs() - before) / (seconds * 10) };
};

/** Measures the server that has `events` in its store, and beside it what the machine could do. */
const measure = async (options: Options, folder: string, say: Say) => {
  const dataDir = join(folder, 'store');
  say(`filling a store with ${options.events} events`);
  const rows = await fill(dataDir, options.events);
  const bare = openBareDatabase(folder, rows);
  const ceilings = { rowBytes: rows[0]?.length, ...measureCeilings(folder, bare, say) };
  const server = await startEventStoreProcess(dataDir);
  const client = EventStoreDBClient.connectionString(server.url);
  try {
    const start = told(say, 'start', {
      events: options.events,
      ms: Math.round(server.startedInMs),
      residentMb: Math.round(server.residentMb()),
    });
    const idle = told(say, 'idle', await measureIdle(server, options.seconds * 2));
    await appendFor(server, client, 64, 3_000);
    const appends: Record<string, unknown> = {};
    for (const inFlight of IN_FLIGHT) {
      const figures = await appendFor(server, client, inFlight, options.seconds * 1_000);
      const { perCommit, serverCpuUs } = figures;
      const sameBatch = bare.insert(Math.max(2_000, perCommit * 500), perCommit).cpuUsPerInsert;
      const fullBatch = ceilings.insertByBatch[inFlight].cpuUsPerInsert;
      appends[inFlight] = told(say, `appends, ${inFlight} in flight`, {
        ...figures,
        bareInsertCpuUs: { atSameBatch: sameBatch, atAllInFlight: fullBatch },
        cpuRatioToBareInsert: {
          atSameBatch: Number((serverCpuUs / sameBatch).toFixed(2)),
          atAllInFlight: Number((serverCpuUs / fullBatch).toFixed(2)),
        },
      });
    }
    const { read: count } = options;
    await readAll(server, client, Math.min(count, 20_000));
    const reads = {
      all: told(say, 'read of $all', await readAll(server, client, count)),
      catchUp: told(say, 'catch-up subscription', await catchUp(server, client, count)),
      persistentAcked20: told(
        say,
        'persistent, acked by 20',
        await consume(server, client, count, 20),
      ),
      persistentAckedSingly: told(
        say,
        'persistent, acked singly',
        await consume(server, client, Math.ceil(count / 2), 1),
      ),
    };
    const end = told(say, 'at the end', { residentMb: Math.round(server.residentMb()) });
    return { results: { start, idle, appends, reads, end }, ceilings };
  } finally {
    bare.close();
    await client.dispose();
    await server.end('SIGTERM');
  }
};

export const scenario: BenchScenario<Options> = {
  description: 'the embedded event store: appends, reads and subscriptions of one client',
  addOptions: (command) =>
    command
      .option('--events <count>', 'in the store beforehand', Number, 1_000_000)
      .option('--read <count>', 'events read by each reader', Number, 100_000)
      .option('--seconds <count>', 'of appends at each number in flight', Number, 6)
      .option('--folder <path>', 'where the temporary files go', tmpdir()),
  async run(options, say) {
    const folder = await mkdtemp(join(options.folder, 'tidings-bench-'));
    try {
      const { results, ceilings } = await measure(options, folder, say);
      const { events, read, seconds } = options;
      return { conditions: { events, read, seconds, clients: 1 }, results, ceilings };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
