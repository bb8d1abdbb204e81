import { z } from 'zod';
import type { PolicyRules } from './domain/policy/rules.ts';
import { readPolicy } from './policySettings.ts';
import { type ProviderSettings, providerVariables, readProviders } from './providerSettings.ts';
import { type ConfiguredRoutes, readRoutes } from './routeSettings.ts';

export const roles = ['api', 'projector', 'dispatcher', 'scheduler'] as const;
export type Role = (typeof roles)[number];

const text = z.string().trim().min(1);
const port = z.coerce.number().int().min(0).max(65_535);
const milliseconds = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const secret = z.string().min(32, 'must have at least 32 characters');

/** What a reader throws is what is wrong with the setting. */
const readBy =
  <T>(read: (setting: string | undefined) => T) =>
  (setting: string | undefined, context: z.RefinementCtx<string | undefined>): T => {
    try {
      return read(setting);
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : 'can not be read');
      return z.NEVER;
    }
  };

const environment = z.object({
  TIDINGS_DATA_DIR: text.default('.tidings'),
  TIDINGS_HOST: text.default('127.0.0.1'),
  TIDINGS_PORT: port.default(4000),
  TIDINGS_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TIDINGS_ROLES: text.default(roles.join(',')).transform((list, context) => {
    const names = list.split(',').map((name) => name.trim());
    const wrong = names.find((name) => !(roles as readonly string[]).includes(name));
    if (wrong !== undefined) {
      context.addIssue(`unknown role ${wrong}; there are ${roles.join(', ')}`);
      return z.NEVER;
    }
    return names as readonly Role[];
  }),
  TIDINGS_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TIDINGS_SECRET: secret.optional(),
  TIDINGS_OLD_SECRETS: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter((one) => one !== '')),
  TIDINGS_STOP_SCOPE: z.enum(['all', 'marketing']).default('all'),
  TIDINGS_MASTER_KEY: z
    .string()
    .refine((key) => Buffer.from(key, 'base64').length === 32, 'must be 32 bytes in base64')
    .optional(),
  EVENTSTORE_URL: z
    .string()
    .regex(/^esdb(\+discover)?:\/\//, 'must start with esdb://')
    .optional(),
  MONGODB_URL: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb://')
    .optional(),
  TIDINGS_DATABASE: text.default('tidings'),
  TIDINGS_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(64),
  TIDINGS_BROADCAST_WINDOW: z.coerce.number().int().min(1).max(10_000).default(32),
  TIDINGS_PROVIDER_TIMEOUT_MS: milliseconds(100, 60_000).default(10_000),
  TIDINGS_LEASE_MS: milliseconds(1_000, 600_000).default(30_000),
  TIDINGS_SETTLE_MS: milliseconds(0, 3_600_000).default(120_000),
  TIDINGS_SENDER_ADDRESS: z.email().default('notifications@tidings.example'),
  TIDINGS_SENDER_NAME: text.default('Tidings'),
  TIDINGS_POLICY: text.optional().transform(readBy(readPolicy)),
  TIDINGS_ROUTES: text.optional().transform(readBy(readRoutes)),
  TIDINGS_SANDBOX_LATENCY_MS: milliseconds(0, 60_000).default(5),
  ...providerVariables,
  NODE_ENV: text.optional(),
});

/** What Tidings is told from outside; frozen. README's settings table explains each. */
export interface Config extends ProviderSettings {
  readonly development: boolean;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly roles: readonly Role[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly secret: string | undefined;
  /** Secrets that were in use before: unsubscribe links and suppressions made with them still hold. */
  readonly oldSecrets: readonly string[];
  /** How far a STOP by text message goes. */
  readonly stopScope: 'all' | 'marketing';
  readonly masterKey: string | undefined;
  readonly eventStoreUrl: string | undefined;
  readonly mongoUrl: string | undefined;
  readonly database: string;
  /** Provider calls under way per channel. */
  readonly concurrency: number;
  /** Notifications of broadcasts that may wait to be dispatched at once. */
  readonly broadcastWindow: number;
  readonly providerTimeoutMs: number;
  readonly leaseMs: number;
  readonly settleMs: number;
  readonly sender: { readonly address: string; readonly name: string };
  /** Consents, marketing hours and limits. */
  readonly policy: PolicyRules;
  /** Who takes the messages of a channel; where nothing is said, every provider with an account in turn. */
  readonly routes: ConfiguredRoutes;
  readonly sandboxLatencyMs: number;
}

/** The environment doesn't fit; the message names every variable that is wrong, and no value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ConfigError(lines.join('\n'));
  }
  const e = parsed.data;
  const development = e.NODE_ENV !== 'production';
  if (!development && (e.TIDINGS_SECRET === undefined || e.TIDINGS_MASTER_KEY === undefined)) {
    throw new ConfigError('TIDINGS_SECRET and TIDINGS_MASTER_KEY must be set in production');
  }
  if (e.TIDINGS_LEASE_MS <= e.TIDINGS_PROVIDER_TIMEOUT_MS) {
    throw new ConfigError('TIDINGS_LEASE_MS must be longer than TIDINGS_PROVIDER_TIMEOUT_MS');
  }
  return Object.freeze({
    development,
    dataDir: e.TIDINGS_DATA_DIR,
    host: e.TIDINGS_HOST,
    port: e.TIDINGS_PORT,
    publicUrl: e.TIDINGS_PUBLIC_URL?.replace(/\/$/, ''),
    roles: e.TIDINGS_ROLES,
    logLevel: e.TIDINGS_LOG_LEVEL,
    secret: e.TIDINGS_SECRET,
    stopScope: e.TIDINGS_STOP_SCOPE,
    oldSecrets: e.TIDINGS_OLD_SECRETS,
    masterKey: e.TIDINGS_MASTER_KEY,
    eventStoreUrl: e.EVENTSTORE_URL,
    mongoUrl: e.MONGODB_URL,
    database: e.TIDINGS_DATABASE,
    concurrency: e.TIDINGS_CONCURRENCY,
    broadcastWindow: e.TIDINGS_BROADCAST_WINDOW,
    providerTimeoutMs: e.TIDINGS_PROVIDER_TIMEOUT_MS,
    leaseMs: e.TIDINGS_LEASE_MS,
    settleMs: e.TIDINGS_SETTLE_MS,
    sender: { address: e.TIDINGS_SENDER_ADDRESS, name: e.TIDINGS_SENDER_NAME },
    policy: e.TIDINGS_POLICY,
    routes: e.TIDINGS_ROUTES,
    sandboxLatencyMs: e.TIDINGS_SANDBOX_LATENCY_MS,
    ...providersOf(e),
  });
};

const providersOf = (...given: Parameters<typeof readProviders>): ProviderSettings => {
  try {
    return readProviders(...given);
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error));
  }
};
