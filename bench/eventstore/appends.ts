import type { EventStoreDBClient } from '@eventstore/db-client';
import type { EventStoreProcess } from '../../tools/eventStoreProcess.ts';
import { costOf, percentiles } from './figures.ts';
import { eventOf } from './fill.ts';

let streams = 0;

/** Appends of one event, each to a new stream, so many under way at once, for so long. */
export const appendFor = async (
  server: EventStoreProcess,
  client: EventStoreDBClient,
  inFlight: number,
  milliseconds: number,
) => {
  const times: number[] = [];
  const end = performance.now() + milliseconds;
  const writer = async (): Promise<void> => {
    while (performance.now() < end) {
      streams += 1;
      const began = performance.now();
      await client.appendToStream(`measured-${process.pid}.${streams}`, eventOf(streams));
      times.push(performance.now() - began);
    }
  };
  const cost = await costOf(server, async () => {
    await Promise.all(Array.from({ length: inFlight }, writer));
    return times.length;
  });
  return { ...cost, ...percentiles(times), appends: times.length };
};
