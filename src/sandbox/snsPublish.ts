import { randomUUID } from 'node:crypto';
import { parse } from 'node:querystring';
import { hasAccessKey } from './aws.ts';
import { asText } from './vendor.ts';
import type { Answer, Message, Vendor } from './vendor.ts';

/**
 * `Publish` of Amazon SNS to a phone number, at `/aws/sns/`: a form in, XML out. SNS knows nothing of our ids and tells
 * nobody what became of a message, so its ledger holds no notification id but the one that tests put in the text as
 * `[id]`. Numbers ending in 0021 have opted out.
 */
export function createSnsVendor(config: { readonly accessKeyId: string }): Vendor {
  return {
    provider: 'sns',
    serves: (path) => path === '/aws/sns/',
    read: (request) => {
      if (!hasAccessKey(request, config.accessKeyId)) {
        return failure403;
      }
      const form = parse(request.body);
      const recipient = asText(form['PhoneNumber']);
      const text = asText(form['Message']);
      if (form['Action'] !== 'Publish') return refused(400, 'InvalidAction', 'no such action');
      if (recipient === null || !/^\+[1-9]\d{6,14}$/.test(recipient)) {
        return refused(400, 'InvalidParameter', 'Invalid parameter: PhoneNumber');
      }
      if (text === null || text.length > 1600) {
        return refused(400, 'InvalidParameter', 'Invalid parameter: Message');
      }
      if (recipient.endsWith('0021')) {
        return refused(400, 'OptedOut', 'the phone number has opted out');
      }
      const notificationId = /\[([\w-]{1,64})\]/.exec(text)?.[1] ?? null;
      return { messages: [{ recipient, notificationId, attempt: null } satisfies Message] };
    },
    accept: ([{ notificationId, attempt, recipient }], _bounce, now) => {
      const providerMessageId = randomUUID();
      return {
        answer: xml(
          200,
          `<PublishResponse xmlns="${NAMESPACE}"><PublishResult><MessageId>${providerMessageId}</MessageId></PublishResult>` +
            `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></PublishResponse>`,
        ),
        entries: [
          { provider: 'sns', providerMessageId, notificationId, attempt, recipient, at: now },
        ],
        callbacks: [],
      };
    },
    rateLimited: (seconds) => ({
      ...failure(429, 'Throttled', 'Rate exceeded'),
      headers: { 'content-type': 'text/xml', 'retry-after': String(seconds) },
    }),
    unavailable: () => ({ status: 503, headers: { 'content-type': 'text/xml' }, body: '' }),
  };
}

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

const xml = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});

const failure = (status: number, code: string, message: string): Answer =>
  xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>` +
      `<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );

const refused = (status: number, code: string, message: string) => ({
  refused: failure(status, code, message),
});

const failure403 = refused(403, 'InvalidClientTokenId', 'The security token is invalid.');
