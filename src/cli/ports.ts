import type { Logger } from 'pino';
import type { Config } from '../config.ts';

/** A running Tidings, as the commands know it. */
export interface RunningTidings {
  readonly url: string | undefined;
  readonly sandboxUrl: string | undefined;
  adminToken(): Promise<string>;
  close(): Promise<void>;
}

interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** Settings that a command sets over those of the environment, by their environment names. */
export type Overrides = Readonly<Record<string, string | undefined>>;

/** What an operator does with the files of an embedded event store. */
export interface EventStoreFiles {
  /** Of a store that is in use, too. */
  backup(dataDir: string, folder: string): Promise<void>;
  /** Throws when the backup is damaged or `dataDir` holds a store. */
  restore(folder: string, dataDir: string): void;
  /** Throws when the store is in use. */
  verify(dataDir: string): {
    readonly events: number;
    readonly streams: number;
    /** Empty when all is well. */
    readonly problems: readonly string[];
  };
  /** Of a store that is in use, too; resolves with the number of events removed. */
  scavenge(dataDir: string): Promise<number>;
}

/** What the commands need of the rest of the program; `main.ts` passes it in. */
export interface CliPorts {
  startTidings(config: Config, logger: Logger): Promise<RunningTidings>;
  /** @throws ConfigError */
  readConfig(overrides: Overrides): Config;
  createLogger(level: Config['logLevel']): Logger;
  startEmbeddedEventStore(options: { dataDir: string; port: number }): Promise<Server>;
  readonly eventStoreFiles: EventStoreFiles;
  /** On a loopback port or on a Unix socket; commands from `slowMs` on are told to `logger`. */
  startEmbeddedMongo(options: {
    dataDir: string;
    port?: number;
    socket?: string;
    slowMs: number;
    logger: Logger;
  }): Promise<Server>;
  startSandbox(options: {
    dataDir: string;
    port: number;
    latencyMs: number;
    webhookBaseUrl: string;
  }): Promise<Server>;
  /** A token for a role, signed with the secret of the data directory or of the environment. */
  signToken(
    config: Config,
    principal: { role: 'admin' | 'service' | 'user'; clientId: string; userId?: string },
    lifetimeSeconds: number,
  ): Promise<string>;
}
