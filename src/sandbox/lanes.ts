import { createSecretKey } from 'node:crypto';
import type { Lane } from './callbacks.ts';
import type { PendingCallback } from './ledger.ts';
import type { Poster } from './poster.ts';
import { signForm, signMailgun, signVonage } from './signing.ts';
import type { EventSigner } from './signing.ts';
import type { Topic } from './topic.ts';

/**
 * How each vendor calls back: SendGrid in signed batches, SES and AWS End User Messaging by topics, Mailgun, Twilio and
 * Vonage one signed event each, devices in batches of their own.
 */
export function createLanes(config: {
  readonly webhookBaseUrl: string;
  readonly authToken: string;
  readonly signer: EventSigner;
  readonly poster: Poster;
  readonly mailgunSigningKey: string;
  readonly sesTopic: Topic;
  readonly smsTopic: Topic;
  readonly vonage: Parameters<typeof signVonage>[0];
}): readonly Lane[] {
  const { poster, signer } = config;
  const authToken = createSecretKey(Buffer.from(config.authToken));
  const mailgunSigningKey = createSecretKey(Buffer.from(config.mailgunSigningKey));
  const resolve = (url: string): string =>
    url.startsWith('/') ? config.webhookBaseUrl + url : url;

  const devices = (provider: Lane['provider']): Lane => ({
    provider,
    batch: 50,
    waitMs: 100,
    concurrency: 8,
    send: (url, callbacks) =>
      poster.post(
        resolve(url),
        { 'content-type': 'application/json' },
        callbacks.length === 1 ? (callbacks[0]?.body ?? '') : array(callbacks),
      ),
  });

  return [
    {
      provider: 'sendgrid',
      batch: 50,
      waitMs: 100,
      concurrency: 8,
      send: (url, callbacks) => {
        const body = array(callbacks);
        const timestamp = String(Math.floor(Date.now() / 1000));
        return poster.post(
          resolve(url),
          {
            'content-type': 'application/json',
            'x-twilio-email-event-webhook-signature': signer.sign(timestamp, body),
            'x-twilio-email-event-webhook-timestamp': timestamp,
          },
          body,
        );
      },
    },
    {
      provider: 'twilio',
      batch: 1,
      waitMs: 0,
      concurrency: 32,
      send: (url, callbacks) => {
        const form = callbacks[0]?.body ?? '';
        const target = resolve(url);
        return poster.post(
          target,
          {
            'content-type': 'application/x-www-form-urlencoded',
            'x-twilio-signature': signForm(authToken, target, form),
          },
          form,
        );
      },
    },
    {
      provider: 'ses',
      batch: 1,
      waitMs: 0,
      concurrency: 16,
      send: async (url, [callback]) =>
        callback !== undefined && config.sesTopic.post(resolve(url), callback),
    },
    {
      provider: 'aws-sms',
      batch: 1,
      waitMs: 0,
      concurrency: 16,
      send: async (url, [callback]) =>
        callback !== undefined && config.smsTopic.post(resolve(url), callback),
    },
    {
      provider: 'vonage',
      batch: 1,
      waitMs: 0,
      concurrency: 16,
      send: async (url, [callback]) => {
        const body = callback?.body ?? '';
        const authorization = `Bearer ${await signVonage(config.vonage, body)}`;
        const headers = { 'content-type': 'application/json', authorization };
        return poster.post(resolve(url), headers, body);
      },
    },
    {
      provider: 'mailgun',
      batch: 1,
      waitMs: 0,
      concurrency: 16,
      send: (url, callbacks) =>
        poster.post(
          resolve(url),
          { 'content-type': 'application/json' },
          signMailgun(mailgunSigningKey, callbacks[0]?.body ?? ''),
        ),
    },
    ...(['fcm', 'apns', 'webpush'] as const).map((provider) => devices(provider)),
  ];
}

const array = (callbacks: readonly PendingCallback[]): string =>
  `[${callbacks.map(({ body }) => body).join(',')}]`;
