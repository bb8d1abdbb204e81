import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { v7 } from 'uuid';
import { runCli } from './cli/cli.ts';
import { createDirectory } from './commands/directory.ts';
import { createExecutor } from './commands/executor.ts';
import { createNotificationCommands } from './commands/notifications.ts';
import { createRequestNotifications } from './commands/requestNotifications.ts';
import { createTemplateCommands } from './commands/templates.ts';
import { createUserCommands } from './commands/users.ts';
import { type Config, readConfig } from './config.ts';
import { createAttempt } from './dispatchers/attempt.ts';
import { guard, type GuardedProvider } from './dispatchers/breaker.ts';
import type { Links } from './dispatchers/compose.ts';
import { createFastPath } from './dispatchers/fastPath.ts';
import { createLanes } from './dispatchers/lanes.ts';
import { createFcm } from './dispatchers/providers/fcm.ts';
import { createInApp } from './dispatchers/providers/inapp.ts';
import type { Provider } from './dispatchers/providers/provider.ts';
import { createSendGrid } from './dispatchers/providers/sendgrid.ts';
import { createTwilio } from './dispatchers/providers/twilio.ts';
import { createRenderer } from './dispatchers/render.ts';
import { createScheduler, type DueEntry } from './dispatchers/scheduler.ts';
import { createSlowPath } from './dispatchers/slowPath.ts';
import type { Channel } from './domain/vocabulary.ts';
import { startEmbeddedEventStore } from './embedded/eventstore/index.ts';
import { startEmbeddedMongo } from './embedded/mongodb/index.ts';
import { connectEventStore } from './eventstore/client.ts';
import { createCodec } from './eventstore/codec.ts';
import { signToken } from './http/auth.ts';
import { createApi } from './http/server.ts';
import { unsubscribeToken } from './http/unsubscribe.ts';
import { deviceAckToken } from './http/webhooks/device.ts';
import { createCiphers } from './privacy/ciphers.ts';
import type { EncryptedField } from './privacy/encryption.ts';
import { loadSecrets } from './privacy/secrets.ts';
import { createSubjectKeys } from './privacy/subjectKeys.ts';
import {
  type AnalyticsDocument,
  analyticsProjection,
  analyticsQueries,
} from './projections/analytics.ts';
import { dueProjection } from './projections/due.ts';
import { createLiveFeed } from './projections/liveFeed.ts';
import {
  type NotificationDocument,
  notificationQueries,
  notificationsProjection,
} from './projections/notifications.ts';
import { collectionName, createProjector } from './projections/projector.ts';
import {
  type TemplateDocument,
  templateQueries,
  templatesProjection,
} from './projections/templates.ts';
import { type UserDocument, userQueries, usersProjection } from './projections/users.ts';
import { createCheckpoints } from './readmodels/checkpoints.ts';
import { connectDatabase } from './readmodels/database.ts';
import { createKeyCollection } from './readmodels/keys.ts';
import { createLeases } from './readmodels/leases.ts';
import { type Sandbox, startSandbox } from './sandbox/index.ts';

/** A running Tidings. */
export interface Tidings {
  /** Of the API; undefined when this process has no `api` role. */
  readonly url: string | undefined;
  /** Of the sandbox; undefined when every provider has an account. */
  readonly sandboxUrl: string | undefined;
  /** An administrator's token, good for a day; for development and the demo. */
  adminToken(): Promise<string>;
  /** Stops taking work, finishes what is under way, closes everything in reverse order. */
  close(): Promise<void>;
}

const leaseLifetimeMs = 6_000;
const ackLifetimeMs = 7 * 24 * 3_600_000;

const wait = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
};

/** Tries until the store answers: it may be starting, too. */
const patiently = async <T>(
  what: string,
  logger: Logger,
  signal: AbortSignal,
  start: () => Promise<T>,
): Promise<T> => {
  for (let pause = 500; ; pause = Math.min(pause * 2, 10_000)) {
    try {
      return await start();
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = error instanceof Error ? error.message.split('\n')[0] : 'no reason given';
      logger.warn(`${what} does not answer (${reason ?? ''}); trying again in ${pause / 1_000} s`);
      await wait(pause, signal);
    }
  }
};

/** Starts the roles of the configuration, and the embedded stores and the sandbox where nothing else is configured. */
export const startTidings = async (config: Config, logger: Logger): Promise<Tidings> => {
  const closing = new AbortController();
  const closers: (() => Promise<void>)[] = [];
  const has = (role: Config['roles'][number]) => config.roles.includes(role);
  const close = async (): Promise<void> => {
    closing.abort();
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => logger.warn({ err: error }, 'closing failed'));
    }
  };
  try {
    await mkdir(config.dataDir, { recursive: true });
    const secrets = await loadSecrets(config);
    const now = () => new Date();

    const eventStoreUrl =
      config.eventStoreUrl ?? (await embedded(startEmbeddedEventStore, config, closers));
    const mongoUrl = config.mongoUrl ?? (await embedded(startEmbeddedMongo, config, closers));
    const log = connectEventStore(eventStoreUrl);
    closers.push(() => log.close());
    await patiently('the event store', logger, closing.signal, () => log.head());
    const database = await patiently('MongoDB', logger, closing.signal, () =>
      connectDatabase(mongoUrl, config.database),
    );
    closers.push(() => database.close());
    const keyDatabase = await connectDatabase(mongoUrl, `${config.database}_keys`);
    closers.push(() => keyDatabase.close());

    const keys = createSubjectKeys(
      createKeyCollection<EncryptedField>(keyDatabase),
      secrets.masterKey,
    );
    const codec = createCodec(createCiphers(keys));
    const { execute, load } = createExecutor({ log, codec, now, newEventId: v7, wait });

    const notifications = notificationQueries(
      database.collection<NotificationDocument>(collectionName(notificationsProjection)),
    );
    const users = userQueries(database.collection<UserDocument>(collectionName(usersProjection)));
    const templates = templateQueries(
      database.collection<TemplateDocument>(collectionName(templatesProjection)),
    );
    const analytics = analyticsQueries(
      database.collection<AnalyticsDocument>(collectionName(analyticsProjection)),
    );
    const directory = createDirectory({
      readUsers: async (ids) => {
        const found = await users.byIds(ids);
        return new Map([...found].map(([id, { state }]) => [id, state]));
      },
      load,
      now: Date.now,
    });

    const notificationCommands = createNotificationCommands(execute);
    const userCommands = createUserCommands(execute);
    const projections = [
      notificationsProjection,
      usersProjection,
      templatesProjection,
      dueProjection,
      analyticsProjection,
    ];
    const projector = createProjector(projections as never, {
      log,
      codec,
      logger,
      now,
      wait,
      checkpoints: createCheckpoints(database),
      collection: (name) => database.collection(name),
    });
    const live = createLiveFeed({ log, codec, logger, wait });

    const webhooks: { sendgrid?: { publicKey: string }; twilio?: { authToken: string } } = {};
    let publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
    let url: string | undefined;
    const running: Promise<void>[] = [];
    closers.push(async () => void (await Promise.all(running)));

    if (has('projector')) {
      running.push(
        whileLeader('projector', createLeases(database), closing.signal, logger, (signal) =>
          projector.run(signal),
        ),
      );
    }
    if (has('api')) {
      running.push(live.run(closing.signal));
      const api = await createApi({
        requestNotifications: createRequestNotifications({
          execute,
          findTemplate: (name) => directory.findTemplate(name),
          findUsers: async (ids) => {
            // One round trip for all keys, instead of one per append.
            const found = await directory.findUsers(ids);
            await keys.keysFor([...found.keys()]);
            return found;
          },
          now,
          newId: v7,
          secret: secrets.fingerprint,
        }),
        notificationCommands,
        userCommands,
        templateCommands: createTemplateCommands(execute, (name) => directory.forgetTemplate(name)),
        notifications,
        users,
        templates,
        analytics,
        live,
        secrets,
        webhooks,
        logger,
        now,
        publicUrl: () => publicUrl,
        development: config.development,
        health: async () => {
          const database_ = await database.ping().then(
            () => 'ok',
            () => 'does not answer',
          );
          const eventStore = await log.head().then(
            () => 'ok',
            () => 'does not answer',
          );
          const stopped = projector.status().filter(({ failure }) => failure !== undefined);
          const projectionsCheck =
            stopped.length === 0 ? 'ok' : `stopped: ${stopped.map(({ name }) => name).join(', ')}`;
          const checks = {
            mongodb: database_,
            eventstore: eventStore,
            projections: projectionsCheck,
          };
          return {
            live: true,
            ready: Object.values(checks).every((check) => check === 'ok'),
            checks,
          };
        },
      });
      closers.push(() => api.close());
      url = await api.listen(config.port, config.host);
      publicUrl = config.publicUrl ?? url;
    }

    const dispatches = has('dispatcher') || has('scheduler');
    const sandbox =
      dispatches && needsSandbox(config)
        ? await startSandbox({
            dataDir: config.dataDir,
            latencyMs: config.sandboxLatencyMs,
            webhookBaseUrl: publicUrl,
          })
        : undefined;
    if (sandbox) closers.push(() => sandbox.close());
    Object.assign(webhooks, webhookKeys(config, sandbox));

    if (dispatches) {
      const providers = createProviders(config, sandbox);
      for (const { provider } of providers.values()) closers.push(() => provider.close());
      const provider = (channel: Channel): GuardedProvider => {
        const found = providers.get(channel);
        if (!found) throw new Error(`there is no provider for ${channel}`);
        return found;
      };
      const links: Links = {
        unsubscribe: (userId, channel, category) =>
          `${publicUrl}/unsubscribe/${unsubscribeToken(userId, channel, category, secrets.unsubscribe)}`,
        smsCallback: (id) => `${publicUrl}/webhooks/twilio?nid=${id}`,
        deviceAck: (id) => ({
          url: `${publicUrl}/webhooks/device`,
          token: deviceAckToken(id, new Date(Date.now() + ackLifetimeMs), secrets.deviceAck),
        }),
      };
      const attempt = createAttempt({
        execute,
        provider,
        links,
        logger,
        renderer: createRenderer(),
        sender: config.sender,
        secret: secrets.contentHash,
        findContent: (name, version) => directory.findContent(name, version),
        removeDeadTokens: async (userId, tokens, context) => {
          await userCommands.removeDeadTokens(userId, tokens, context);
        },
        now: Date.now,
        random: Math.random,
        newId: v7,
        leaseMs: config.leaseMs,
        settleMs: config.settleMs,
      });
      const findUsers = (ids: readonly string[]) => directory.findUsers(ids);
      const lanes = createLanes(config.concurrency);
      if (has('dispatcher')) {
        const fastPath = createFastPath({
          log,
          codec,
          attempt,
          lanes,
          logger,
          findUsers,
          now: Date.now,
          wait,
        });
        running.push(fastPath.run(closing.signal));
      }
      if (has('scheduler')) {
        const slowPath = createSlowPath({
          log,
          codec,
          execute,
          attempt,
          lanes,
          provider,
          logger,
          findUsers,
          settleMs: config.settleMs,
          now: Date.now,
        });
        const scheduler = createScheduler({
          due: database.collection<DueEntry>(collectionName(dueProjection)),
          logger,
          now,
          wait,
          takeUp: (ids) => slowPath.takeUp(ids),
          newId: v7,
        });
        running.push(scheduler.run(closing.signal));
      }
    }

    return {
      url,
      sandboxUrl: sandbox?.url,
      adminToken: () =>
        signToken({ role: 'admin', clientId: 'admin' }, secrets.jwt, {
          now: now(),
          lifetimeSeconds: 24 * 3_600,
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

const embedded = async (
  start: (options: {
    readonly dataDir: string;
  }) => Promise<{ readonly url: string; close(): Promise<void> }>,
  config: Config,
  closers: (() => Promise<void>)[],
): Promise<string> => {
  const server = await start({ dataDir: config.dataDir });
  closers.push(() => server.close());
  return server.url;
};

const needsSandbox = (config: Config): boolean =>
  config.sendgrid === undefined || config.twilio === undefined || config.firebase === undefined;

const webhookKeys = (config: Config, sandbox: Sandbox | undefined) => {
  const publicKey = config.sendgrid?.webhookPublicKey ?? sandbox?.sendgrid.webhookPublicKey;
  const authToken = config.twilio?.authToken ?? sandbox?.twilio.authToken;
  return {
    ...(publicKey === undefined ? {} : { sendgrid: { publicKey } }),
    ...(authToken === undefined ? {} : { twilio: { authToken } }),
  };
};

/** One provider per channel: the account that is configured, or its simulator. */
const createProviders = (
  config: Config,
  sandbox: Sandbox | undefined,
): ReadonlyMap<Channel, GuardedProvider> => {
  const timeoutMs = config.providerTimeoutMs;
  const ensure = <T>(account: T | undefined, simulated: T | undefined): T => {
    const chosen = account ?? simulated;
    if (chosen === undefined) throw new Error('neither an account nor the sandbox is there');
    return chosen;
  };
  const { firebase } = config;
  const push = firebase
    ? {
        projectId: firebase.projectId,
        credential: { clientEmail: firebase.clientEmail, privateKey: firebase.privateKey },
      }
    : sandbox && {
        projectId: sandbox.fcm.projectId,
        credential: { accessToken: sandbox.fcm.accessToken },
        baseUrl: sandbox.fcm.baseUrl,
      };
  const all = [
    createSendGrid({ ...ensure(config.sendgrid, sandbox?.sendgrid), timeoutMs }),
    createTwilio({ ...ensure(config.twilio, sandbox?.twilio), timeoutMs }),
    createFcm({ ...ensure(push, undefined), timeoutMs }),
    createInApp(),
  ] as unknown as readonly Provider[];
  return new Map(all.map((provider) => [provider.channel, guard(provider, Date.now)]));
};

/** Runs a task while this process holds the lease, so that one projector writes at a time (facts P3). */
const whileLeader = async (
  name: string,
  leases: ReturnType<typeof createLeases>,
  signal: AbortSignal,
  logger: Logger,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const holder = v7();
  const acquire = () =>
    leases.acquire(name, holder, leaseLifetimeMs, new Date()).catch((error: unknown) => {
      logger.warn(
        { reason: error instanceof Error ? error.name : typeof error },
        `lease ${name} unknown`,
      );
      return undefined;
    });
  while (!signal.aborted) {
    if (!(await acquire())) {
      await wait(leaseLifetimeMs / 5, signal);
      continue;
    }
    const term = new AbortController();
    const renewing = (async () => {
      while (!signal.aborted && !term.signal.aborted) {
        await wait(leaseLifetimeMs / 3, AbortSignal.any([signal, term.signal]));
        if (!signal.aborted && !term.signal.aborted && !(await acquire())) term.abort();
      }
    })();
    await task(AbortSignal.any([signal, term.signal]));
    term.abort();
    await renewing;
  }
  await leases.release(name, holder).catch(() => undefined);
};

const isEntryPoint = (): boolean => {
  const [, script] = process.argv;
  return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
};

if (isEntryPoint()) {
  await runCli(process.argv, {
    startTidings,
    readConfig: (overrides) => readConfig({ ...process.env, ...overrides }),
    createLogger: (level) => pino({ level, base: null }, pino.destination(2)),
    startEmbeddedEventStore,
    startEmbeddedMongo,
    startSandbox,
    signToken: async (config, principal, lifetimeSeconds) => {
      const { jwt } = await loadSecrets(config);
      return signToken(principal, jwt, { now: new Date(), lifetimeSeconds });
    },
  });
}
