import { randomUUID } from 'node:crypto';
import { hasAccessKey } from './aws.ts';
import { chance } from './chance.ts';
import type { CallbackDraft } from './ledger.ts';
import type { Topic } from './topic.ts';
import { asAttempt, asText, fields, parseJson } from './vendor.ts';
import type { Answer, Message, Vendor } from './vendor.ts';

/**
 * `SendTextMessage` of AWS End User Messaging, at `/aws/sms/`: JSON 1.0, the operation in a header. What becomes of a
 * message is told through an SNS topic. Numbers ending in 0021 have opted out; those ending in 0009 are accepted, then
 * invalid.
 */
export function createAwsSmsVendor(config: {
  readonly accessKeyId: string;
  readonly originationIdentity: string;
  readonly configurationSet: string;
  readonly topic: Topic;
  readonly seed: number;
}): Vendor {
  return {
    provider: 'aws-sms',
    serves: (path) => path === '/aws/sms/',
    read: (request) => {
      if (!hasAccessKey(request, config.accessKeyId)) {
        return refused('UnrecognizedClientException', 'The security token is invalid.');
      }
      if (request.headers['x-amz-target'] !== 'PinpointSMSVoiceV2.SendTextMessage') {
        return refused('UnknownOperationException', 'no such operation');
      }
      const input = fields(parseJson(request.body));
      const recipient = asText(input['DestinationPhoneNumber']);
      if (recipient === null || !/^\+[1-9]\d{6,14}$/.test(recipient)) {
        return refused('ValidationException', 'invalid', {
          Reason: 'INVALID_PARAMETER',
          Fields: [{ Name: 'DestinationPhoneNumber', Message: 'is not a phone number' }],
        });
      }
      if (asText(input['MessageBody']) === null) {
        return refused('ValidationException', 'invalid', {
          Reason: 'INVALID_PARAMETER',
          Fields: [{ Name: 'MessageBody', Message: 'is missing' }],
        });
      }
      if (
        input['OriginationIdentity'] !== config.originationIdentity ||
        input['ConfigurationSetName'] !== config.configurationSet
      ) {
        return refused('ResourceNotFoundException', 'no such sender or configuration set');
      }
      if (recipient.endsWith('0021')) {
        const Reason = 'DESTINATION_PHONE_NUMBER_OPTED_OUT';
        return refused('ConflictException', 'The recipient has opted out.', { Reason });
      }
      const context = fields(input['Context']);
      const notificationId = asText(context['notification_id']);
      const attempt = asAttempt(context['attempt']);
      return { messages: [{ recipient, notificationId, attempt } satisfies Message] };
    },
    accept: ([message], bounce, now) => {
      const { notificationId, attempt, recipient } = message;
      const providerMessageId = randomUUID();
      return {
        answer: json(200, { MessageId: providerMessageId }),
        entries: [
          { provider: 'aws-sms', providerMessageId, notificationId, attempt, recipient, at: now },
        ],
        callbacks: eventsOf(message, providerMessageId, bounce, now, config),
      };
    },
    rateLimited: (seconds) => ({
      ...failure(429, 'ThrottlingException', 'Rate exceeded'),
      headers: { ...JSON_TYPE, 'retry-after': String(seconds) },
    }),
    unavailable: () => ({ status: 503, headers: JSON_TYPE, body: '' }),
  };
}

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' } as const;

const json = (status: number, body: object): Answer => ({ status, headers: JSON_TYPE, body });

const failure = (status: number, name: string, Message: string, more: object = {}): Answer =>
  json(status, {
    __type: `com.amazonaws.pinpointsmsvoicev2#${name}`,
    Message,
    ...more,
  });

const refused = (name: string, message: string, more: object = {}) => ({
  refused: failure(400, name, message, more),
});

/** What the topic tells of a message. */
function eventsOf(
  { recipient, notificationId, attempt }: Message,
  messageId: string,
  bounce: boolean,
  now: number,
  { seed, topic }: { readonly seed: number; readonly topic: Topic },
): CallbackDraft[] {
  const event = (eventType: string, at: number, isFinal: boolean): CallbackDraft => ({
    provider: 'aws-sms',
    url: '/webhooks/aws-sms',
    dueAt: Math.round(at),
    body: topic.notification(
      JSON.stringify({
        eventType,
        eventVersion: '1.0',
        eventTimestamp: Math.round(at),
        isFinal,
        destinationPhoneNumber: recipient,
        messageId,
        messageStatus: eventType.slice('TEXT_'.length),
        ...(notificationId === null
          ? {}
          : {
              context: {
                notification_id: notificationId,
                ...(attempt === null ? {} : { attempt: String(attempt) }),
              },
            }),
      }),
      new Date(at).toISOString(),
    ),
  });
  const end = now + 40 + chance(seed, 'delivery', notificationId ?? messageId) * 60;
  return [
    event('TEXT_PENDING', now + 10, false),
    bounce || recipient.endsWith('0009')
      ? event('TEXT_INVALID', end, true)
      : event('TEXT_DELIVERED', end, true),
  ];
}
