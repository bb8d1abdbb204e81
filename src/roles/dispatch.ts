import { randomUUID } from 'node:crypto';
import type { ProviderPlan } from '../accounts.ts';
import { createSuppressionCommands } from '../commands/suppressions.ts';
import { createAttempt } from '../dispatchers/attempt.ts';
import type { Links } from '../dispatchers/compose.ts';
import { createFastPath } from '../dispatchers/fastPath.ts';
import { createLimits } from '../dispatchers/limits.ts';
import { createLanes } from '../dispatchers/lanes.ts';
import { createProviders } from '../dispatchers/providers/providers.ts';
import { createFindRecipients } from '../dispatchers/recipients.ts';
import { createRetryBudget } from '../dispatchers/retryBudget.ts';
import { createRenderer } from '../dispatchers/render.ts';
import { createSlowPath } from '../dispatchers/slowPath.ts';
import { createSuppressionFeed } from '../dispatchers/suppressionFeed.ts';
import { preferencesToken } from '../http/preferences/token.ts';
import { clickToken, openToken } from '../http/tracking/token.ts';
import { unsubscribeToken } from '../http/unsubscribe/token.ts';
import { deviceAckToken } from '../http/webhooks/device.ts';
import { openRateLimits } from '../readmodels/rateLimits.ts';
import { startBroadcaster } from './bulk.ts';
import type { Parts } from './parts.ts';
import { reportProviders } from './reportProviders.ts';
import { startSchedule } from './schedule.ts';
import { wait } from './wait.ts';

/** How long a device may acknowledge a push message. */
const ackLifetimeMs = 7 * 24 * 3_600_000;

export interface DispatchOptions {
  readonly plan: ProviderPlan;
  /** What the outside calls the API. */
  readonly publicUrl: () => string;
}

/** The roles `dispatcher` and `scheduler`, as the configuration names them. */
export const startDispatch = async (
  parts: Parts,
  { plan, publicUrl }: DispatchOptions,
): Promise<void> => {
  const { config, logger, log, codec, database, directory, execute, secrets, closing } = parts;
  const { userCommands } = parts;
  const timeoutMs = config.providerTimeoutMs;
  const providers = await createProviders({ ...plan, timeoutMs, now: Date.now });
  parts.onClose('providers', () => providers.close());
  const links: Links = {
    unsubscribe: (userId, channel, category) =>
      `${publicUrl()}/unsubscribe/${unsubscribeToken(userId, channel, category, secrets.unsubscribe)}`,
    preferences: (userId) =>
      `${publicUrl()}/preferences/${preferencesToken(userId, secrets.preferences)}`,
    opened: (id) => `${publicUrl()}/t/o/${openToken(id, secrets.tracking)}`,
    clicked: (id, url) => `${publicUrl()}/t/c/${clickToken(id, url, secrets.tracking)}`,
    statusCallback: (provider, id, attempt) =>
      `${publicUrl()}/webhooks/${provider}?nid=${id}&attempt=${attempt}`,
    deviceAck: (id) => ({
      url: `${publicUrl()}/webhooks/device`,
      token: deviceAckToken(id, new Date(Date.now() + ackLifetimeMs), secrets.deviceAck),
    }),
  };
  const rules = config.policy;
  const limits = createLimits({
    rules,
    rates: await openRateLimits(database),
    now: Date.now,
    wait,
  });
  const findRecipients = createFindRecipients({
    findUsers: (ids) => directory.findUsers(ids),
    findSuppressed: parts.findSuppressed,
  });
  const attempt = createAttempt({
    execute,
    rules,
    limits,
    budget: createRetryBudget(Date.now),
    accepted: (channel, milliseconds) => parts.metrics.accepted(channel, milliseconds),
    providers,
    findRecipients,
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
    newId: randomUUID,
    leaseMs: config.leaseMs,
    settleMs: config.settleMs,
  });
  const lanes = createLanes(config.concurrency);
  await reportProviders(parts, providers);
  parts.metrics.watchQueue(() => lanes.sizes());
  const common = { log, codec, execute, attempt, lanes, logger, findRecipients, wait };

  if (config.roles.includes('dispatcher')) {
    parts.running(createFastPath({ ...common, now: Date.now }).run(closing));
    const suppressions = createSuppressionCommands(execute, (a) => parts.addressHashes.all(a));
    const feed = createSuppressionFeed({
      log,
      codec,
      logger,
      wait,
      suppress: (address, about, context) => suppressions.suppress(address, about, context),
      softBounced: (address, bounce, context) => suppressions.softBounced(address, bounce, context),
    });
    parts.running(feed.run(closing));
    startBroadcaster(parts);
  }
  if (config.roles.includes('scheduler')) {
    const { settleMs } = config;
    const slowPath = createSlowPath({ ...common, providers, settleMs, now: Date.now });
    startSchedule(parts, (due) => slowPath.takeUp(due));
  }
};
