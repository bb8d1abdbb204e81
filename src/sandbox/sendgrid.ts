import { randomBytes } from 'node:crypto';
import { chance } from './chance.ts';
import type { CallbackDraft } from './ledger.ts';
import { asAttempt, asText, fields, parseJson } from './vendor.ts';
import type { Answer, Message, Vendor } from './vendor.ts';

export interface Email extends Message {
  readonly category: unknown;
  /** The first link of the HTML part: what a reader clicks. */
  readonly link: string;
}

/**
 * SendGrid's `POST /v3/mail/send`. Addresses whose local part starts with `bounce` bounce hard, with `spam` complain; of
 * the others about 40 % open and 10 % click. Events leave out the address, so that the sandbox keeps no personal data.
 */
export function createSendGridVendor(config: {
  readonly apiKey: string;
  readonly seed: number;
}): Vendor<Email> {
  return {
    provider: 'sendgrid',
    serves: (path) => path === '/v3/mail/send',
    read: ({ headers, body }) => {
      if (headers.authorization !== `Bearer ${config.apiKey}`) {
        return refused(401, 'The provided authorization grant is invalid, expired, or revoked');
      }
      return readMail(parseJson(body));
    },
    accept: (messages, bounce, now) => {
      const id = randomBytes(16).toString('base64url');
      return {
        answer: { status: 202, headers: { 'x-message-id': id } },
        entries: messages.map(({ notificationId, attempt, recipient }) => ({
          provider: 'sendgrid',
          providerMessageId: id,
          notificationId,
          attempt,
          recipient,
          at: now,
        })),
        callbacks: messages.flatMap((message, index) =>
          eventsOf(message, `${id}.${index}`, bounce, now, config.seed),
        ),
      };
    },
    rateLimited: (seconds) =>
      failure(429, 'too many requests', null, { 'retry-after': String(seconds) }),
    unavailable: () => failure(503, 'service unavailable'),
  };
}

const failure = (
  status: number,
  message: string,
  field: string | null = null,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({ status, headers, body: { errors: [{ message, field, help: null }] } });

const refused = (status: number, message: string, field: string | null = null) => ({
  refused: failure(status, message, field),
});

const ADDRESS = /^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+\.[^\s@<>,;:"()]+$/;

function readMail(mail: unknown): ReturnType<Vendor<Email>['read']> {
  if (mail === undefined) return refused(400, 'Bad Request');
  const { personalizations, from, subject, content, categories } = fields(mail);
  if (!Array.isArray(personalizations) || personalizations.length === 0) {
    return refused(400, 'The personalizations field is required', 'personalizations');
  }
  if (!ADDRESS.test(asText(fields(from)['email']) ?? '')) {
    return refused(400, 'The from email does not contain a valid address.', 'from.email');
  }
  const parts = Array.isArray(content) ? content.map(fields) : [];
  if (parts.length === 0 || parts.some((part) => asText(part['value']) === null)) {
    return refused(400, 'The content value must be a string at least one character', 'content');
  }
  const html = asText(parts.find((part) => part['type'] === 'text/html')?.['value']) ?? '';
  const link = /href="(https?:[^"]+)"/.exec(html)?.[1] ?? 'https://example.invalid/';

  const messages: Email[] = [];
  for (const [index, personalization] of personalizations.map(fields).entries()) {
    const where = `personalizations.${index}`;
    if ((asText(personalization['subject']) ?? asText(subject)) === null) {
      return refused(400, 'The subject is required', 'subject');
    }
    const to = Array.isArray(personalization['to']) ? personalization['to'].map(fields) : [];
    if (to.length === 0) return refused(400, 'The to array is required', `${where}.to`);
    const args = fields(personalization['custom_args']);
    for (const [place, mailbox] of to.entries()) {
      const recipient = asText(mailbox['email']) ?? '';
      if (!ADDRESS.test(recipient)) {
        return refused(400, 'Does not contain a valid address.', `${where}.to.${place}.email`);
      }
      messages.push({
        notificationId: asText(args['notification_id']),
        attempt: asAttempt(args['attempt']),
        recipient,
        category: categories ?? [],
        link,
      });
    }
  }
  return { messages: messages as [Email, ...Email[]] };
}

function eventsOf(
  message: Email,
  id: string,
  bounce: boolean,
  now: number,
  seed: number,
): CallbackDraft[] {
  const about = message.notificationId ?? id;
  const delivery = now + 20 + chance(seed, 'delivery', about) * 60;
  const opening = delivery + 100 + chance(seed, 'opening', about) * 500;
  const event = (name: string, at: number, more: object = {}): CallbackDraft => ({
    provider: 'sendgrid',
    url: '/webhooks/sendgrid',
    dueAt: Math.round(at),
    body: JSON.stringify({
      event: name,
      email: 'withheld@sandbox.invalid',
      timestamp: Math.floor(at / 1000),
      sg_event_id: `${id}.${name}`,
      sg_message_id: `${id}.recvd-sandbox`,
      category: message.category,
      ...(message.notificationId === null ? {} : { notification_id: message.notificationId }),
      ...(message.attempt === null ? {} : { attempt: String(message.attempt) }),
      ...more,
    }),
  });

  if (bounce || message.recipient.startsWith('bounce')) {
    const reason = '550 5.1.1 The email account that you tried to reach does not exist.';
    return [event('bounce', delivery, { type: 'bounce', status: '5.1.1', reason })];
  }
  const delivered = event('delivered', delivery, { response: '250 2.0.0 OK' });
  if (message.recipient.startsWith('spam')) return [delivered, event('spamreport', opening)];
  const interest = chance(seed, 'interest', about);
  return [
    delivered,
    ...(interest < 0.4 ? [event('open', opening, { sg_machine_open: false })] : []),
    ...(interest < 0.1 ? [event('click', opening + 200, { url: message.link })] : []),
  ];
}
