import type { MongoProcess } from '../../tools/mongoProcess.ts';

/** One load's figures; CPU is per operation as the caller counts them. */
export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly serverCpuUs: number;
  readonly clientCpuUs: number;
}

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** The value below which a share of the sorted ones lies. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** What `inFlight` callers at once did in so many seconds, each its next as its last is answered. */
export const callFor = async (
  seconds: number,
  inFlight: number,
  call: () => Promise<unknown>,
): Promise<{ readonly seconds: number; readonly latencies: readonly number[] }> => {
  const latencies: number[] = [];
  const began = performance.now();
  const until = began + seconds * 1_000;
  const caller = async () => {
    for (let last = began; last < until;) {
      const started = performance.now();
      await call();
      last = performance.now();
      latencies.push(last - started);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return { seconds: (performance.now() - began) / 1_000, latencies };
};

/** Calls for so many seconds and counts each call as `size` operations. */
export const measure = async (
  server: MongoProcess,
  { seconds, inFlight = 1, size = 1 }: { seconds: number; inFlight?: number; size?: number },
  call: () => Promise<unknown>,
): Promise<Figures> => {
  const serverBefore = server.cpuMs();
  const clientBefore = process.cpuUsage();
  const done = await callFor(seconds, inFlight, call);
  const client = process.cpuUsage(clientBefore);
  const operations = done.latencies.length * size;
  const sorted = done.latencies.toSorted((a, b) => a - b);
  return {
    perSecond: Math.round(operations / done.seconds),
    p50Ms: round(percentile(sorted, 0.5), 2),
    p99Ms: round(percentile(sorted, 0.99), 2),
    serverCpuUs: round(((server.cpuMs() - serverBefore) * 1_000) / operations),
    clientCpuUs: round((client.user + client.system) / operations),
  };
};
