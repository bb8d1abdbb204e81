import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { type MongoProcess, startMongoProcess } from '../tools/mongoProcess.ts';
import { groupAll, stallBeside } from './readmodels/analysis.ts';
import { type BareDatabase, openBareDatabase } from './readmodels/ceilings.ts';
import type { Notification } from './readmodels/documents.ts';
import { fill } from './readmodels/fill.ts';
import { round } from './readmodels/measure.ts';
import { COLLECTION, DATABASE, pagesFromMany, pagesFromOne } from './readmodels/pages.ts';
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

const measureCeilings = async (bare: BareDatabase, say: Say) => {
  bare.pages(2_000);
  return {
    upsert100New: await told(say, 'bare upsert 100, new', bare.upsert(20_000, 100, 'new')),
    upsert100: await told(say, 'bare upsert 100, existing', bare.upsert(20_000, 100, 'existing')),
    upsert500New: await told(say, 'bare upsert 500, new', bare.upsert(20_000, 500, 'new')),
    upsert500: await told(say, 'bare upsert 500, existing', bare.upsert(20_000, 500, 'existing')),
    guarded100: await told(say, 'bare guarded 100', bare.guarded(20_000, 100)),
    update64: await told(say, 'bare update, 64 a commit', bare.guarded(6_400, 64)),
    pageOf20: await told(say, 'bare page of 20', bare.pages(20_000)),
    group: await told(say, 'bare group', bare.group()),
  };
};

/** The CPU of an operation as a multiple of the bare statement's. */
const ratio = (serverCpuUs: number, bareCpuUs: number): number => round(serverCpuUs / bareCpuUs, 2);

const measureServer = async (server: MongoProcess, options: Options, say: Say) => {
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
    await pagesFromOne(server, client, 2, 8);
    const results = {
      idle,
      pageOf20: await told(
        say,
        'page of 20, 8 in flight',
        pagesFromOne(server, client, seconds, 8),
      ),
      pageOf20TwoClients: await told(
        say,
        'the same by two processes',
        pagesFromMany(server, { clients: 2, seconds, inFlight: 8 }),
      ),
      group: await told(say, 'group of everything', groupAll(server, collection)),
      stall: await told(say, 'pings and writes beside it', stallBeside(client, collection)),
      upsert100New: await told(say, 'upsert 100, new', writes.upsertNew(100)),
      upsert100: await told(say, 'upsert 100, existing', writes.upsertExisting(100)),
      upsert500New: await told(say, 'upsert 500, new', writes.upsertNew(500)),
      upsert500: await told(say, 'upsert 500, existing', writes.upsertExisting(500)),
      guarded100: await told(say, 'guarded 100', writes.guarded(100)),
      guarded500: await told(say, 'guarded 500', writes.guarded(500)),
      update64: await told(say, 'updateOne, 64 in flight', writes.updateOne(64)),
    };
    return { ...results, residentMb: Math.round(server.residentMb()) };
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
      const ceilings = await measureCeilings(bare, say);
      bare.close();
      const { server, start } = await startOn(join(folder, 'store'), options.documents, say);
      const results = await measureServer(server, options, say);
      await server.end('SIGTERM');
      const million = options.million ? { million: await withMillion(folder, say) } : {};
      return {
        conditions: {
          documents: options.documents,
          documentBytes: 480,
          seconds: options.seconds,
          durability: 'WAL, synchronous=FULL, acknowledged after the commit',
          server: 'a process of its own, driver and server on the same machine',
        },
        results: {
          start,
          ...results,
          ...million,
          cpuTimesBare: {
            upsert100: ratio(results.upsert100.serverCpuUs, ceilings.upsert100.cpuUs),
            upsert100New: ratio(results.upsert100New.serverCpuUs, ceilings.upsert100New.cpuUs),
            upsert500: ratio(results.upsert500.serverCpuUs, ceilings.upsert500.cpuUs),
            upsert500New: ratio(results.upsert500New.serverCpuUs, ceilings.upsert500New.cpuUs),
            guarded100: ratio(results.guarded100.serverCpuUs, ceilings.guarded100.cpuUs),
            update64: ratio(results.update64.serverCpuUs, ceilings.update64.cpuUs),
            pageOf20: ratio(results.pageOf20.serverCpuUs, ceilings.pageOf20.cpuUs),
            group: ratio(results.group.serverCpuMs, ceilings.group.cpuMs),
          },
        },
        ceilings,
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
