import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { type Collection, type Db, MongoClient } from 'mongodb';
import { startMongoProcess } from '../tools/mongoProcess.ts';
import { startTidingsProcess, type TidingsProcess } from '../tools/tidingsProcess.ts';
import type { BenchScenario } from './scenario.ts';
import { addPending, explainLook, type Pending } from './scheduled/pending.ts';
import { prepare, scheduleAll } from './scheduled/requests.ts';

/** A type, not an interface: commander's options are a record. */
type Options = Readonly<{
  pending: string;
  due: string;
  channel: string;
  lead: string;
  folder: string;
}>;

interface Sent {
  readonly _id: string;
  readonly scheduledAt: Date;
  readonly sentAt?: Date;
}

const round = (value: number): number => Math.round(value * 100) / 100;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;

/** The collection of a read model's newest version. */
const newest = async (database: Db, name: string): Promise<string> => {
  const all = await database.listCollections({}, { nameOnly: true }).toArray();
  const versions = all.flatMap(({ name: one }) => (one.startsWith(`${name}_v`) ? [one] : []));
  const [last] = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  if (last === undefined) throw new Error(`there is no read model ${name}`);
  return last;
};

/** What the program holds and burns while nothing is due. */
const idleOf = async (tidings: TidingsProcess) => {
  const seconds = 10;
  const before = tidings.cpuMs();
  await after(seconds * 1_000);
  const cpuPercent = round((tidings.cpuMs() - before) / (seconds * 10));
  return { residentMb: round(tidings.residentMb()), cpuPercent };
};

const latenessOf = async (
  notifications: Collection<Sent>,
  scheduledAt: Date,
  count: number,
  say: (line: string) => void,
) => {
  const mine = { scheduledAt };
  const deadline = Date.now() + 180_000 + Math.max(0, scheduledAt.getTime() - Date.now());
  for (;;) {
    const sent = await notifications.countDocuments({ ...mine, sentAt: { $exists: true } });
    say(`${sent} of ${count} sent`);
    if (sent >= count) break;
    if (Date.now() > deadline) throw new Error(`only ${sent} of ${count} were sent`);
    await after(1_000);
  }
  const found = await notifications
    .find(mine)
    .project<Sent>({ scheduledAt: 1, sentAt: 1 })
    .toArray();
  const late = found
    .map(({ sentAt }) => (sentAt?.getTime() ?? 0) - scheduledAt.getTime())
    .sort((a, b) => a - b);
  const last = late.at(-1) ?? 0;
  return {
    notifications: late.length,
    early: late.filter((ms) => ms < 0).length,
    p50Ms: percentile(late, 0.5),
    p95Ms: percentile(late, 0.95),
    p99Ms: percentile(late, 0.99),
    maxMs: last,
    perSecond: Math.round((late.length * 1_000) / Math.max(last, 1)),
  };
};

const measure = async (options: Options, folder: string, say: (line: string) => void) => {
  const [pending, count] = [Number(options.pending), Number(options.due)];
  const server = await startMongoProcess(join(folder, 'mongodb'));
  const client = await new MongoClient(server.url).connect();
  const tidings = await startTidingsProcess({
    TIDINGS_DATA_DIR: join(folder, 'tidings'),
    MONGODB_URL: server.url,
  });
  try {
    const database = client.db('tidings');
    const ids = await prepare(tidings);
    // By then the projector has made its collections and written what was gathered.
    await after(5_000);
    const due = database.collection<Pending>(await newest(database, 'due'));
    const empty = { tidings: await idleOf(tidings), mongodbMb: round(server.residentMb()) };
    say(`with nothing pending: ${JSON.stringify(empty)}`);
    await addPending(due, pending, say);
    await after(5_000);
    const full = { tidings: await idleOf(tidings), mongodbMb: round(server.residentMb()) };
    say(`with ${pending} pending: ${JSON.stringify(full)}`);
    const look = await explainLook(due);
    say(`the scheduler's look: ${JSON.stringify(look)}`);
    const scheduledAt = new Date(Date.now() + Number(options.lead) * 1_000);
    const { channel } = options;
    await scheduleAll(tidings, { ids, count, channel }, scheduledAt);
    if (Date.now() > scheduledAt.getTime() - 2_000) throw new Error('--lead is too short');
    const notifications = database.collection<Sent>(await newest(database, 'notifications'));
    await after(Math.max(0, scheduledAt.getTime() - Date.now() - 500));
    const cpuBefore = tidings.cpuMs();
    const lateness = await latenessOf(notifications, scheduledAt, count, say);
    const cpuMsEach = round((tidings.cpuMs() - cpuBefore) / count);
    const residentAfterMb = round(tidings.residentMb());
    return { empty, full, look, lateness, cpuMsEach, residentAfterMb };
  } finally {
    await tidings.end('SIGTERM');
    await client.close();
    await server.end('SIGTERM');
  }
};

export const scenario: BenchScenario<Options> = {
  description: 'A million notifications that wait, and ten thousand that are due in one second.',
  addOptions: (command) =>
    void command
      .option('--pending <count>', 'entries that wait', '1000000')
      .option('--due <count>', 'notifications due in the same second', '10000')
      .option(
        '--channel <name>',
        'IN_APP measures the scheduler, SMS the simulator with it',
        'IN_APP',
      )
      .option('--lead <seconds>', 'how long before their moment they are asked for', '60')
      .option('--folder <path>', 'where the stores are kept', tmpdir()),
  run: async (options, say) => {
    const folder = await mkdtemp(join(options.folder, 'tidings-bench-scheduled-'));
    try {
      const results = await measure(options, folder, say);
      return {
        conditions: {
          stores: 'embedded, MongoDB in a process of its own',
          pending: Number(options.pending),
          due: Number(options.due),
          channel: options.channel,
          filled:
            'the pending entries are written into the read model; those due went through the API',
        },
        results,
        ceilings: { lookMs: results.look.msPerLook },
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
