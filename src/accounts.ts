import { type Config, ConfigError } from './config.ts';
import { accountNames, platformOf } from './dispatchers/providers/providers.ts';
import {
  type Accounts,
  adapters,
  type ProviderName,
  providersOf,
} from './dispatchers/providers/registry.ts';
import type { Route } from './domain/policy/routing.ts';
import { type Channel, channels } from './domain/vocabulary.ts';
import type { WebhookAccounts } from './http/webhooks/readers.ts';
import type { TopicAccount } from './http/webhooks/ses.ts';
import { createSnsReader } from './http/webhooks/sns.ts';
import { createSnsConfirmation } from './http/webhooks/snsConfirmation.ts';
import type { SandboxAddresses } from './sandbox/index.ts';

/** The accounts that the configuration names. In-app messages need none. */
export const configuredAccounts = ({ firebase, awsSms, ...config }: Config): Accounts => {
  const { sendgrid, ses, mailgun, smtp, twilio, vonage, sns, apns, webpush } = config;
  return {
    ...(sendgrid && { sendgrid }),
    ...(ses && { ses }),
    ...(mailgun && { mailgun }),
    ...(smtp && { smtp }),
    ...(twilio && { twilio }),
    ...(awsSms && { 'aws-sms': awsSms }),
    ...(vonage && { vonage }),
    ...(sns && { sns }),
    ...(firebase && { fcm: { projectId: firebase.projectId, credential: firebase } }),
    ...(apns && { apns }),
    ...(webpush && { webpush }),
    inapp: {},
  };
};

/** The same at the simulators. */
const simulatedAccounts = ({ fcm, awsSms, ...sandbox }: SandboxAddresses): Accounts => {
  const { sendgrid, ses, mailgun, smtp, twilio, vonage, sns, apns, webpush } = sandbox;
  return {
    sendgrid,
    ses,
    mailgun,
    smtp,
    twilio,
    'aws-sms': awsSms,
    vonage,
    sns,
    fcm: { ...fcm, credential: { accessToken: fcm.accessToken } },
    apns,
    webpush,
  };
};

/** Channels on which nobody has an account: simulators stand in for all of their providers. */
export const simulatedChannels = (config: Config): readonly Channel[] => {
  const configured = accountNames(configuredAccounts(config));
  return channels.filter((channel) =>
    configured.every((name) => adapters[name].channel !== channel),
  );
};

/** What to call each provider with, and who takes the messages of each channel. */
export interface ProviderPlan {
  readonly accounts: Accounts;
  readonly routes: Readonly<Record<Channel, Route>>;
}

/**
 * A simulator never takes over from a provider with an account. Without a route, a channel that is simulated has the
 * first of its providers only (of push, the first for each kind of device).
 *
 * @throws ConfigError when a route names a provider that has no account
 */
export const planProviders = (
  config: Config,
  sandbox: SandboxAddresses | undefined,
): ProviderPlan => {
  const simulated = simulatedChannels(config);
  const everySimulated: Accounts = sandbox ? simulatedAccounts(sandbox) : {};
  const accounts: Accounts = {
    ...Object.fromEntries(
      accountNames(everySimulated)
        .filter((name) => simulated.includes(adapters[name].channel))
        .map((name) => [name, everySimulated[name]]),
    ),
    ...configuredAccounts(config),
  };
  const available = accountNames(accounts);
  const routeOf = (channel: Channel): Route => {
    const wanted = config.routes[channel];
    if (!wanted) {
      const all = providersOf(channel).filter((name) => available.includes(name));
      const names = simulated.includes(channel) ? all.filter(isFirstOfItsKind) : all;
      return { tiers: names.map((provider) => [{ provider, weight: 1 }]) };
    }
    const names = wanted.tiers.flat().map(({ provider }) => provider);
    const missing = names.find((name) => !(available as readonly string[]).includes(name));
    if (missing === undefined) return wanted;
    throw new ConfigError(`TIDINGS_ROUTES: ${missing} has no account`);
  };
  return {
    accounts,
    routes: {
      email: routeOf('email'),
      sms: routeOf('sms'),
      push: routeOf('push'),
      in_app: routeOf('in_app'),
    },
  };
};

const isFirstOfItsKind = (name: ProviderName, at: number, all: readonly ProviderName[]): boolean =>
  all.findIndex((other) => platformOf(other) === platformOf(name)) === at;

/** What webhooks are verified with: an account's own key, or the simulator's. */
export const webhookAccounts = (
  config: Config,
  sandbox: SandboxAddresses | undefined,
): WebhookAccounts => {
  const publicKey = config.sendgrid?.webhookPublicKey ?? sandbox?.sendgrid.webhookPublicKey;
  const signingKey = config.mailgun?.webhookSigningKey ?? sandbox?.mailgun.webhookSigningKey;
  const authToken = config.twilio?.authToken ?? sandbox?.twilio.authToken;
  const ses = topicOf(config.ses, sandbox?.ses, sandbox?.url);
  const awsSms = topicOf(config.awsSms, sandbox?.awsSms, sandbox?.url);
  const vonage = config.vonage ?? sandbox?.vonage;
  return {
    ...(publicKey === undefined ? {} : { sendgrid: { publicKey } }),
    ...(ses && { ses }),
    ...(signingKey === undefined ? {} : { mailgun: { signingKey } }),
    ...(authToken === undefined ? {} : { twilio: { authToken } }),
    ...(awsSms && { awsSms }),
    ...(vonage && { vonage }),
  };
};

/** How the messages of a topic are verified and its subscription is confirmed. */
const topicOf = (
  configured: Config['ses'] | Config['awsSms'],
  simulated: SandboxAddresses['ses'] | SandboxAddresses['awsSms'] | undefined,
  sandboxUrl = '',
): TopicAccount | undefined => {
  if (configured) {
    return {
      read: createSnsReader({ topicArns: [configured.topicArn] }),
      confirm: createSnsConfirmation(configured),
    };
  }
  return (
    simulated && {
      read: createSnsReader({
        topicArns: [simulated.topicArn],
        certificateOf: async () => (await fetch(`${sandboxUrl}/sandbox/sns-certificate`)).text(),
      }),
      confirm: createSnsConfirmation({ ...simulated, endpoint: `${sandboxUrl}/aws/topics` }),
    }
  );
};
