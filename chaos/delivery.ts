import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { seededRandom } from '../tools/seededRandom.ts';
import { startTidingsProcess, type TidingsProcess } from '../tools/tidingsProcess.ts';
import { type Client, startClient } from './delivery/client.ts';
import { drain } from './delivery/drain.ts';
import { readStories } from './delivery/log.ts';
import { judge } from './delivery/oracle.ts';
import { clearFaults, phasesOf, readLedger, requestsOf, switchFaults } from './delivery/sandbox.ts';
import { setUp } from './delivery/setup.ts';
import type { ChaosScenario } from './scenario.ts';

const PROVIDER_TIMEOUT_MS = 2_000;
/** Short leases and settling times: what a kill leaves in doubt is taken up again within the run. */
const settings = {
  TIDINGS_ROUTES:
    'email=sendgrid:2,smtp:1;ses;mailgun sms=twilio:2,sns:1;vonage,aws-sms push=fcm,apns',
  TIDINGS_PROVIDER_TIMEOUT_MS: String(PROVIDER_TIMEOUT_MS),
  TIDINGS_LEASE_MS: '4000',
  TIDINGS_SETTLE_MS: '3000',
  // No hour and no limit keeps a message back: what waits, waits for a provider.
  TIDINGS_POLICY: JSON.stringify({
    jurisdictions: [{ regions: ['*'], consentFor: [], marketingHours: [] }],
    limits: [],
  }),
};
/** A life of the program, from the first answer that it gives to its kill. */
const LIFE_MS = { least: 200, most: 9_000 } as const;
/** In which time of a life its share of the requests is made. */
const ASKING_MS = 5_000;
const FIRST_ANSWER_MS = 30_000;
const PATIENCE_MS = 240_000;
const NAMED = 20;

type Options = Readonly<Record<'notifications', string>>;

interface Calls {
  readonly byProvider: Map<string, number>;
  /** Adds what the simulators counted in this life of the program; to be asked right before its end. */
  add(tidings: TidingsProcess): Promise<void>;
}

const countCalls = (): Calls => {
  const byProvider = new Map<string, number>();
  return {
    byProvider,
    add: async ({ sandboxUrl }) => {
      for (const [name, requests] of await requestsOf(sandboxUrl)) {
        byProvider.set(name, (byProvider.get(name) ?? 0) + requests);
      }
    },
  };
};

/** Resolves with whether everything was acknowledged in time. */
const allAcknowledged = async (client: Client): Promise<boolean> => {
  const patience = new AbortController();
  const late = after(PATIENCE_MS, false, { signal: patience.signal }).catch(() => false);
  const inTime = await Promise.race([client.finished.then(() => true), late]);
  patience.abort();
  client.stop();
  await client.finished;
  return inTime;
};

interface Run {
  readonly kills: number;
  readonly random: () => number;
  /** When to stop killing, by `performance.now`. */
  readonly until: number;
  readonly notifications: number;
  readonly client: Client;
  readonly calls: Calls;
  start(): Promise<TidingsProcess>;
  say(line: string): void;
}

/** Waits until the program has acknowledged something; after a kill it has much to take up first. */
const firstAnswer = async ({ accepted }: Client): Promise<void> => {
  const before = accepted.size;
  const deadline = performance.now() + FIRST_ANSWER_MS;
  while (accepted.size === before && performance.now() < deadline) await after(20);
};

/** Kills the program in one phase of faults after the other; resolves with how often, and the one that lives. */
const torment = async (run: Run, began: TidingsProcess) => {
  const { kills, notifications, client } = run;
  const phases = phasesOf(PROVIDER_TIMEOUT_MS * 2);
  let tidings = began;
  let killed = 0;
  for (; killed < kills && performance.now() < run.until; killed += 1) {
    const phase = phases[killed % phases.length];
    if (phase) await switchFaults(tidings.sandboxUrl, phase);
    client.advance(Math.ceil((notifications * (killed + 1)) / (kills + 1)), ASKING_MS);
    client.use(tidings);
    await firstAnswer(client);
    await after(LIFE_MS.least + run.random() * (LIFE_MS.most - LIFE_MS.least));
    await run.calls.add(tidings);
    await tidings.end('SIGKILL');
    client.use(undefined);
    run.say(`kill ${killed + 1}, ${phase?.name ?? ''}: ${client.accepted.size} accepted`);
    tidings = await run.start();
  }
  return { killed, tidings };
};

export const scenario: ChaosScenario<Options> = {
  description:
    'kills the whole program while it sends over failing providers; holds their books against the log',
  addOptions: (command) =>
    command.option('--notifications <count>', 'how many are asked for', '2000'),
  run: async ({ kills, minutes, seed, notifications: asked }, say) => {
    const notifications = Number(asked);
    const folder = await mkdtemp(join(tmpdir(), 'tidings-chaos-'));
    const start = () => startTidingsProcess({ TIDINGS_DATA_DIR: folder, ...settings });
    const random = seededRandom(seed);
    const calls = countCalls();
    const until = performance.now() + minutes * 60_000;
    const began = await start();
    await setUp(began);
    const client = startClient(notifications, seed);
    const run = { kills, random, until, notifications, client, calls, start, say };
    const { killed, tidings } = await torment(run, began);

    await clearFaults(tidings.sandboxUrl);
    const faultsOffAt = performance.now();
    client.advance(notifications, ASKING_MS);
    client.use(tidings);
    const acknowledged = await allAcknowledged(client);
    const accepted = new Set(client.accepted.keys());
    const shownSettled = await drain(tidings, accepted, PATIENCE_MS, say);
    const drainSeconds = Math.round((performance.now() - faultsOffAt) / 100) / 10;
    const ledger = await readLedger(tidings.sandboxUrl);
    await calls.add(tidings);
    await tidings.end('SIGTERM');

    const stories = await readStories(folder);
    const verdict = judge({ accepted, shownSettled, stories, ledger });
    const { lost, duplicated, inDoubt, repeatedInDoubt } = verdict;
    const problems = [
      ...client.problems,
      ...(acknowledged ? [] : ['some requests were never acknowledged']),
      ...verdict.problems,
    ];
    for (const id of [...lost, ...duplicated].slice(0, NAMED)) say(`lost or duplicated: ${id}`);
    if (lost.length + duplicated.length + problems.length > 0)
      say(`the data are kept in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
    const outside = [...client.accepted.values()].filter(({ channel }) => channel !== 'IN_APP');
    const requests = [...calls.byProvider.values()].reduce((sum, count) => sum + count, 0);
    return {
      kills: killed,
      accepted: accepted.size,
      lost: lost.length,
      duplicated: duplicated.length,
      inDoubt: inDoubt.length,
      repeatedInDoubt: repeatedInDoubt.length,
      namedInDoubt: repeatedInDoubt.slice(0, NAMED),
      checked: stories.size,
      problems: problems.slice(0, NAMED),
      askedAgain: client.repeats(),
      attempts: [...stories.values()].reduce((sum, { started }) => sum + started, 0),
      requests,
      requestsByProvider: Object.fromEntries(calls.byProvider),
      amplification: Math.round((requests / outside.length) * 1_000) / 1_000,
      booked: ledger.length,
      drainSeconds,
    };
  },
};
