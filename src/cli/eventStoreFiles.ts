import type { Command } from 'commander';
import type { EmbeddedWords } from './embedded.ts';
import type { CliPorts } from './ports.ts';

interface DataDir {
  readonly dataDir?: string;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** `tidings embedded eventstore backup`, `restore`, `verify` and `scavenge`. */
export const addEventStoreFiles = (
  eventStore: Command,
  ports: CliPorts,
  { dataDirOption, dataDirSetting, finish }: EmbeddedWords,
): void => {
  const files = ports.eventStoreFiles;
  const dataDirOf = ({ dataDir }: DataDir): string =>
    ports.readConfig(dataDirSetting(dataDir)).dataDir;

  eventStore
    .command('backup')
    .description('copies the log into a folder, while it is served or not')
    .requiredOption('--to <folder>', 'which is created')
    .option(...dataDirOption)
    .action(async (options: DataDir & { to: string }) => {
      const dataDir = dataDirOf(options);
      await files.backup(dataDir, options.to);
      say(`${dataDir} is backed up in ${options.to}`);
    });

  eventStore
    .command('restore')
    .description('verifies a backup and puts it into a data directory that has no log')
    .requiredOption('--from <folder>', 'that `backup` filled')
    .option(...dataDirOption)
    .action((options: DataDir & { from: string }) => {
      const dataDir = dataDirOf(options);
      files.restore(options.from, dataDir);
      say(`${options.from} is restored in ${dataDir}`);
    });

  eventStore
    .command('verify')
    .description('checks every page, event and stream of a backup or of a log that is not in use')
    .option(...dataDirOption)
    .action((options: DataDir) => {
      const dataDir = dataDirOf(options);
      const { events, streams, problems } = files.verify(dataDir);
      for (const problem of problems) say(problem);
      const found = problems.length === 0 ? 'no problem' : `${problems.length} problems`;
      say(`${dataDir}: ${events} events in ${streams} streams, ${found}`);
      finish(problems.length === 0 ? 0 : 1);
    });

  eventStore
    .command('scavenge')
    .description('removes what is expired, truncated or deleted, while it is served or not')
    .option(...dataDirOption)
    .action(async (options: DataDir) => {
      const dataDir = dataDirOf(options);
      say(`${await files.scavenge(dataDir)} events removed from ${dataDir}`);
    });
};
