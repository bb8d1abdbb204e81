import { randomUUID } from 'node:crypto';
import { addressOf, firstLink, isEmailAddress, newsOf } from './emailReader.ts';
import type { EmailNews } from './emailReader.ts';
import type { CallbackDraft } from './ledger.ts';
import type { Topic } from './topic.ts';
import { asAttempt, asText, fields, parseJson } from './vendor.ts';
import type { Answer, Message, Reading, Vendor } from './vendor.ts';

interface Email extends Message {
  readonly link: string;
}

/**
 * Amazon SES v2's `POST /v2/email/outbound-emails`, whose events go to a topic of SNS. Of the signature only the access
 * key is looked at. Readers as in `emailReader.ts`; events leave out the address.
 */
export function createSesVendor(config: {
  readonly accessKeyId: string;
  readonly configurationSet: string;
  readonly topic: Topic;
  readonly seed: number;
}): Vendor<Email> {
  return {
    provider: 'ses',
    serves: (path) => path === '/v2/email/outbound-emails',
    read: ({ headers, body }) => {
      const signed = `AWS4-HMAC-SHA256 Credential=${config.accessKeyId}/`;
      if (headers.authorization?.startsWith(signed) !== true) {
        return refused(403, 'UnrecognizedClientException', 'The security token is invalid.');
      }
      return readMail(fields(parseJson(body)), config.configurationSet);
    },
    accept: ([message], bounce, now) => {
      const id = `0102${randomUUID()}-000000`;
      const { notificationId, attempt, recipient } = message;
      return {
        answer: { status: 200, body: { MessageId: id } },
        entries: [
          { provider: 'ses', providerMessageId: id, notificationId, attempt, recipient, at: now },
        ],
        callbacks: newsOf(recipient, notificationId ?? id, { bounce, now, seed: config.seed }).map(
          (news) => eventOf(news, message, id, config),
        ),
      };
    },
    rateLimited: (seconds) =>
      failure(429, 'TooManyRequestsException', 'Maximum sending rate exceeded.', {
        'retry-after': String(seconds),
      }),
    unavailable: () => failure(503, 'ServiceUnavailableException', 'Service unavailable.'),
  };
}

const failure = (
  status: number,
  name: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({ status, headers: { ...headers, 'x-amzn-errortype': name }, body: { message } });

const refused = (status: number, name: string, message: string) => ({
  refused: failure(status, name, message),
});

type Fields = ReturnType<typeof fields>;

function readMail(mail: Fields, configurationSet: string): Reading<Email> {
  const bad = (message: string) => refused(400, 'BadRequestException', message);
  const { ToAddresses: to } = fields(mail['Destination']);
  const [recipient] = Array.isArray(to) ? to.map((each) => addressOf(String(each))) : [];
  const simple = fields(fields(mail['Content'])['Simple']);
  const { Html, Text } = fields(simple['Body']);
  if (recipient === undefined) return bad('The message has no recipient.');
  if (!isEmailAddress(addressOf(asText(mail['FromEmailAddress']) ?? ''))) {
    return bad('The sender is missing.');
  }
  if (asText(fields(simple['Subject'])['Data']) === null) return bad('The subject is missing.');
  if (mail['ConfigurationSetName'] !== configurationSet) {
    return refused(404, 'NotFoundException', 'The configuration set does not exist.');
  }
  if (!isEmailAddress(recipient)) return bad('Illegal address');
  const html = asText(fields(Html)['Data']);
  if (html === null && asText(fields(Text)['Data']) === null) return bad('The body is missing.');
  const tags = new Map(
    (Array.isArray(mail['EmailTags']) ? mail['EmailTags'] : [])
      .map(fields)
      .map(({ Name, Value }) => [Name, asText(Value)]),
  );
  return {
    messages: [
      {
        recipient,
        notificationId: tags.get('notification_id') ?? null,
        attempt: asAttempt(tags.get('attempt')),
        link: firstLink(html ?? ''),
      },
    ],
  };
}

function eventOf(
  { kind, at }: EmailNews,
  message: Email,
  id: string,
  { topic, configurationSet }: { readonly topic: Topic; readonly configurationSet: string },
): CallbackDraft {
  const timestamp = new Date(at).toISOString();
  const about = {
    delivered: {
      eventType: 'Delivery',
      delivery: { timestamp, smtpResponse: '250 2.0.0 OK', processingTimeMillis: 20 },
    },
    bounced: {
      eventType: 'Bounce',
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        bouncedRecipients: [{ action: 'failed', status: '5.1.1' }],
        timestamp,
        feedbackId: `${id}-bounce`,
      },
    },
    complained: {
      eventType: 'Complaint',
      complaint: { complaintFeedbackType: 'abuse', timestamp, feedbackId: `${id}-complaint` },
    },
    opened: { eventType: 'Open', open: { timestamp, userAgent: 'Mozilla/5.0' } },
    clicked: { eventType: 'Click', click: { timestamp, link: message.link } },
  }[kind];
  const { notificationId, attempt } = message;
  return {
    provider: 'ses',
    url: '/webhooks/ses',
    dueAt: at,
    body: topic.notification(
      JSON.stringify({
        ...about,
        mail: {
          timestamp,
          messageId: id,
          destination: ['withheld@sandbox.invalid'],
          tags: {
            'ses:configuration-set': [configurationSet],
            ...(notificationId === null ? {} : { notification_id: [notificationId] }),
            ...(attempt === null ? {} : { attempt: [String(attempt)] }),
          },
        },
      }),
      timestamp,
    ),
  };
}
