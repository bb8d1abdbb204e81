import { randomUUID } from 'node:crypto';
import { addressOf, firstLink, isEmailAddress, newsOf } from './emailReader.ts';
import type { EmailNews } from './emailReader.ts';
import type { CallbackDraft } from './ledger.ts';
import { asAttempt } from './vendor.ts';
import type { Answer, Message, Reading, Vendor } from './vendor.ts';

interface Email extends Message {
  readonly tags: readonly string[];
  readonly link: string;
}

/** Mailgun's `POST /v3/{domain}/messages`. Readers as in `emailReader.ts`; events leave out the address. */
export function createMailgunVendor(config: {
  readonly apiKey: string;
  readonly domain: string;
  readonly seed: number;
}): Vendor<Email> {
  const path = `/v3/${config.domain}/messages`;
  const credentials = Buffer.from(`api:${config.apiKey}`).toString('base64');

  return {
    provider: 'mailgun',
    serves: (requested) => /^\/v3\/[^/]+\/messages$/.test(requested),
    read: (request) => {
      if (request.headers.authorization !== `Basic ${credentials}`) {
        return { refused: { status: 401, body: 'Forbidden' } };
      }
      if (request.path !== path) {
        return { refused: failure(404, `Domain not found: ${request.path.split('/')[2]}`) };
      }
      return readForm(partsOf(request.body, request.headers['content-type'] ?? ''));
    },
    accept: ([message], bounce, now) => {
      const id = `${new Date(now).toISOString().replace(/\D/g, '')}.${randomUUID()}@${config.domain}`;
      const { notificationId, attempt, recipient } = message;
      return {
        answer: { status: 200, body: { id: `<${id}>`, message: 'Queued. Thank you.' } },
        entries: [
          {
            provider: 'mailgun',
            providerMessageId: id,
            notificationId,
            attempt,
            recipient,
            at: now,
          },
        ],
        callbacks: newsOf(recipient, notificationId ?? id, { bounce, now, seed: config.seed }).map(
          (news) => eventOf(news, message, id),
        ),
      };
    },
    rateLimited: (seconds) => failure(429, 'Too many requests', { 'retry-after': String(seconds) }),
    unavailable: () => failure(503, 'Service unavailable'),
  };
}

const failure = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({ status, headers, body: { message } });

type Form = ReadonlyMap<string, readonly string[]>;

/** The texts of a multipart form (RFC 7578), by name; empty for anything else. */
function partsOf(body: string, contentType: string): Form {
  const [, boundary] = /^multipart\/form-data;.*boundary="?([^";]+)/i.exec(contentType) ?? [];
  const form = new Map<string, string[]>();
  if (boundary === undefined) return form;
  for (const part of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1, -1)) {
    const [, name = '', value = ''] = / name="([^"]*)"[^]*?\r\n\r\n([^]*)$/.exec(part) ?? [];
    form.set(name, [...(form.get(name) ?? []), value]);
  }
  return form;
}

function readForm(form: Form): Reading<Email> {
  const text = (name: string): string => form.get(name)?.[0] ?? '';
  const refused = (message: string) => ({ refused: failure(400, message) });
  if (text('from') === '') return refused('from parameter is missing');
  if (text('to') === '') return refused('to parameter is missing');
  if (text('text') === '' && text('html') === '')
    return refused('Need at least one of text or html');
  const recipient = addressOf(text('to'));
  if (!isEmailAddress(recipient)) {
    return refused("'to' parameter is not a valid address. please check documentation");
  }
  return {
    messages: [
      {
        recipient,
        notificationId: text('v:notification_id') || null,
        attempt: asAttempt(text('v:attempt')),
        tags: form.get('o:tag') ?? [],
        link: firstLink(text('html')),
      },
    ],
  };
}

const EVENTS: Readonly<Record<EmailNews['kind'], object>> = {
  delivered: { event: 'delivered', 'delivery-status': { code: 250, message: 'OK' } },
  bounced: {
    event: 'failed',
    severity: 'permanent',
    reason: 'bounce',
    'delivery-status': { code: 550, 'enhanced-code': '5.1.1', message: 'no such mailbox' },
  },
  complained: { event: 'complained' },
  opened: { event: 'opened' },
  clicked: { event: 'clicked' },
};

/** The event as it is signed when it goes out (`lanes.ts`). */
const eventOf = ({ kind, at }: EmailNews, message: Email, id: string): CallbackDraft => ({
  provider: 'mailgun',
  url: '/webhooks/mailgun',
  dueAt: at,
  body: JSON.stringify({
    id: randomUUID(),
    timestamp: at / 1000,
    recipient: 'withheld@sandbox.invalid',
    tags: message.tags,
    // Mailgun's own way to say "none".
    'user-variables':
      message.notificationId === null
        ? []
        : { notification_id: message.notificationId, attempt: String(message.attempt ?? '') },
    message: { headers: { 'message-id': id } },
    ...EVENTS[kind],
    ...(kind === 'clicked' ? { url: message.link } : {}),
  }),
});
