import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { selfSigned } from '../../../src/sandbox/certificate.ts';

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:tidings-news';
export const CERTIFICATE_URL = `https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-${'0a'.repeat(16)}.pem`;
export const NOW = new Date('2026-11-22T12:00:00.000Z');

type Envelope = Readonly<Record<string, unknown>>;

const SIGNED: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
};

/** A topic of SNS with a key of its own, that signs as AWS does (version 2: SHA-256, version 1: SHA-1). */
export function openTopic() {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const signed = (envelope: Envelope): Envelope => {
    const names = SIGNED[String(envelope['Type'])] ?? SIGNED['SubscriptionConfirmation'] ?? [];
    const text = names
      .filter((name) => name in envelope)
      .map((name) => `${name}\n${String(envelope[name])}\n`)
      .join('');
    const digest = envelope['SignatureVersion'] === '1' ? 'sha1' : 'sha256';
    return { ...envelope, Signature: sign(digest, Buffer.from(text), key).toString('base64') };
  };
  const envelope = (type: string, message: string, more: Envelope): Envelope => ({
    Type: type,
    MessageId: 'm-1',
    TopicArn: TOPIC,
    Message: message,
    Timestamp: NOW.toISOString(),
    SignatureVersion: '2',
    SigningCertURL: CERTIFICATE_URL,
    ...more,
  });
  return {
    certificate: selfSigned(key, ['sns.amazonaws.com'], NOW),
    /** The body of a notification; `changes` are signed. */
    notification: (message: unknown, changes: Envelope = {}): Buffer =>
      Buffer.from(
        JSON.stringify(signed(envelope('Notification', JSON.stringify(message), changes))),
      ),
    confirmation: (type: string, changes: Envelope = {}): Buffer =>
      Buffer.from(
        JSON.stringify(
          signed(
            envelope(type, 'You have chosen to subscribe to the topic.', {
              Token: '2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92',
              SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription',
              ...changes,
            }),
          ),
        ),
      ),
  };
}
