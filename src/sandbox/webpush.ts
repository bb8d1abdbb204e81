import { createECDH, createHmac, createPublicKey, randomUUID } from 'node:crypto';
import type { ECDH } from 'node:crypto';
import ece from 'http_ece';
import { acknowledgementsOf } from './acknowledgements.ts';
import type { Push } from './acknowledgements.ts';
import { asAttempt, asText, fields, parseJson } from './vendor.ts';
import type { Answer, Vendor, VendorRequest } from './vendor.ts';

const LARGEST_BODY = 4096;
const PATH = '/push/';

/** A browser's subscription, as `PushSubscription.toJSON()` gives it. */
export interface Subscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface WebPushVendor extends Vendor<Push> {
  /** The subscription of a browser named `id`; the same on every start. */
  subscription(id: string, baseUrl: string): Subscription;
}

/**
 * A push service (RFC 8030) and the browsers behind it: verifies VAPID (RFC 8292), decrypts with the browser's keys (RFC
 * 8291) and acknowledges as FCM's devices do. What can't be decrypted is taken all the same, and never acknowledged:
 * a push service can't look inside. Browsers named `gone…` have ended their subscription (410), `missing…` never had any
 * (404).
 */
export function createWebPushVendor(config: {
  /** VAPID, base64url. */
  readonly publicKey: string;
  /** The keys of all browsers are made of it. */
  readonly secret: string;
  readonly webhookBaseUrl: string;
  readonly seed: number;
}): WebPushVendor {
  const keyOf = (id: string, use: string): Buffer =>
    createHmac('sha256', config.secret).update(`${use}\n${id}`).digest();
  const browser = (id: string): { readonly ecdh: ECDH; readonly auth: Buffer } => {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(keyOf(id, 'p256dh'));
    return { ecdh, auth: keyOf(id, 'auth').subarray(0, 16) };
  };
  const open = (id: string, body: Buffer): Readonly<Record<string, unknown>> => {
    const { ecdh, auth } = browser(id);
    try {
      const options = { version: 'aes128gcm', privateKey: ecdh, authSecret: auth } as const;
      return fields(fields(parseJson(ece.decrypt(body, options).toString('utf8')))['data']);
    } catch {
      return {};
    }
  };

  return {
    provider: 'webpush',
    serves: (path) => path.startsWith(PATH),
    subscription: (id, baseUrl) => {
      const { ecdh, auth } = browser(id);
      return {
        endpoint: `${baseUrl}${PATH}${id}`,
        keys: {
          p256dh: ecdh.getPublicKey('base64url'),
          auth: auth.toString('base64url'),
        },
      };
    },
    read: async (request) => {
      if (!(await isSigned(request, config.publicKey))) return { refused: refusal(403) };
      const { headers, rawBody, path } = request;
      if (headers.ttl === undefined || headers['content-encoding'] !== 'aes128gcm') {
        return { refused: refusal(400) };
      }
      if (rawBody.length > LARGEST_BODY) return { refused: refusal(413) };
      const recipient = path.slice(PATH.length);
      if (recipient.startsWith('missing')) return { refused: refusal(404) };
      const data = open(recipient, rawBody);
      const notificationId = asText(data['notificationId']);
      return {
        messages: [{ recipient, notificationId, attempt: asAttempt(data['attempt']), data }],
      };
    },
    accept: ([message], bounce, now) => {
      const { notificationId, attempt, recipient } = message;
      if (bounce || recipient.startsWith('gone')) {
        return { answer: refusal(410), entries: [], callbacks: [] };
      }
      const providerMessageId = `message/${randomUUID()}`;
      return {
        answer: { status: 201, headers: { location: `/${providerMessageId}` } },
        entries: [
          { provider: 'webpush', providerMessageId, notificationId, attempt, recipient, at: now },
        ],
        callbacks: acknowledgementsOf('webpush', message, now, config),
      };
    },
    rateLimited: (seconds) => ({
      ...refusal(429),
      headers: { 'retry-after': String(seconds) },
    }),
    unavailable: () => refusal(503),
  };
}

const refusal = (status: number): Answer => ({ status, headers: { 'content-type': 'text/plain' } });

/** `Authorization: vapid t=<JWT ES256>, k=<public key>`; the audience is this very server. */
async function isSigned({ headers }: VendorRequest, publicKey: string): Promise<boolean> {
  const [, token = '', key = ''] =
    /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(headers.authorization ?? '') ?? [];
  if (key !== publicKey) return false;
  try {
    const { jwtVerify } = await import('jose');
    await jwtVerify(token, verifierOf(key), {
      algorithms: ['ES256'],
      audience: `https://${headers.host ?? ''}`,
      requiredClaims: ['exp', 'sub'],
    });
    return true;
  } catch {
    return false;
  }
}

/** The key of an uncompressed point on P-256. */
function verifierOf(point: string) {
  const bytes = Buffer.from(point, 'base64url');
  const coordinate = (from: number): string => bytes.toString('base64url', from, from + 32);
  return createPublicKey({
    key: { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) },
    format: 'jwk',
  });
}
