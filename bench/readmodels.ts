import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { type MongoProcess, startMongoProcess } from '../tools/mongoProcess.ts';
import { groupAll, stallBeside } from './readmodels/analysis.ts';
import { type Bare, type BareDatabase, openBareDatabase } from './readmodels/ceilings.ts';
import type { Notification } from './readmodels/documents.ts';
import { fill } from './readmodels/fill.ts';
import { type Figures, measure, round } from './readmodels/measure.ts';
import { COLLECTION, DATABASE, pagesFromMany, pagesFromOne } from './readmodels/pages.ts';
import { pagesRaw } from './readmodels/rawPages.ts';
import { createWrites } from './readmodels/writes.ts';
import type { BenchScenario } from './scenario.ts';

interface Options {
  readonly documents: number;
  readonly seconds: number;
  readonly million: boolean;
}

type Say = (line: string) => void;

/** Tells each figure as it is there. */
const told = async <F>(say: Say, what: string, figure: F | Promise<F>): Promise<F> => {
  const value = await figure;
  say(`${what.padEnd(28)} ${JSON.stringify(value)}`);
  return value;
};

/** The CPU of an operation as a multiple of the bare statement's. */
const ratio = (serverCpuUs: number, bareCpuUs: number): number => round(serverCpuUs / bareCpuUs, 2);

/** Loads of the server, each straight after its bare statement, so that both met the same machine. */
const sideBySide = (say: Say) => {
  const ceilings: Record<string, Bare> = {};
  const results: Record<string, Figures> = {};
  return {
    ceilings,
    results,
    run: async (name: string, bare: () => Bare, load: () => Promise<Figures>) => {
      ceilings[name] = await told(say, `bare ${name}`, bare());
      results[name] = await told(say, name, load());
    },
    /** Server CPU as a multiple of the bare statement's, after `less` microseconds were taken off. */
    times: (name: string, less = 0) =>
      ratio((results[name]?.serverCpuUs ?? NaN) - less, ceilings[name]?.cpuUs ?? NaN),
  };
};

const measureServer = async (
  server: MongoProcess,
  bare: BareDatabase,
  options: Options,
  say: Say,
) => {
  const { documents, seconds } = options;
  const client = new MongoClient(server.url, { maxPoolSize: 64 });
  try {
    const collection = client.db(DATABASE).collection<Notification>(COLLECTION);
    // What starting left to do, such as compiling, isn't idleness.
    await after(2_000);
    const cpuBefore = server.cpuMs();
    await after(5_000);
    const idle = { cpuPercent: round((server.cpuMs() - cpuBefore) / 50) };
    await told(say, 'idle', idle);
    const writes = createWrites(server, collection, documents, seconds);
    const { ceilings, results, run, times } = sideBySide(say);
    const ping = () => client.db('admin').command({ ping: 1 });
    await measure(server, { seconds: 1, inFlight: 64 }, ping);
    const nothing = await told(
      say,
      'ping, 64 in flight',
      measure(server, { seconds: 2, inFlight: 64 }, ping),
    );
    await pagesFromOne(server, client, 2, 8);
    bare.pages(2_000);
    await run(
      'pageOf20',
      () => bare.pages(20_000),
      () => pagesFromOne(server, client, seconds, 8),
    );
    const undecoded = await told(
      say,
      'the same, undecoded',
      pagesRaw(server, { seconds, inFlight: 8 }),
    );
    const many = await told(
      say,
      'the same by two processes',
      pagesFromMany(server, { clients: 2, seconds, inFlight: 8 }),
    );
    const bareGroup = await told(say, 'bare group', bare.group());
    const group = await told(say, 'group of everything', groupAll(server, collection));
    const stall = await told(say, 'pings and writes beside it', stallBeside(client, collection));
    for (const size of [100, 500]) {
      await run(
        `upsert${size}New`,
        () => bare.upsert(20_000, size, 'new'),
        () => writes.upsertNew(size),
      );
      await run(
        `upsert${size}`,
        () => bare.upsert(20_000, size, 'existing'),
        () => writes.upsertExisting(size),
      );
      await run(
        `guarded${size}`,
        () => bare.guarded(20_000, size),
        () => writes.guarded(size),
      );
    }
    await run(
      'update64',
      () => bare.update(20_000, 64),
      () => writes.updateOne(64),
    );
    return {
      ceilings: { ...ceilings, group: bareGroup },
      results: {
        idle,
        ping64: nothing,
        ...results,
        pageOf20Undecoded: undecoded,
        pageOf20TwoClients: many,
        group,
        stall,
        residentMb: Math.round(server.residentMb()),
        cpuTimesBare: {
          ...Object.fromEntries(Object.keys(results).map((name) => [name, times(name)])),
          group: ratio(group.serverCpuMs, bareGroup.cpuMs),
        },
        /** Of what one command each does: without the CPU of a ping, which is sockets and event loop. */
        cpuTimesBareLessPing: {
          pageOf20: times('pageOf20', nothing.serverCpuUs),
          update64: times('update64', nothing.serverCpuUs),
        },
      },
    };
  } finally {
    await client.close();
  }
};

const startOn = async (dataDir: string, documents: number, say: Say) => {
  say(`filling a store with ${documents} documents`);
  fill(dataDir, documents);
  const server = await startMongoProcess(dataDir);
  const start = {
    documents,
    ms: Math.round(server.startedInMs),
    residentMb: Math.round(server.residentMb()),
  };
  return { server, start: await told(say, 'start', start) };
};

const withMillion = async (folder: string, say: Say) => {
  const { server, start } = await startOn(join(folder, 'million'), 1_000_000, say);
  const client = new MongoClient(server.url);
  const pages = await pagesFromOne(server, client, 3, 8);
  await client.close();
  const residentMb = Math.round(server.residentMb());
  await server.end('SIGTERM');
  return told(say, 'a million documents', { start, pageOf20: pages, residentMb });
};

export const scenario: BenchScenario<Options & Record<string, unknown>> = {
  description: 'the embedded MongoDB-protocol server, by the real driver, beside bare SQLite',
  addOptions: (command) => {
    command
      .option('--documents <count>', 'in the collection at the start', Number, 200_000)
      .option('--seconds <count>', 'per load', Number, 4)
      .option('--million', 'also start on a million documents (takes a minute more)', false);
  },
  run: async (options, say) => {
    const folder = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
    try {
      const bare = openBareDatabase(folder, options.documents);
      const { server, start } = await startOn(join(folder, 'store'), options.documents, say);
      const { results, ceilings } = await measureServer(server, bare, options, say);
      bare.close();
      await server.end('SIGTERM');
      const million = options.million ? { million: await withMillion(folder, say) } : {};
      return {
        conditions: {
          documents: options.documents,
          documentBytes: 480,
          seconds: options.seconds,
          durability: 'WAL, synchronous=FULL, acknowledged after the commit',
          server: 'a process of its own, driver and server on the same machine',
          ceilings: 'bare SQLite in the process of the driver, each straight before its load',
        },
        results: { start, ...results, ...million },
        ceilings,
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
