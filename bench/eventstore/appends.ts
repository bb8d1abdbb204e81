import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import type { EventStoreProcess } from '../../tools/eventStoreProcess.ts';
import { costOf, percentiles } from './figures.ts';
import { eventOf } from './fill.ts';

let count = 0;

/** Appends of one event, each to a new stream, so many under way at once, for so long. */
export const appendFor = async (
  server: EventStoreProcess,
  client: EventStoreDBClient,
  inFlight: number,
  milliseconds: number,
) => {
  const times: number[] = [];
  let bursts = 0;
  let bursting = false;
  /** The server answers a transaction at once, so what is answered in one turn was committed together. */
  const countBurst = (): void => {
    if (bursting) return;
    bursting = true;
    bursts += 1;
    setImmediate(() => (bursting = false));
  };
  const end = performance.now() + milliseconds;
  const writer = async (): Promise<void> => {
    while (performance.now() < end) {
      count += 1;
      const began = performance.now();
      await client.appendToStream(`measured-${randomUUID()}`, eventOf(count));
      times.push(performance.now() - began);
      countBurst();
    }
  };
  const cost = await costOf(server, async () => {
    await Promise.all(Array.from({ length: inFlight }, writer));
    return times.length;
  });
  const perCommit = Math.round(times.length / Math.max(1, bursts));
  return { ...cost, ...percentiles(times), appends: times.length, perCommit };
};
