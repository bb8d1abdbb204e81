import type { WebhookHeaders, WebhookResult } from './report.ts';
import { readSendGridWebhook } from './sendgrid.ts';
import { readTwilioWebhook } from './twilio.ts';

/** What the webhooks of each provider are verified with. */
export interface WebhookAccounts {
  readonly sendgrid?: { readonly publicKey: string };
  readonly twilio?: { readonly authToken: string };
}

/** One request to a provider's webhook. */
export interface WebhookCall {
  readonly rawBody: Buffer;
  readonly headers: WebhookHeaders;
  /** The full public URL, query included. */
  readonly url: string;
  readonly now: Date;
}

/** Verifies and translates; undefined when there is no account. */
export type WebhookReader = (
  call: WebhookCall,
  accounts: WebhookAccounts,
) => WebhookResult | undefined | Promise<WebhookResult | undefined>;

/** Who reports at `POST /webhooks/{provider}`. */
export const webhookReaders: Readonly<Record<string, WebhookReader>> = {
  sendgrid: ({ rawBody, headers, now }, { sendgrid }) =>
    sendgrid && readSendGridWebhook(rawBody, headers, { ...sendgrid, now }),
  twilio: ({ rawBody, headers, url, now }, { twilio }) =>
    twilio && readTwilioWebhook(rawBody, headers, { ...twilio, url, now }),
};
