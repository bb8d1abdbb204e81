import { randomBytes } from 'node:crypto';
import { acknowledgementsOf } from './acknowledgements.ts';
import type { Push } from './acknowledgements.ts';
import { asAttempt, asText, fields, parseJson } from './vendor.ts';
import type { Answer, Reading, Vendor } from './vendor.ts';

/** FCM's limit on a message's payload, in bytes. */
const LARGEST_PAYLOAD = 4096;
const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';

/**
 * FCM's `POST /v1/projects/{project}/messages:send`, and the devices behind it: a device acknowledges to `data.ackUrl`
 * that it received the message, and about 40 % that it was opened. Tokens starting with `dead` are UNREGISTERED.
 */
export function createFcmVendor(config: {
  readonly projectId: string;
  readonly accessToken: string;
  readonly webhookBaseUrl: string;
  readonly seed: number;
}): Vendor<Push> {
  const path = `/v1/projects/${config.projectId}/messages:send`;

  return {
    provider: 'fcm',
    serves: (requested) => requested.startsWith('/v1/projects/'),
    read: (request) => {
      if (request.headers.authorization !== `Bearer ${config.accessToken}`) {
        return refused(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
      }
      if (request.path !== path) return refused(404, 'NOT_FOUND', 'Project not found.');
      return readMessage(fields(fields(parseJson(request.body))['message']));
    },
    accept: ([message], bounce, now) => {
      if (bounce || message.recipient.startsWith('dead')) {
        return { answer: UNREGISTERED, entries: [], callbacks: [] };
      }
      const name = `projects/${config.projectId}/messages/0:${randomBytes(12).toString('hex')}`;
      const { notificationId, attempt, recipient } = message;
      return {
        answer: { status: 200, body: { name } },
        entries: [
          { provider: 'fcm', providerMessageId: name, notificationId, attempt, recipient, at: now },
        ],
        callbacks: acknowledgementsOf('fcm', message, now, config),
      };
    },
    rateLimited: (seconds) =>
      failure(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.', 'QUOTA_EXCEEDED', {
        'retry-after': String(seconds),
      }),
    unavailable: () =>
      failure(503, 'UNAVAILABLE', 'The service is currently unavailable.', 'UNAVAILABLE'),
  };
}

const failure = (
  code: number,
  status: string,
  message: string,
  errorCode?: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status: code,
  headers,
  body: {
    error: {
      code,
      message,
      status,
      ...(errorCode === undefined ? {} : { details: [{ '@type': FCM_ERROR, errorCode }] }),
    },
  },
});

const UNREGISTERED = failure(404, 'NOT_FOUND', 'Requested entity was not found.', 'UNREGISTERED');

const refused = (code: number, status: string, message: string, errorCode?: string) => ({
  refused: failure(code, status, message, errorCode),
});

function readMessage(message: Readonly<Record<string, unknown>>): Reading<Push> {
  const invalid = (reason: string) => refused(400, 'INVALID_ARGUMENT', reason, 'INVALID_ARGUMENT');
  const token = asText(message['token']);
  if (token === null) return invalid('The message has no registration token.');
  const data = fields(message['data']);
  if (Object.values(data).some((value) => typeof value !== 'string')) {
    return invalid('Invalid value at message.data: values must be strings.');
  }
  const payload = JSON.stringify({ notification: message['notification'], data });
  if (Buffer.byteLength(payload) > LARGEST_PAYLOAD) return invalid('The message is too big.');
  return {
    messages: [
      {
        recipient: token,
        notificationId: asText(data['notificationId']),
        attempt: asAttempt(data['attempt']),
        data,
      },
    ],
  };
}
