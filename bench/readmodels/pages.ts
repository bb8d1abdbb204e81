import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import type { MongoClient } from 'mongodb';
import type { MongoProcess } from '../../tools/mongoProcess.ts';
import { STATES, TENANTS } from './documents.ts';
import { type Figures, measure, percentile, round } from './measure.ts';

const script = fileURLToPath(new URL('./pageClient.ts', import.meta.url));

export const DATABASE = 'bench';
export const COLLECTION = 'notifications';

/** Asks for one page of 20 by tenant and state, newest first; each call for another. */
export const pages = (client: MongoClient, seed: number): (() => Promise<unknown>) => {
  const collection = client.db(DATABASE).collection(COLLECTION);
  let at = seed;
  return async () => {
    at++;
    const filter = { tenant: `tenant-${at % TENANTS}`, status: `STATUS_${at % STATES}` };
    const found = await collection.find(filter).sort({ at: -1 }).limit(20).toArray();
    if (found.length !== 20) throw new Error(`a page of ${found.length}`);
  };
};

/** Pages from this process, with both sides' CPU. */
export const pagesFromOne = (
  server: MongoProcess,
  client: MongoClient,
  seconds: number,
  inFlight: number,
): Promise<Figures> => measure(server, { seconds, inFlight }, pages(client, 0));

/** Pages from several client processes at once, since one driver spends more CPU on a page than the server. */
export const pagesFromMany = async (
  server: MongoProcess,
  { clients, seconds, inFlight }: { clients: number; seconds: number; inFlight: number },
): Promise<Omit<Figures, 'clientCpuUs' | 'serverCpuUs'> & { readonly clients: number }> => {
  const each = String(inFlight / clients);
  const run = promisify(execFile);
  const told = await Promise.all(
    Array.from({ length: clients }, async () => {
      const args = ['--no-warnings', script, server.url, String(seconds), each];
      const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
      return JSON.parse(stdout) as { seconds: number; latencies: number[] };
    }),
  );
  const sorted = told.flatMap(({ latencies }) => latencies).sort((a, b) => a - b);
  const rate = told.reduce((sum, one) => sum + one.latencies.length / one.seconds, 0);
  return {
    clients,
    perSecond: Math.round(rate),
    p50Ms: round(percentile(sorted, 0.5), 2),
    p99Ms: round(percentile(sorted, 0.99), 2),
  };
};
