import type { Channel } from '../../domain/vocabulary.ts';
import { guard, type GuardedProvider } from '../breaker.ts';
import { createFcm, type FcmOptions } from './fcm.ts';
import { createInApp } from './inapp.ts';
import type { Provider } from './provider.ts';
import { createSendGrid, type SendGridOptions } from './sendgrid.ts';
import { createTwilio, type TwilioOptions } from './twilio.ts';

/** What each provider is called with; in-app messages need no account. */
export interface Accounts {
  readonly sendgrid: SendGridOptions | undefined;
  readonly twilio: TwilioOptions | undefined;
  readonly fcm: FcmOptions | undefined;
}

export interface Providers {
  /** @throws Error when the channel has no account */
  of(channel: Channel): GuardedProvider;
  close(): Promise<void>;
}

/** One provider per channel, each behind its breaker. */
export const createProviders = (
  { sendgrid, twilio, fcm }: Accounts,
  timeoutMs: number,
  now: () => number,
): Providers => {
  const all = [
    ...(sendgrid ? [createSendGrid({ ...sendgrid, timeoutMs })] : []),
    ...(twilio ? [createTwilio({ ...twilio, timeoutMs })] : []),
    ...(fcm ? [createFcm({ ...fcm, timeoutMs })] : []),
    createInApp(),
  ] as readonly unknown[] as readonly Provider[];
  const byChannel = new Map(all.map((provider) => [provider.channel, guard(provider, now)]));
  return {
    of: (channel) => {
      const found = byChannel.get(channel);
      if (!found) throw new Error(`there is no provider for ${channel}`);
      return found;
    },
    close: async () => {
      await Promise.all(all.map((provider) => provider.close()));
    },
  };
};
