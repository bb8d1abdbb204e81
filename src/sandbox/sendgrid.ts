import { randomBytes } from 'node:crypto';
import { firstLink, isEmailAddress, newsOf } from './emailReader.ts';
import type { EmailNews } from './emailReader.ts';
import type { CallbackDraft } from './ledger.ts';
import { asAttempt, asText, fields, parseJson } from './vendor.ts';
import type { Answer, Message, Vendor } from './vendor.ts';

export interface Email extends Message {
  readonly category: unknown;
  /** The first link of the HTML part: what a reader clicks. */
  readonly link: string;
}

/** SendGrid's `POST /v3/mail/send`. Readers as in `emailReader.ts`; events leave out the address. */
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
          newsOf(message.recipient, message.notificationId ?? `${id}.${index}`, {
            bounce,
            now,
            seed: config.seed,
          }).map((news) => eventOf(news, message, `${id}.${index}`)),
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

function readMail(mail: unknown): ReturnType<Vendor<Email>['read']> {
  if (mail === undefined) return refused(400, 'Bad Request');
  const { personalizations, from, subject, content, categories } = fields(mail);
  if (!Array.isArray(personalizations) || personalizations.length === 0) {
    return refused(400, 'The personalizations field is required', 'personalizations');
  }
  if (!isEmailAddress(asText(fields(from)['email']) ?? '')) {
    return refused(400, 'The from email does not contain a valid address.', 'from.email');
  }
  const parts = Array.isArray(content) ? content.map(fields) : [];
  if (parts.length === 0 || parts.some((part) => asText(part['value']) === null)) {
    return refused(400, 'The content value must be a string at least one character', 'content');
  }
  const html = asText(parts.find((part) => part['type'] === 'text/html')?.['value']) ?? '';
  const link = firstLink(html);

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
      if (!isEmailAddress(recipient)) {
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

const EVENTS: Readonly<Record<EmailNews['kind'], object>> = {
  delivered: { event: 'delivered', response: '250 2.0.0 OK' },
  bounced: {
    event: 'bounce',
    type: 'bounce',
    status: '5.1.1',
    reason: '550 5.1.1 The email account that you tried to reach does not exist.',
  },
  complained: { event: 'spamreport' },
  opened: { event: 'open', sg_machine_open: false },
  clicked: { event: 'click' },
};

const eventOf = ({ kind, at }: EmailNews, message: Email, id: string): CallbackDraft => ({
  provider: 'sendgrid',
  url: '/webhooks/sendgrid',
  dueAt: at,
  body: JSON.stringify({
    ...EVENTS[kind],
    email: 'withheld@sandbox.invalid',
    timestamp: Math.floor(at / 1000),
    sg_event_id: `${id}.${kind}`,
    sg_message_id: `${id}.recvd-sandbox`,
    category: message.category,
    ...(message.notificationId === null ? {} : { notification_id: message.notificationId }),
    ...(message.attempt === null ? {} : { attempt: String(message.attempt) }),
    ...(kind === 'clicked' ? { url: message.link } : {}),
  }),
});
