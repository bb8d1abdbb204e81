import { randomUUID } from 'node:crypto';
import { parse, stringify } from 'node:querystring';
import { chance } from './chance.ts';
import type { CallbackDraft } from './ledger.ts';
import { asAttempt, asText, relativeTo } from './vendor.ts';
import type { Answer, Message, Reading, Vendor } from './vendor.ts';

export interface TextMessage extends Message {
  readonly from: string;
  readonly body: string;
  readonly statusCallback: string | null;
}

/**
 * Twilio's `POST /2010-04-01/Accounts/{AC}/Messages.json`. Numbers ending in 0021 are refused with 21610 (opted out);
 * those ending in 0009 are accepted, then undelivered with 30005. Our notification id is the callback's query `nid`.
 */
export function createTwilioVendor(config: {
  readonly accountSid: string;
  readonly authToken: string;
  readonly webhookBaseUrl: string;
  readonly seed: number;
}): Vendor<TextMessage> {
  const path = `/2010-04-01/Accounts/${config.accountSid}/Messages.json`;
  const credentials = Buffer.from(`${config.accountSid}:${config.authToken}`).toString('base64');

  return {
    provider: 'twilio',
    serves: (requested) => requested.startsWith('/2010-04-01/'),
    read: (request) => {
      if (request.headers.authorization !== `Basic ${credentials}`) {
        return refused(401, 20003, 'Authenticate');
      }
      if (request.path !== path) return refused(404, 20404, 'The requested resource was not found');
      return readForm(parse(request.body));
    },
    accept: ([message], bounce, now) => {
      const sid = `SM${randomUUID().replaceAll('-', '')}`;
      const { notificationId, attempt, recipient } = message;
      return {
        answer: { status: 201, body: describe(message, sid, config.accountSid, now) },
        entries: [
          {
            provider: 'twilio',
            providerMessageId: sid,
            notificationId,
            attempt,
            recipient,
            at: now,
          },
        ],
        callbacks: statusesOf(message, sid, bounce, now, config),
      };
    },
    rateLimited: (seconds) =>
      failure(429, 20429, 'Too Many Requests', { 'retry-after': String(seconds) }),
    unavailable: () => ({
      status: 503,
      headers: { 'content-type': 'text/html' },
      body: '<html><body><h1>503 Service Unavailable</h1></body></html>',
    }),
  };
}

const failure = (
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers,
  body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
});

const refused = (status: number, code: number, message: string) => ({
  refused: failure(status, code, message),
});

function readForm(form: NodeJS.Dict<string | string[]>): Reading<TextMessage> {
  const recipient = asText(form['To']);
  const from = asText(form['From']) ?? asText(form['MessagingServiceSid']);
  const body = asText(form['Body']);
  const statusCallback = asText(form['StatusCallback']);
  if (recipient === null) return refused(400, 21604, "A 'To' phone number is required.");
  if (from === null) return refused(400, 21603, "A 'From' phone number is required.");
  if (body === null) return refused(400, 21602, 'Message body is required.');
  if (body.length > 1600) return refused(400, 21617, 'The message body exceeds 1600 characters.');
  if (!/^\+[1-9]\d{6,14}$/.test(recipient)) {
    return refused(400, 21211, "The 'To' number is not a valid phone number.");
  }
  if (statusCallback !== null && !URL.canParse(statusCallback)) {
    return refused(400, 21609, "The 'StatusCallback' URL is not a valid URL.");
  }
  if (recipient.endsWith('0021')) {
    return refused(400, 21610, 'Attempt to send to unsubscribed recipient');
  }
  const query = statusCallback === null ? undefined : new URL(statusCallback).searchParams;
  return {
    messages: [
      {
        recipient,
        from,
        body,
        statusCallback,
        notificationId: asText(query?.get('nid')),
        attempt: asAttempt(query?.get('attempt')),
      },
    ],
  };
}

const describe = (message: TextMessage, sid: string, account: string, now: number): object => ({
  sid,
  account_sid: account,
  api_version: '2010-04-01',
  body: message.body,
  date_created: new Date(now).toUTCString(),
  date_sent: null,
  date_updated: new Date(now).toUTCString(),
  direction: 'outbound-api',
  error_code: null,
  error_message: null,
  from: message.from,
  messaging_service_sid: null,
  num_media: '0',
  num_segments: String(Math.ceil(message.body.length / 160)),
  price: null,
  price_unit: 'USD',
  status: 'queued',
  to: message.recipient,
  uri: `/2010-04-01/Accounts/${account}/Messages/${sid}.json`,
});

function statusesOf(
  message: TextMessage,
  sid: string,
  bounce: boolean,
  now: number,
  config: { readonly accountSid: string; readonly webhookBaseUrl: string; readonly seed: number },
): CallbackDraft[] {
  const { statusCallback } = message;
  if (statusCallback === null) return [];
  const status = (name: string, at: number, more: Record<string, string> = {}): CallbackDraft => ({
    provider: 'twilio',
    url: relativeTo(config.webhookBaseUrl, statusCallback),
    dueAt: Math.round(at),
    body: stringify({
      AccountSid: config.accountSid,
      ApiVersion: '2010-04-01',
      From: message.from,
      MessageSid: sid,
      MessageStatus: name,
      SmsSid: sid,
      SmsStatus: name,
      ...more,
    }),
  });
  const delivery = now + 40 + chance(config.seed, 'delivery', message.notificationId ?? sid) * 60;
  return [
    status('sent', now + 10),
    bounce || message.recipient.endsWith('0009')
      ? status('undelivered', delivery, { ErrorCode: '30005' })
      : status('delivered', delivery),
  ];
}
