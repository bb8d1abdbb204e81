import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { announce, prepare, progressOf, userIdOf } from '../tools/broadcastRun.ts';
import { startTidingsProcess, type TidingsProcess } from '../tools/tidingsProcess.ts';
import { latencies, sendSingles, startUrgents } from './bulk/singles.ts';
import type { BenchScenario } from './scenario.ts';

type Options = Readonly<Record<'users' | 'singles' | 'channel', string>>;

const IDLE_MS = 15_000;
const SAMPLE_MS = 1_000;
const LONGEST_MS = 30 * 60_000;

/** Announces the broadcast and samples until all of it is dispatched. */
const measureBroadcast = async (
  tidings: TidingsProcess,
  channel: string,
  users: number,
  say: (line: string) => void,
) => {
  const memory: number[] = [];
  const began = performance.now();
  const cpuBefore = tidings.cpuMs();
  const broadcastId = await announce(tidings, channel, { priority: 'LOW' });
  for (;;) {
    await after(SAMPLE_MS);
    memory.push(Math.round(tidings.residentMb()));
    const progress = await progressOf(tidings, broadcastId);
    const done = (progress?.sent ?? 0) + (progress?.deadLettered ?? 0);
    if (memory.length % 10 === 0) say(`${done} of ${users} dispatched, ${memory.at(-1)} MB`);
    if (progress?.status === 'COMPLETED' && done >= progress.accepted) {
      const seconds = (performance.now() - began) / 1_000;
      const cpuUsEach = ((tidings.cpuMs() - cpuBefore) * 1_000) / progress.accepted;
      return { progress, seconds, cpuUsEach, memory };
    }
    if (performance.now() - began > LONGEST_MS) throw new Error('the broadcast took too long');
  }
};

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** The median of a part of the samples: a single one may fall before or after a collection. */
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export const scenario: BenchScenario<Options> = {
  description: 'a broadcast to many users, beside single sends and with urgent singles meanwhile',
  addOptions: (command) =>
    command
      .option('--users <count>', 'who get the broadcast', '100000')
      .option('--singles <count>', 'single sends that it is compared with', '3000')
      .option('--channel <name>', 'EMAIL or IN_APP', 'EMAIL'),
  run: async ({ users: asked, singles: few, channel }, say) => {
    const users = Number(asked);
    const folder = await mkdtemp(join(tmpdir(), 'tidings-bench-'));
    const tidings = await startTidingsProcess({ TIDINGS_DATA_DIR: folder });
    try {
      await prepare(tidings, users, say);
      const someone = (n: number) => userIdOf(n % users);
      const singles = await sendSingles(tidings, channel, Number(few), someone);
      say(`single sends: ${rounded(singles.perSecond)} a second`);
      await after(2_000);
      const idle = startUrgents(tidings, channel, someone);
      await after(IDLE_MS);
      const idleMs = await latencies(tidings, await idle.stop());
      say(`urgent singles, idle: ${JSON.stringify(idleMs)}`);
      const during = startUrgents(tidings, channel, someone);
      const found = await measureBroadcast(tidings, channel, users, say);
      const duringMs = await latencies(tidings, await during.stop());
      const { memory, progress, seconds } = found;
      const third = Math.ceil(memory.length / 3);
      const perSecond = users / seconds;
      return {
        conditions: {
          users,
          singles: Number(few),
          channel,
          stores: 'embedded',
          urgentsPerSecond: 10,
        },
        results: {
          broadcastPerSecond: rounded(perSecond),
          singlesPerSecond: rounded(singles.perSecond),
          ratioToSingles: rounded(perSecond / singles.perSecond),
          seconds: rounded(seconds),
          cpuUsEach: Math.round(found.cpuUsEach),
          singleCpuUsEach: Math.round(singles.cpuUsEach),
          urgentIdleMs: idleMs,
          urgentDuringMs: duringMs,
          urgentP99Ratio: rounded(duringMs.p99 / idleMs.p99),
          memoryMb: {
            firstThird: median(memory.slice(0, third)),
            lastThird: median(memory.slice(-third)),
            most: Math.max(...memory),
          },
          ...progress,
        },
        ceilings: { singlesPerSecond: rounded(singles.perSecond) },
      };
    } finally {
      await tidings.end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    }
  },
};
