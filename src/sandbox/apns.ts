import { createPublicKey, randomUUID } from 'node:crypto';
import { acknowledgementsOf } from './acknowledgements.ts';
import type { Push } from './acknowledgements.ts';
import { asAttempt, asText, fields, parseJson } from './vendor.ts';
import type { Answer, Vendor, VendorRequest } from './vendor.ts';

const LARGEST_PAYLOAD = 4096;
const PATH = '/3/device/';

/**
 * APNs over HTTP/2: `POST /3/device/{token}` with a token signed by the app's key (ES256), and the devices behind it, which
 * acknowledge as FCM's do. Tokens starting with `dead` are gone (410), those starting with `bad` were never any (400).
 */
export function createApnsVendor(config: {
  /** PEM. */
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  readonly topic: string;
  readonly webhookBaseUrl: string;
  readonly seed: number;
}): Vendor<Push> {
  const publicKey = createPublicKey(config.key);
  let verified: string | undefined;

  /** One token is used for many messages; it is verified once. */
  const holds = async ({ headers }: VendorRequest): Promise<boolean> => {
    const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
    if (scheme !== 'bearer') return false;
    if (token === verified) return true;
    try {
      const { jwtVerify } = await import('jose');
      const { protectedHeader } = await jwtVerify(token, publicKey, {
        algorithms: ['ES256'],
        issuer: config.teamId,
        maxTokenAge: '1h',
      });
      if (protectedHeader.kid !== config.keyId) return false;
      verified = token;
      return true;
    } catch {
      return false;
    }
  };

  return {
    provider: 'apns',
    serves: (path) => path.startsWith(PATH),
    read: async (request) => {
      if (!(await holds(request))) return { refused: failure(403, 'InvalidProviderToken') };
      if (request.headers['apns-topic'] !== config.topic) {
        return { refused: failure(400, 'DeviceTokenNotForTopic') };
      }
      if (request.rawBody.length > LARGEST_PAYLOAD) {
        return { refused: failure(413, 'PayloadTooLarge') };
      }
      const recipient = request.path.slice(PATH.length);
      if (recipient.startsWith('bad')) return { refused: failure(400, 'BadDeviceToken') };
      const data = fields(parseJson(request.body));
      if (data['aps'] === undefined) return { refused: failure(400, 'PayloadEmpty') };
      const apnsId = asText(request.headers['apns-id']) ?? randomUUID();
      const notificationId = asText(data['notificationId']);
      const attempt = asAttempt(data['attempt']);
      return { messages: [{ recipient, notificationId, attempt, data: { ...data, apnsId } }] };
    },
    accept: ([message], bounce, now) => {
      if (bounce || message.recipient.startsWith('dead')) {
        return { answer: failure(410, 'Unregistered', now), entries: [], callbacks: [] };
      }
      const { notificationId, attempt, recipient } = message;
      const providerMessageId = String(message.data['apnsId']);
      return {
        answer: { status: 200, headers: { 'apns-id': providerMessageId } },
        entries: [
          { provider: 'apns', providerMessageId, notificationId, attempt, recipient, at: now },
        ],
        callbacks: acknowledgementsOf('apns', message, now, config),
      };
    },
    rateLimited: (seconds) => ({
      ...failure(429, 'TooManyRequests'),
      headers: { 'retry-after': String(seconds) },
    }),
    unavailable: () => failure(503, 'ServiceUnavailable'),
  };
}

/** Apple's error; `timestamp` is since when the token has been invalid. */
const failure = (status: number, reason: string, timestamp?: number): Answer => ({
  status,
  body: { reason, ...(timestamp === undefined ? {} : { timestamp }) },
});
