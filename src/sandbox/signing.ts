import {
  createHmac,
  hash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Ledger } from './ledger.ts';

export interface EventSigner {
  /** Base64 SPKI, as SendGrid shows it. */
  readonly publicKey: string;
  /** Base64 DER signature, ECDSA P-256 with SHA-256, over timestamp + body. */
  sign(timestamp: string, body: string): string;
}

/** SendGrid's signature over event batches (facts, providers §3); its key pair stays the same over restarts. */
export function createEventSigner(ledger: Ledger): EventSigner {
  const pem = ledger.setting('sendgridPrivateKey', () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  );
  const key = createPrivateKey(pem);
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64'),
    sign: (timestamp, body) =>
      sign('sha256', Buffer.from(timestamp + body), key).toString('base64'),
  };
}

/** Keys that Tidings signs with at the simulators, as Apple, Vonage and a browser's site hand them out. */
export function createSandboxKeys(setting: Ledger['setting']): {
  readonly apns: string;
  readonly vonage: string;
  readonly vapid: { readonly publicKey: string; readonly privateKey: string };
} {
  const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const {
    x = '',
    y = '',
    d = '',
  } = createPrivateKey(setting('vapidPrivateKey', () => pem(ec()))).export({
    format: 'jwk',
  });
  const point = Buffer.concat([
    Buffer.from([4]),
    ...[x, y].map((each) => Buffer.from(each, 'base64url')),
  ]);
  return {
    apns: setting('apnsPrivateKey', () => pem(ec())),
    vonage: setting('vonagePrivateKey', () =>
      pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    ),
    vapid: { publicKey: point.toString('base64url'), privateKey: d },
  };
}

/** Twilio's signature: base64 HMAC-SHA1 over the exact URL and the sorted form fields (facts, providers §3). */
export function signForm(authToken: KeyObject, url: string, form: string): string {
  const sorted = [...new URLSearchParams(form)].sort(([one], [other]) => (one < other ? -1 : 1));
  const text = sorted.reduce((sum, [name, value]) => sum + name + value, url);
  return createHmac('sha1', authToken).update(text).digest('base64');
}

/**
 * Mailgun's webhook around one event. The signature, hex HMAC-SHA256, is over timestamp and token only (facts, providers
 * §3), both fresh each time it goes out.
 */
export function signMailgun(signingKey: KeyObject, event: string): string {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const token = randomBytes(25).toString('hex');
  const signature = createHmac('sha256', signingKey)
    .update(timestamp + token)
    .digest('hex');
  return `{"signature":${JSON.stringify({ timestamp, token, signature })},"event-data":${event}}`;
}

/** The token that comes with Vonage's webhooks: HS256, with a hash of the raw body (facts, providers §3). */
export async function signVonage(
  { secret, applicationId }: { readonly secret: string; readonly applicationId: string },
  body: string,
): Promise<string> {
  const { SignJWT } = await import('jose');
  return new SignJWT({ application_id: applicationId, payload_hash: hash('sha256', body) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer('Vonage')
    .setIssuedAt()
    .setJti(randomUUID())
    .sign(Buffer.from(secret));
}
