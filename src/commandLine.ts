import { pino } from 'pino';
import { runCli } from './cli/cli.ts';
import { readConfig } from './config.ts';
import {
  backupEventStore,
  restoreEventStore,
  scavengeEventStore,
  startEmbeddedEventStore,
  verifyEventStore,
} from './embedded/eventstore/index.ts';
import { startEmbeddedMongo } from './embedded/mongodb/index.ts';
import { slowCommandLog } from './roles/slowCommandLog.ts';

/**
 * Runs one command line and ends the process with its exit code. What only some commands need is
 * loaded by them: an embedded server alone starts in a fraction of the time and memory of the rest.
 */
export const runTidings = (argv: readonly string[]): Promise<void> =>
  runCli(argv, {
    async startTidings(config, logger) {
      const { startTidings } = await import('./tidings.ts');
      return startTidings(config, logger);
    },
    readConfig: (overrides) => readConfig({ ...process.env, ...overrides }),
    createLogger: (level) => pino({ level, base: null }, pino.destination(2)),
    startEmbeddedEventStore,
    eventStoreFiles: {
      backup: backupEventStore,
      restore: restoreEventStore,
      verify: verifyEventStore,
      scavenge: scavengeEventStore,
    },
    startEmbeddedMongo: ({ logger, ...options }) =>
      startEmbeddedMongo({ ...options, onSlow: slowCommandLog(logger) }),
    async startSandbox(options) {
      const { startSandbox } = await import('./sandbox/index.ts');
      return startSandbox(options);
    },
    async signToken(config, principal, lifetimeSeconds) {
      const { loadSecrets } = await import('./privacy/secrets.ts');
      const { signToken } = await import('./http/auth.ts');
      const { jwt } = await loadSecrets(config);
      return signToken(principal, jwt, { now: new Date(), lifetimeSeconds });
    },
  });
