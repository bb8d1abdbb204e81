import { createPublicKey, randomUUID } from 'node:crypto';
import { chance } from './chance.ts';
import type { CallbackDraft } from './ledger.ts';
import { asAttempt, asText, fields, parseJson, relativeTo } from './vendor.ts';
import type { Answer, Message, Reading, Vendor, VendorRequest } from './vendor.ts';

interface VonageText extends Message {
  readonly from: string;
  readonly webhookUrl: string | null;
}

/**
 * Vonage's Messages API, `POST /v1/messages`, with a token signed by the application's key (RS256). Numbers ending in
 * 0021 are refused; those ending in 0009 are accepted, then rejected by the carrier.
 */
export function createVonageVendor(config: {
  readonly applicationId: string;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookBaseUrl: string;
  readonly seed: number;
}): Vendor<VonageText> {
  const publicKey = createPublicKey(config.privateKey);
  const holds = async ({ headers }: VendorRequest): Promise<boolean> => {
    const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
    try {
      const { jwtVerify } = await import('jose');
      const { payload } = await jwtVerify(token, publicKey, {
        algorithms: ['RS256'],
        requiredClaims: ['iat', 'jti', 'exp'],
      });
      return scheme === 'Bearer' && payload['application_id'] === config.applicationId;
    } catch {
      return false;
    }
  };

  return {
    provider: 'vonage',
    serves: (path) => path === '/v1/messages',
    read: async (request) =>
      (await holds(request))
        ? readMessage(fields(parseJson(request.body)))
        : { refused: failure(401, 'Unauthorized') },
    accept: ([message], bounce, now) => {
      const { notificationId, attempt, recipient } = message;
      const providerMessageId = randomUUID();
      return {
        answer: { status: 202, body: { message_uuid: providerMessageId } },
        entries: [
          { provider: 'vonage', providerMessageId, notificationId, attempt, recipient, at: now },
        ],
        callbacks: statusesOf(message, providerMessageId, bounce, now, config),
      };
    },
    rateLimited: (seconds) => ({
      ...failure(429, 'Rate Limit Hit'),
      headers: { 'retry-after': String(seconds) },
    }),
    unavailable: () => ({
      status: 503,
      headers: { 'content-type': 'text/html' },
      body: '<html><body><h1>503 Service Unavailable</h1></body></html>',
    }),
  };
}

const failure = (status: number, title: string, more: object = {}): Answer => ({
  status,
  body: {
    type: `https://developer.vonage.com/api-errors#${status}`,
    title,
    detail: title,
    instance: randomUUID(),
    ...more,
  },
});

const invalid = (name: string, reason: string) => ({
  refused: failure(422, 'Your request parameters did not validate.', {
    invalid_parameters: [{ name, reason }],
  }),
});

function readMessage(input: Readonly<Record<string, unknown>>): Reading<VonageText> {
  const recipient = asText(input['to']);
  const from = asText(input['from']);
  if (input['channel'] !== 'sms') return invalid('channel', 'is not served here');
  if (input['message_type'] !== 'text') return invalid('message_type', 'must be text');
  if (recipient === null || !/^[1-9]\d{6,14}$/.test(recipient) || recipient.endsWith('0021')) {
    return invalid('to', 'must be a number in E.164 without the plus');
  }
  if (from === null) return invalid('from', 'is required');
  if (asText(input['text']) === null) return invalid('text', 'is required');
  const webhookUrl = asText(input['webhook_url']);
  const query = webhookUrl === null ? undefined : URL.parse(webhookUrl)?.searchParams;
  const notificationId = asText(input['client_ref']);
  const attempt = asAttempt(query?.get('attempt'));
  return { messages: [{ recipient, from, webhookUrl, notificationId, attempt }] };
}

function statusesOf(
  { recipient, from, notificationId, webhookUrl }: VonageText,
  messageUuid: string,
  bounce: boolean,
  now: number,
  config: { readonly webhookBaseUrl: string; readonly seed: number },
): CallbackDraft[] {
  if (webhookUrl === null) return [];
  const status = (name: string, at: number, more: object = {}): CallbackDraft => ({
    provider: 'vonage',
    url: relativeTo(config.webhookBaseUrl, webhookUrl),
    dueAt: Math.round(at),
    body: JSON.stringify({
      message_uuid: messageUuid,
      to: recipient,
      from,
      timestamp: new Date(at).toISOString(),
      status: name,
      channel: 'sms',
      ...(notificationId === null ? {} : { client_ref: notificationId }),
      ...more,
    }),
  });
  const end = now + 40 + chance(config.seed, 'delivery', notificationId ?? messageUuid) * 60;
  const error = {
    type: 'https://developer.vonage.com/api-errors/messages#1240',
    title: '1240',
    detail: 'Illegal number',
    instance: messageUuid,
  };
  return [
    status('submitted', now + 10),
    bounce || recipient.endsWith('0009')
      ? status('rejected', end, { error })
      : status('delivered', end),
  ];
}
