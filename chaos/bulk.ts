import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { connectEventStore } from '../src/eventstore/client.ts';
import { announce, prepare, type Progress, progressOf, userIdOf } from '../tools/broadcastRun.ts';
import { startEventStoreProcess } from '../tools/eventStoreProcess.ts';
import { seededRandom } from '../tools/seededRandom.ts';
import { startTidingsProcess, type TidingsProcess } from '../tools/tidingsProcess.ts';
import type { ChaosScenario } from './scenario.ts';

/** How long the program expands before a kill, in milliseconds; it first succeeds its predecessor's leases. */
const RUNNING_MS = 2_500;
const PATIENCE_MS = 30_000;
const PAGE = 2_000;

type Options = Readonly<Record<'users', string>>;

/** How often each user stands in the log as a recipient of the broadcast, and was sent it. */
const readLog = async (dataDir: string, broadcastId: string) => {
  const server = await startEventStoreProcess(dataDir);
  const log = connectEventStore(server.url);
  const requested = new Map<string, number>();
  let sent = 0;
  const types = ['NotificationRequested', 'NotificationSent'];
  for await (const page of log.readAll({ types }, undefined, PAGE)) {
    for (const { type, data, metadata } of page) {
      if (data['broadcastId'] !== broadcastId) continue;
      const userId = String(metadata['subject']);
      if (type === 'NotificationSent') sent += 1;
      else requested.set(userId, (requested.get(userId) ?? 0) + 1);
    }
  }
  await log.close();
  await server.end('SIGTERM');
  return { requested, sent };
};

const isDone = (progress: Progress | null): boolean =>
  progress?.status === 'COMPLETED' && progress.sent + progress.deadLettered >= progress.accepted;

export const scenario: ChaosScenario<Options> = {
  description:
    'kills the whole program while it expands a broadcast; holds the log against the users who are to get it',
  addOptions: (command) => command.option('--users <count>', 'who are to get it', '50000'),
  run: async ({ kills, minutes, seed, users: asked }, say) => {
    const users = Number(asked);
    const folder = await mkdtemp(join(tmpdir(), 'tidings-chaos-'));
    const random = seededRandom(seed);
    const until = performance.now() + minutes * 60_000;
    let tidings: TidingsProcess = await startTidingsProcess({ TIDINGS_DATA_DIR: folder });
    await prepare(tidings, users, say);
    const broadcastId = await announce(tidings, 'IN_APP');
    let killed = 0;
    let progress: Progress | null = null;
    while (killed < kills && performance.now() < until) {
      const before = progress?.accepted ?? 0;
      const deadline = Date.now() + PATIENCE_MS;
      while (Date.now() < deadline) {
        progress = await progressOf(tidings, broadcastId);
        if (isDone(progress) || (progress?.accepted ?? 0) > before) break;
        await after(100);
      }
      if (isDone(progress)) break;
      await after(random() * RUNNING_MS);
      progress = await progressOf(tidings, broadcastId);
      await tidings.end('SIGKILL');
      killed += 1;
      say(`kill ${killed}: ${progress?.status ?? 'unknown'}, ${progress?.accepted ?? 0} accepted`);
      tidings = await startTidingsProcess({ TIDINGS_DATA_DIR: folder });
    }
    while (!isDone(progress) && performance.now() < until) {
      await after(500);
      progress = await progressOf(tidings, broadcastId);
    }
    await tidings.end('SIGTERM');
    const { requested, sent } = await readLog(folder, broadcastId);
    await rm(folder, { recursive: true, force: true });

    const everybody = Array.from({ length: users }, (_, n) => userIdOf(n));
    const lost = everybody.filter((userId) => !requested.has(userId)).length;
    const duplicated = [...requested.values()].filter((times) => times > 1).length;
    const problems: string[] = [];
    if (!isDone(progress)) problems.push(`not done in time: ${JSON.stringify(progress)}`);
    if (requested.size !== users - lost) problems.push('the log names users who are not there');
    return {
      kills: killed,
      accepted: users,
      lost,
      duplicated,
      inDoubt: 0,
      checked: requested.size,
      problems,
      sent,
      counted: progress,
    };
  },
};
