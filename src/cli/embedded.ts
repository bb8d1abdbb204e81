import { type Command, Option } from 'commander';
import { addEventStoreFiles } from './eventStoreFiles.ts';
import type { CliPorts, Overrides } from './ports.ts';
import { untilSignal } from './untilSignal.ts';

interface Options {
  readonly port: number;
  readonly dataDir?: string;
}

interface MongoOptions extends Options {
  readonly socket?: string;
  readonly slowMs: number;
}

/** What the commands below share with the others. */
export interface EmbeddedWords {
  readonly port: (text: string) => number;
  readonly milliseconds: (text: string) => number;
  readonly dataDirOption: readonly [flags: string, text: string];
  readonly dataDirSetting: (dataDir: string | undefined) => Overrides;
  readonly finish: (exitCode: number) => void;
}

/** `tidings embedded eventstore` and `tidings embedded mongodb`: one server alone, for several processes. */
export const addEmbedded = (program: Command, ports: CliPorts, words: EmbeddedWords): void => {
  const { port, milliseconds, dataDirOption, dataDirSetting, finish } = words;
  const embedded = program.command('embedded').description('starts one embedded server alone');
  const serve = async (server: { readonly url: string; close(): Promise<void> }) => {
    process.stdout.write(`${server.url}\n`);
    finish(await untilSignal(() => server.close()));
  };

  const eventStore = embedded
    .command('eventstore')
    .description('starts the event store on loopback, for several processes to share')
    .option('--port <port>', 'to listen on', port, 2113)
    .option(...dataDirOption)
    .action(async (options: Options) => {
      const { dataDir } = ports.readConfig(dataDirSetting(options.dataDir));
      await serve(await ports.startEmbeddedEventStore({ dataDir, port: options.port }));
    });
  addEventStoreFiles(eventStore, ports, words);

  embedded
    .command('mongodb')
    .description('starts the read models’ server on loopback, for several processes to share')
    .option('--port <port>', 'to listen on; 0 is any free one', port, 27_017)
    .addOption(
      new Option('--socket <path>', 'a Unix socket to listen on instead').conflicts('port'),
    )
    .option('--slow-ms <milliseconds>', 'from when on a command is logged', milliseconds, 100)
    .option(...dataDirOption)
    .action(async (options: MongoOptions) => {
      const config = ports.readConfig(dataDirSetting(options.dataDir));
      const address =
        options.socket === undefined ? { port: options.port } : { socket: options.socket };
      const server = await ports.startEmbeddedMongo({
        dataDir: config.dataDir,
        ...address,
        slowMs: options.slowMs,
        logger: ports.createLogger(config.logLevel),
      });
      await serve(server);
    });
};
