import type { Channel } from '../../domain/vocabulary.ts';
import type { Platform } from '../../domain/user/state.ts';
import type { ApnsOptions } from './apns.ts';
import type { AwsSmsOptions } from './aws-sms.ts';
import type { FcmOptions } from './fcm.ts';
import type { MailgunOptions } from './mailgun.ts';
import type { Provider } from './provider.ts';
import type { SendGridOptions } from './sendgrid.ts';
import type { SesOptions } from './ses.ts';
import type { SmtpOptions } from './smtp.ts';
import type { SnsOptions } from './sns.ts';
import type { TwilioOptions } from './twilio.ts';
import type { VonageOptions } from './vonage.ts';
import type { WebPushOptions } from './webpush.ts';

/** How a provider is made. Its SDK is loaded with it, so that one that isn't used costs nothing. */
export interface Adapter<O> {
  readonly channel: Channel;
  /** Of push: the devices that it reaches. */
  readonly platform?: Platform;
  create(options: O & { readonly timeoutMs: number }): Promise<Provider>;
}

const email = <O>(create: Adapter<O>['create']): Adapter<O> => ({ channel: 'email', create });
const sms = <O>(create: Adapter<O>['create']): Adapter<O> => ({ channel: 'sms', create });
const push = <O>(platform: Platform, create: Adapter<O>['create']): Adapter<O> => ({
  channel: 'push',
  platform,
  create,
});

/**
 * Every provider by its name, which is stored in events. The order within a channel is the order in which they
 * are used where no route is configured.
 */
export const adapters = {
  sendgrid: email(async (options: SendGridOptions) =>
    (await import('./sendgrid.ts')).createSendGrid(options),
  ),
  ses: email(async (options: SesOptions) => (await import('./ses.ts')).createSes(options)),
  mailgun: email(async (options: MailgunOptions) =>
    (await import('./mailgun.ts')).createMailgun(options),
  ),
  smtp: email(async (options: SmtpOptions) => (await import('./smtp.ts')).createSmtp(options)),
  twilio: sms(async (options: TwilioOptions) =>
    (await import('./twilio.ts')).createTwilio(options),
  ),
  'aws-sms': sms(async (options: AwsSmsOptions) =>
    (await import('./aws-sms.ts')).createAwsSms(options),
  ),
  vonage: sms(async (options: VonageOptions) =>
    (await import('./vonage.ts')).createVonage(options),
  ),
  sns: sms(async (options: SnsOptions) => (await import('./sns.ts')).createSns(options)),
  fcm: push('fcm', async (options: FcmOptions) => (await import('./fcm.ts')).createFcm(options)),
  apns: push('apns', async (options: ApnsOptions) =>
    (await import('./apns.ts')).createApns(options),
  ),
  webpush: push('webpush', async (options: WebPushOptions) =>
    (await import('./webpush.ts')).createWebPush(options),
  ),
  inapp: {
    channel: 'in_app',
    create: async () => (await import('./inapp.ts')).createInApp(),
  } satisfies Adapter<object>,
} as const;

export type ProviderName = keyof typeof adapters;

/** What each provider is called with; one without is not used. */
export type Accounts = {
  readonly [N in ProviderName]?: (typeof adapters)[N] extends Adapter<infer O> ? O : never;
};

export const providerNames = Object.keys(adapters) as readonly ProviderName[];

export const isProviderName = (name: string): name is ProviderName => Object.hasOwn(adapters, name);

/** Those that tell by themselves, by webhook, what was opened and clicked. */
export const tellsReading = (name: string): boolean => telling.has(name);
const telling: ReadonlySet<string> = new Set<ProviderName>(['sendgrid', 'ses', 'mailgun']);

/** Providers of a channel, in the order in which they are used. */
export const providersOf = (channel: Channel): readonly ProviderName[] =>
  providerNames.filter((name) => adapters[name].channel === channel);
