import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createDirectory, type Directory } from '../commands/directory.ts';
import type { Execute } from '../commands/execute.ts';
import { createUserCommands, type UserCommands } from '../commands/users.ts';
import { createExecutor, type LoadState } from '../commands/executor.ts';
import type { Config } from '../config.ts';
import type { UserState } from '../domain/user/state.ts';
import { startEmbeddedEventStore } from '../embedded/eventstore/index.ts';
import { startEmbeddedMongo } from '../embedded/mongodb/index.ts';
import { connectEventStore, type EventLog } from '../eventstore/client.ts';
import { type Codec, createCodec } from '../eventstore/codec.ts';
import { type AddressHashes, createAddressHashes } from '../privacy/addressHash.ts';
import type { SuppressedAddress } from '../domain/policy/eligibility.ts';
import { createCiphers } from '../privacy/ciphers.ts';
import type { EncryptedField } from '../privacy/encryption.ts';
import { loadSecrets, type Secrets } from '../privacy/secrets.ts';
import { createSubjectKeys, type SubjectKeys } from '../privacy/subjectKeys.ts';
import { collectionName } from '../projections/projector.ts';
import {
  type SuppressionDocument,
  type SuppressionQueries,
  suppressionQueries,
  suppressionsProjection,
} from '../projections/suppressions.ts';
import {
  type UserDocument,
  type UserQueries,
  userQueries,
  usersProjection,
} from '../projections/users.ts';
import { connectDatabase, type Database } from '../readmodels/database.ts';
import { createKeyCollection } from '../readmodels/keys.ts';
import type { Lifecycle } from './lifecycle.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { slowCommandLog } from './slowCommandLog.ts';
import { wait } from './wait.ts';

/** What every role is made of. */
export interface Parts extends Lifecycle {
  /** With the addresses of the stores that are in use. */
  readonly config: Config;
  readonly logger: Logger;
  readonly secrets: Secrets;
  readonly log: EventLog;
  readonly database: Database;
  readonly keys: SubjectKeys;
  readonly codec: Codec;
  readonly metrics: Metrics;
  readonly execute: Execute;
  readonly load: LoadState;
  readonly users: UserQueries;
  readonly addressHashes: AddressHashes;
  readonly suppressions: SuppressionQueries;
  /** Of these addresses those that are suppressed, in one round trip. */
  findSuppressed(addresses: readonly string[]): Promise<ReadonlyMap<string, SuppressedAddress>>;
  readonly userCommands: UserCommands;
  readonly directory: Directory;
}

/** Connects to the stores, and starts the embedded server of each that has no address. */
export const openParts = async (
  config: Config,
  logger: Logger,
  lifecycle: Lifecycle,
): Promise<Parts> => {
  const { onClose, closing } = lifecycle;
  const secrets = await loadSecrets(config);
  const { dataDir } = config;
  const embedded = async (starting: Promise<{ readonly url: string; close(): Promise<void> }>) => {
    const server = await starting;
    onClose('stores', () => server.close());
    return server.url;
  };
  const patiently = <T>(what: string, start: () => Promise<T>) =>
    untilItAnswers(what, start, logger, closing);

  const eventStoreUrl =
    config.eventStoreUrl ?? (await embedded(startEmbeddedEventStore({ dataDir })));
  const log = connectEventStore(eventStoreUrl);
  onClose('stores', () => log.close());
  await patiently('the event store', () => log.head());
  const mongoUrl =
    config.mongoUrl ??
    (await embedded(startEmbeddedMongo({ dataDir, onSlow: slowCommandLog(logger) })));
  const open = async (name: string) => {
    const database = await patiently('MongoDB', () => connectDatabase(mongoUrl, name));
    onClose('stores', () => database.close());
    return database;
  };
  const database = await open(config.database);
  const keyCollection = createKeyCollection<EncryptedField>(await open(`${config.database}_keys`));

  const keys = createSubjectKeys(keyCollection, secrets.masterKey);
  const codec = createCodec(createCiphers(keys));
  const now = () => new Date();
  const metrics = createMetrics();
  const executor = createExecutor({ log, codec, now, newEventId: randomUUID, wait });
  const { load } = executor;
  const execute: Execute = async (aggregate, id, commands, context, options) => {
    const executed = await executor.execute(aggregate, id, commands, context, options);
    metrics.observe(executed.events);
    return executed;
  };
  const users = userQueries(database.collection<UserDocument>(collectionName(usersProjection)));
  const directory = createDirectory({
    readUsers: async (ids) => {
      const found = await users.byIds(ids);
      return new Map([...found].map(([id, { state }]) => [id, state]));
    },
    load,
    now: Date.now,
  });
  const suppressions = suppressionQueries(
    database.collection<SuppressionDocument>(collectionName(suppressionsProjection)),
  );
  const addressHashes = createAddressHashes(
    secrets.pepper,
    secrets.older.map(({ pepper }) => pepper),
  );
  const executeAndRemember: Execute = async (aggregate, id, commands, context, options) => {
    const executed = await execute(aggregate, id, commands, context, options);
    directory.rememberUser(id, executed.state as UserState);
    return executed;
  };
  const userCommands = createUserCommands(executeAndRemember, {
    isRequired: async (name) => {
      const template = await directory.findTemplate(name);
      const content =
        template?.active === undefined ? undefined : template.content(template.active);
      return template && (content?.required ?? false);
    },
  });
  return {
    ...lifecycle,
    config: { ...config, eventStoreUrl, mongoUrl },
    logger,
    secrets,
    log,
    database,
    keys,
    codec,
    metrics,
    execute,
    load,
    users,
    directory,
    userCommands,
    suppressions,
    addressHashes,
    findSuppressed: async (addresses) => {
      const hashes = new Map(addresses.map((address) => [address, addressHashes.all(address)]));
      const found = await suppressions.byHashes([...hashes.values()].flat());
      const of = (all: readonly string[]) =>
        all.flatMap((hash) => found.get(hash) ?? []).sort((a) => (a.scope === 'all' ? -1 : 1))[0];
      return new Map(
        [...hashes].flatMap(([address, all]) => {
          const suppressed = of(all);
          return suppressed ? [[address, suppressed] as const] : [];
        }),
      );
    },
  };
};

/** A store may be starting, too: it is asked again, and what is missing is said in one line. */
const untilItAnswers = async <T>(
  what: string,
  start: () => Promise<T>,
  logger: Logger,
  signal: AbortSignal,
): Promise<T> => {
  for (let pause = 500; ; pause = Math.min(pause * 2, 10_000)) {
    try {
      return await start();
    } catch (error) {
      if (signal.aborted) throw error;
      const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      logger.warn(`${what} does not answer (${reason}); trying again in ${pause / 1_000} s`);
      await wait(pause, signal);
    }
  }
};
