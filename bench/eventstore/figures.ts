import type { EventStoreProcess } from '../../tools/eventStoreProcess.ts';

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** What a count of events cost, on both sides of the wire. */
export interface Cost {
  readonly perSecond: number;
  readonly serverCpuUs: number;
  readonly clientCpuUs: number;
}

/** Counts events, and the processor time of the server and of this process, around `work`. */
export const costOf = async (
  server: EventStoreProcess,
  work: () => Promise<number>,
): Promise<Cost> => {
  const serverBefore = server.cpuMs();
  const clientBefore = process.cpuUsage();
  const began = performance.now();
  const count = await work();
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(clientBefore);
  return {
    perSecond: Math.round(count / seconds),
    serverCpuUs: rounded(((server.cpuMs() - serverBefore) * 1_000) / count, 1),
    clientCpuUs: rounded((user + system) / count, 1),
  };
};

/** Times in milliseconds, sorted in place. */
export const percentiles = (times: number[]): { p50Ms: number; p99Ms: number } => {
  times.sort((a, b) => a - b);
  const at = (share: number): number => rounded(times[Math.floor(times.length * share)] ?? 0, 2);
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
};
