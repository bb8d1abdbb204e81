import { readFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cliProgress from 'cli-progress';
import { v7 } from 'uuid';
import type { DriveProgress } from './demo/drive.ts';
import { startDriver } from './demo/driver.ts';
import { report, type Summary } from './demo/report.ts';
import { providerVariables } from '../providerSettings.ts';
import type { CliPorts, RunningTidings } from './ports.ts';

export interface DemoOptions {
  readonly notifications: number;
  readonly json: boolean;
  readonly faults: boolean;
  /** Notifications under way at once. */
  readonly window: number;
  readonly dataDir?: string;
}

/** The demo ends the same at every hour: no legal hours, no limits; everybody else has both by default. */
const anyHour = JSON.stringify({
  jurisdictions: [{ regions: ['*'], consentFor: ['marketing:sms'], marketingHours: [] }],
  limits: [],
});

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
    TIDINGS_POLICY: anyHour,
    TIDINGS_LOG_LEVEL: process.env.TIDINGS_LOG_LEVEL ?? 'warn',
  });
  const stderrLogger = ports.createLogger(config.logLevel);
  const tidings = await ports.startTidings(config, stderrLogger);
  let failure: unknown;
  const stop = () => void tidings.close().then(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    if (resumed) say(`resuming the run in ${dataDir}`);
    const summary = await runDemo(tidings, options, runId, say);
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
  ...Object.keys(providerVariables),
];

const runDemo = async (
  { url, sandboxUrl, adminToken }: RunningTidings,
  options: DemoOptions,
  runId: string,
  say: (line: string) => void,
): Promise<Summary> => {
  if (url === undefined || sandboxUrl === undefined)
    throw new Error('the API or the sandbox is missing');
  const { notifications, faults, window } = options;
  const driver = startDriver();
  const bar = progressOf(notifications);
  let before = process.cpuUsage();
  let cpu = process.cpuUsage(before);
  try {
    const token = await adminToken();
    const result = await driver.run(
      { url, sandboxUrl, token, runId, notifications, faults, window },
      {
        onStarted: () => {
          say(`sending ${notifications} notifications; live at ${url}/graphql`);
          before = process.cpuUsage();
          bar.start();
        },
        onEnded: () => {
          cpu = process.cpuUsage(before);
          bar.stop();
        },
        onTrouble: (words) => say(`trouble: ${words}`),
        onProgress: bar.update,
      },
    );
    return { ...result, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
  } finally {
    bar.stop();
    driver.close();
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

const progressOf = (notifications: number) => {
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
  return {
    start: () => bar.start(notifications, 0, { underWay: 0 }),
    update: ({ finished, underWay }: DriveProgress) => bar.update(finished, { underWay }),
    stop: () => {
      if (bar.isActive) bar.stop();
    },
  };
};
