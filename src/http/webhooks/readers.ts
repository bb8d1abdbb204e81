import { readAwsSmsWebhook } from './awsSms.ts';
import { readMailgunWebhook } from './mailgun.ts';
import type { WebhookHeaders, WebhookResult } from './report.ts';
import { readSendGridWebhook } from './sendgrid.ts';
import { readSesWebhook } from './ses.ts';
import type { TopicAccount } from './ses.ts';
import { readTwilioWebhook } from './twilio.ts';
import { readVonageWebhook, type VonageWebhookAccount } from './vonage.ts';

/** What the webhooks of each provider are verified with. */
export interface WebhookAccounts {
  readonly sendgrid?: { readonly publicKey: string };
  readonly ses?: TopicAccount;
  readonly mailgun?: { readonly signingKey: string };
  readonly twilio?: { readonly authToken: string };
  readonly awsSms?: TopicAccount;
  readonly vonage?: VonageWebhookAccount;
}

/** One request to a provider's webhook. */
export interface WebhookCall {
  readonly rawBody: Buffer;
  readonly headers: WebhookHeaders;
  /** The full public URL, query included. */
  readonly url: string;
  readonly now: Date;
}

/** Verifies and translates; undefined when there is no account. Rejects when the call should come again. */
export type WebhookReader = (
  call: WebhookCall,
  accounts: WebhookAccounts,
) => WebhookResult | undefined | Promise<WebhookResult | undefined>;

/** Who reports at `POST /webhooks/{provider}`. */
export const webhookReaders: Readonly<Record<string, WebhookReader>> = {
  sendgrid: ({ rawBody, headers, now }, { sendgrid }) =>
    sendgrid && readSendGridWebhook(rawBody, headers, { ...sendgrid, now }),
  ses: ({ rawBody, now }, { ses }) => ses && readSesWebhook(rawBody, { ...ses, now }),
  mailgun: ({ rawBody, now }, { mailgun }) =>
    mailgun && readMailgunWebhook(rawBody, { ...mailgun, now }),
  twilio: ({ rawBody, headers, url, now }, { twilio }) =>
    twilio && readTwilioWebhook(rawBody, headers, { ...twilio, url, now }),
  'aws-sms': ({ rawBody, now }, { awsSms }) =>
    awsSms && readAwsSmsWebhook(rawBody, { ...awsSms, now }),
  vonage: ({ rawBody, headers, now }, { vonage }) =>
    vonage && readVonageWebhook(rawBody, headers, { ...vonage, now }),
};
