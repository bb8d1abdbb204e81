import { readFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cliProgress from 'cli-progress';
import { v7 } from 'uuid';
import { connect } from './demo/client.ts';
import { openInboxes } from './demo/inbox.ts';
import { report, type Summary } from './demo/report.ts';
import { nextChange, sendAll } from './demo/send.ts';
import { setUp } from './demo/setup.ts';
import { createTracker, type FeedUpdate, percentile, type Tracker } from './demo/tracker.ts';
import { callbacksDone, checkLedger, readModelCaughtUp } from './demo/verify.ts';
import type { CliPorts, RunningTidings } from './ports.ts';

export interface DemoOptions {
  readonly notifications: number;
  readonly json: boolean;
  readonly faults: boolean;
  /** Notifications under way at once. */
  readonly window: number;
  readonly dataDir?: string;
}

const feed = `subscription ($after: String) {
  deliveryFeed(after: $after) { notificationId channel type status at }
}`;
/** The position before everything, as a cursor. */
const beginning = Buffer.from('0:0').toString('base64url');
const stalledMs = 90_000;
const patienceMs = 30_000;

/**
 * `tidings demo`: the main job from end to end against the simulators, through the API alone. With a kept
 * data directory a run that was killed is resumed: the same requests, the same idempotency keys.
 *
 * @returns 0 when every notification ended as expected, exactly once; 1 otherwise
 */
export const demo = async (ports: CliPorts, options: DemoOptions): Promise<number> => {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tidings-demo-')));
  const { runId, resumed } = await runOf(dataDir);
  const config = ports.readConfig({
    TIDINGS_DATA_DIR: dataDir,
    TIDINGS_HOST: '127.0.0.1',
    TIDINGS_PORT: '0',
    TIDINGS_PUBLIC_URL: undefined,
    TIDINGS_ROLES: undefined,
    NODE_ENV: 'development',
    // The demo never leaves this machine, whatever accounts and servers are configured.
    ...Object.fromEntries(accountSettings.map((name) => [name, undefined])),
    TIDINGS_PROVIDER_TIMEOUT_MS: '5000',
    TIDINGS_LEASE_MS: '8000',
    TIDINGS_SETTLE_MS: '8000',
    TIDINGS_LOG_LEVEL: process.env.TIDINGS_LOG_LEVEL ?? 'warn',
  });
  const stderrLogger = ports.createLogger(config.logLevel);
  const tidings = await ports.startTidings(config, stderrLogger);
  let failure: unknown;
  const stop = () => void tidings.close().then(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    if (resumed) say(`resuming the run in ${dataDir}`);
    const summary = await runDemo(tidings, options, runId, resumed, say);
    process.stdout.write(report(summary, options.json));
    return summary.problems.length === 0 ? 0 : 1;
  } catch (error) {
    failure = error;
    say(`demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await tidings.close();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    else if (failure !== undefined) say(`the data are kept in ${dataDir}`);
  }
};

const accountSettings = [
  'EVENTSTORE_URL',
  'MONGODB_URL',
  'TIDINGS_DATABASE',
  'SENDGRID_API_KEY',
  'SENDGRID_WEBHOOK_PUBLIC_KEY',
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'TWILIO_FROM',
  'FIREBASE_PROJECT_ID',
  'FIREBASE_CLIENT_EMAIL',
  'FIREBASE_PRIVATE_KEY',
];

const runDemo = async (
  { url, sandboxUrl, adminToken }: RunningTidings,
  options: DemoOptions,
  runId: string,
  resumed: boolean,
  say: (line: string) => void,
): Promise<Summary> => {
  if (url === undefined || sandboxUrl === undefined)
    throw new Error('the API or the sandbox is missing');
  const client = connect(url, await adminToken());
  const tracker = createTracker();
  let broken: unknown;
  const fail = (error: unknown) => (broken ??= error);
  try {
    if (options.faults) await injectFaults(sandboxUrl);
    await setUp(client);
    const inboxes = openInboxes(client, fail);
    client.subscribe<{ readonly deliveryFeed: FeedUpdate }>(
      feed,
      { after: beginning },
      ({ deliveryFeed }) => {
        tracker.see(deliveryFeed);
        inboxes.see(deliveryFeed);
      },
      fail,
    );
    say(`sending ${options.notifications} notifications; live at ${url}/graphql`);
    const bar = progressOf(tracker, options);
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    try {
      await sendAll(client, tracker, { ...options, runId, stalledMs });
      while (tracker.underWay() > 0 && broken === undefined) await nextChange(tracker, stalledMs);
    } catch (error) {
      fail(error);
    }
    if (broken === undefined) await readModelCaughtUp(client, tracker, patienceMs);
    const seconds = (performance.now() - startedAt) / 1_000;
    const cpu = process.cpuUsage(cpuBefore);
    bar.stop();
    if (broken !== undefined)
      say(`trouble: ${broken instanceof Error ? broken.message : JSON.stringify(broken)}`);
    await callbacksDone(sandboxUrl, patienceMs);
    await inboxes.idle();
    const ledger = await checkLedger(sandboxUrl, tracker);
    const latencies = tracker.latencies();
    const problems = [
      ...(broken === undefined ? [] : ['the run was cut short']),
      ...tracker.mismatches().map((m) => `${m.id} is ${m.status}, expected ${m.expected}`),
      ...ledger.duplicated.map(
        (id) => `${id} reached a provider twice without doubt about the first call`,
      ),
      ...ledger.missing.map((id) => `${id} is recorded as sent, and no provider has it`),
    ];
    return {
      tracker,
      seconds,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      resumed,
      latencyMs: {
        p50: percentile(latencies, 0.5),
        p95: percentile(latencies, 0.95),
        p99: percentile(latencies, 0.99),
      },
      inDoubt: [...tracker.inDoubt()],
      repeatedInDoubt: ledger.repeatedInDoubt,
      problems,
    };
  } finally {
    await client.close();
  }
};

/** The run that a data directory holds, or a new one. */
const runOf = async (dataDir: string): Promise<{ runId: string; resumed: boolean }> => {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'demo.json');
  try {
    const { runId } = JSON.parse(await readFile(file, 'utf8')) as { runId: string };
    return { runId, resumed: true };
  } catch {
    const runId = v7();
    await writeFile(file, JSON.stringify({ runId }), { flush: true });
    return { runId, resumed: false };
  }
};

const injectFaults = async (sandboxUrl: string): Promise<void> => {
  const faults = { serverError: { share: 0.02 }, rateLimit: { share: 0.02, retryAfterSeconds: 1 } };
  for (const provider of ['sendgrid', 'twilio', 'fcm']) {
    const response = await fetch(`${sandboxUrl}/sandbox/faults/${provider}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(faults),
    });
    if (!response.ok) throw new Error(`the sandbox refused the faults: ${await response.text()}`);
  }
};

const progressOf = (tracker: Tracker, { notifications }: DemoOptions) => {
  const bar = new cliProgress.SingleBar(
    {
      format:
        '{bar} {percentage} % | {value}/{total} ended | {underWay} under way | {duration_formatted}',
      noTTYOutput: true,
      notTTYSchedule: 5_000,
      stream: process.stderr,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(notifications, 0, { underWay: 0 });
  const draw = () => bar.update(tracker.finished(), { underWay: tracker.underWay() });
  const timer = setInterval(draw, 100);
  return {
    stop: () => {
      clearInterval(timer);
      draw();
      bar.stop();
    },
  };
};
