import PQueue from 'p-queue';
import { type Channel, channels, type Priority, priorities } from '../domain/vocabulary.ts';

/** Per channel, a queue that starts the highest priority first and the oldest among equals. */
export interface Lanes {
  /** Resolves when the task is done; rejects with what it throws. */
  run(channel: Channel, priority: Priority, task: () => Promise<void>): Promise<void>;
  /** Tasks that wait or run. */
  size(): number;
  /** The same channel by channel. */
  sizes(): ReadonlyMap<Channel, number>;
  idle(): Promise<void>;
}

/** @param concurrency provider calls under way per channel */
export const createLanes = (concurrency: number): Lanes => {
  const lanes = new Map(channels.map((channel) => [channel, new PQueue({ concurrency })]));
  const all = [...lanes.values()];
  return {
    run: async (channel, priority, task) => {
      await lanes.get(channel)?.add(task, { priority: priorities.indexOf(priority) });
    },
    size: () => all.reduce((sum, lane) => sum + lane.size + lane.pending, 0),
    sizes: () => new Map([...lanes].map(([channel, lane]) => [channel, lane.size + lane.pending])),
    idle: async () => {
      await Promise.all(all.map((lane) => lane.onIdle()));
    },
  };
};
