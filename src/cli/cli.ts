import { Command, InvalidArgumentError, Option } from 'commander';
import type { demo } from './demo.ts';
import { addEmbedded } from './embedded.ts';
import { type ImportOptions, importUsers } from './importUsers.ts';
import type { CliPorts, Overrides } from './ports.ts';
import { start } from './start.ts';
import { untilSignal } from './untilSignal.ts';

const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };

const port = wholeNumber(0, 65_535);
const dataDirOption = '--data-dir <folder>';
const dataDirText = 'where everything is kept (default: TIDINGS_DATA_DIR or .tidings)';

/** Over the environment's, where the option is given. */
const dataDirSetting = (dataDir: string | undefined): Overrides =>
  dataDir === undefined ? {} : { TIDINGS_DATA_DIR: dataDir };

/** Runs one command of `tidings` and ends the process with its exit code. */
export const runCli = async (argv: readonly string[], ports: CliPorts): Promise<void> => {
  // What follows a command's name are that command's options: some commands have commands of their own.
  const program = new Command('tidings')
    .description('An event-sourced notification system.')
    .enablePositionalOptions();
  let exitCode = 0;

  program
    .command('start')
    .description('starts everything on this machine')
    .option('--port <port>', 'of the API (default: TIDINGS_PORT or 4000)', port)
    .option(dataDirOption, dataDirText)
    .action(async (options: { port?: number; dataDir?: string }) => {
      exitCode = await start(ports, options);
    });

  program
    .command('demo')
    .description('sends notifications over all channels, follows them live and checks each')
    .option('--notifications <count>', 'how many', wholeNumber(1, 1_000_000), 1_000)
    .option('--json', 'print one line of JSON instead of the table', false)
    .option(dataDirOption, 'keep the data there; the same folder again resumes the run')
    .option('--faults', 'let the providers fail now and then (2 % errors, 2 % rate limits)', false)
    .option('--window <count>', 'notifications under way at once', wholeNumber(1, 100_000), 600)
    .action(async (options: Parameters<typeof demo>[1]) => {
      // Loaded only then: its clients are most of what a command line needs.
      const { demo } = await import('./demo.ts');
      exitCode = await demo(ports, options);
    });

  program
    .command('token')
    .description('prints a token for the API')
    .addOption(new Option('--role <role>').choices(['admin', 'service', 'user']).default('service'))
    .option('--client <id>', 'who calls; the scope of idempotency keys', 'cli')
    .option('--user <id>', 'the user, for the role `user`')
    .option('--hours <count>', 'how long it is good', wholeNumber(1, 744), 24)
    .option(dataDirOption, dataDirText)
    .action(
      async (options: {
        role: 'admin' | 'service' | 'user';
        client: string;
        user?: string;
        hours: number;
        dataDir?: string;
      }) => {
        if (options.role === 'user' && options.user === undefined) {
          program.error('--role user needs --user');
        }
        const config = ports.readConfig(dataDirSetting(options.dataDir));
        const principal = {
          role: options.role,
          clientId: options.client,
          ...(options.user === undefined ? {} : { userId: options.user }),
        };
        const token = await ports.signToken(config, principal, options.hours * 3_600);
        process.stdout.write(`${token}\n`);
      },
    );

  program
    .command('users')
    .description('works on users')
    .command('import')
    .description('registers or updates the users of a list, by a running Tidings')
    .argument('<file>', 'NDJSON (.ndjson, .jsonl) or CSV (.csv)')
    .option('--dry-run', 'only say which lines are wrong', false)
    .option('--json', 'print one line of JSON', false)
    .option('--url <url>', 'of the API (default: TIDINGS_PUBLIC_URL, or where it listens here)')
    .option(dataDirOption, dataDirText)
    .action(async (file: string, options: ImportOptions) => {
      exitCode = await importUsers(ports, file, options);
    });

  addEmbedded(program, ports, {
    port,
    milliseconds: wholeNumber(0, 86_400_000),
    dataDirOption: [dataDirOption, dataDirText],
    dataDirSetting,
    finish: (code) => {
      exitCode = code;
    },
  });

  program
    .command('sandbox')
    .description('starts the provider simulators alone')
    .option('--port <port>', 'to listen on', port, 4100)
    .option('--latency <milliseconds>', 'of each answer', wholeNumber(0, 60_000), 5)
    .option('--webhooks <url>', 'where the API listens', 'http://127.0.0.1:4000')
    .option(dataDirOption, dataDirText)
    .action(
      async (options: { port: number; latency: number; webhooks: string; dataDir?: string }) => {
        const { dataDir } = ports.readConfig(dataDirSetting(options.dataDir));
        const sandbox = await ports.startSandbox({
          dataDir,
          port: options.port,
          latencyMs: options.latency,
          webhookBaseUrl: options.webhooks,
        });
        process.stdout.write(`${sandbox.url}\n`);
        exitCode = await untilSignal(() => sandbox.close());
      },
    );

  try {
    await program.parseAsync(argv);
  } catch (error) {
    // A refusal to start is told in words; its stack would only hide them.
    process.stderr.write(`tidings: ${error instanceof Error ? error.message : String(error)}\n`);
    exitCode = 1;
  }
  process.exit(exitCode);
};
