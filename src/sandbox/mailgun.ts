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
    read: async (request) => {
      if (request.headers.authorization !== `Basic ${credentials}`) {
        return { refused: { status: 401, body: 'Forbidden' } };
      }
      if (request.path !== path) {
        return { refused: failure(404, `Domain not found: ${request.path.split('/')[2]}`) };
      }
      const headers = { 'content-type': request.headers['content-type'] ?? '' };
      try {
        return readForm(await new Response(request.body, { headers }).formData());
      } catch {
        return { refused: failure(400, 'the form can not be read') };
      }
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

function readForm(form: FormData): Reading<Email> {
  const text = (name: string): string => {
    const value = form.get(name);
    return typeof value === 'string' ? value : '';
  };
  const refused = (message: string) => ({ refused: failure(400, message) });
  const recipients = form.getAll('to');
  if (text('from') === '') return refused('from parameter is missing');
  if (recipients.length === 0) return refused('to parameter is missing');
  if (text('text') === '' && text('html') === '')
    return refused('Need at least one of text or html');
  const [recipient = ''] = recipients.map((to) => addressOf(String(to)));
  if (!isEmailAddress(recipient)) {
    return refused("'to' parameter is not a valid address. please check documentation");
  }
  return {
    messages: [
      {
        recipient,
        notificationId: text('v:notification_id') || null,
        attempt: asAttempt(text('v:attempt')),
        tags: form.getAll('o:tag').map(String),
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
