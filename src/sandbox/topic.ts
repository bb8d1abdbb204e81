import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { selfSigned } from './certificate.ts';
import type { PendingCallback } from './ledger.ts';
import type { Poster } from './poster.ts';
import type { Answer } from './vendor.ts';

/** What signs for all topics, as SNS does: SignatureVersion 2, with a certificate that goes by an URL of AWS. */
export interface SnsSigner {
  /** Made when it is first needed; stays the same over restarts. */
  certificate(): string;
  /** The signed message. */
  sign(envelope: Envelope): string;
}

type Envelope = Readonly<Record<string, string>>;

export const SNS_REGION = 'us-east-1';
const SIGNED_OF_NOTIFICATION = ['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type'];
const SIGNED_OF_CONFIRMATION = [
  'Message',
  'MessageId',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
];

/** `setting` keeps a value over restarts. */
export function createSnsSigner(setting: (name: string, make: () => string) => string): SnsSigner {
  let known: { readonly key: KeyObject; readonly certificate: string } | undefined;
  const keys = () => {
    const pem = setting('snsPrivateKey', () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    );
    const key = createPrivateKey(pem);
    const certificate = setting('snsCertificate', () =>
      selfSigned(key, ['sns.amazonaws.com'], new Date()),
    );
    return { key, certificate };
  };
  const name = setting('snsCertificateName', () => randomBytes(16).toString('hex'));
  const certificateUrl = `https://sns.${SNS_REGION}.amazonaws.com/SimpleNotificationService-${name}.pem`;

  return {
    certificate: () => (known ??= keys()).certificate,
    sign: (envelope) => {
      const names =
        envelope['Type'] === 'Notification' ? SIGNED_OF_NOTIFICATION : SIGNED_OF_CONFIRMATION;
      const text = names.map((each) => `${each}\n${envelope[each]}\n`).join('');
      const signature = sign('sha256', Buffer.from(text), (known ??= keys()).key);
      return JSON.stringify({
        ...envelope,
        SignatureVersion: '2',
        Signature: signature.toString('base64'),
        SigningCertURL: certificateUrl,
      });
    },
  };
}

/** A topic of SNS with one subscriber. */
export interface Topic {
  readonly arn: string;
  /** The callback that carries a message; signed when it goes out. */
  notification(message: string, timestamp: string): string;
  /** Posts a notification; while the subscription isn't confirmed, what asks for it instead. True once it was taken. */
  post(url: string, callback: PendingCallback): Promise<boolean>;
  /** True if the token is the one that was asked with. */
  confirm(token: string): boolean;
}

export function createTopic(name: string, signer: SnsSigner, poster: Poster): Topic {
  const arn = `arn:aws:sns:${SNS_REGION}:123456789012:${name}`;
  const token = randomBytes(32).toString('hex');
  let confirmed = false;
  let asking: Promise<boolean> | undefined;

  const post = (url: string, type: string, body: string): Promise<boolean> =>
    poster.post(
      url,
      { 'content-type': 'text/plain; charset=UTF-8', 'x-amz-sns-message-type': type },
      body,
    );
  const ask = (url: string): Promise<boolean> => {
    const Type = 'SubscriptionConfirmation';
    const request = signer.sign({
      Type,
      MessageId: randomUUID(),
      Token: token,
      TopicArn: arn,
      Message: `You have chosen to subscribe to the topic ${arn}.`,
      SubscribeURL: `https://sns.${SNS_REGION}.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${arn}&Token=${token}`,
      Timestamp: new Date().toISOString(),
    });
    return post(url, Type, request);
  };

  return {
    arn,
    notification: (message, timestamp) =>
      JSON.stringify({
        Type: 'Notification',
        MessageId: randomUUID(),
        TopicArn: arn,
        Message: message,
        Timestamp: timestamp,
      }),
    post: async (url, { body }) => {
      if (!confirmed) {
        asking ??= ask(url).finally(() => (asking = undefined));
        await asking;
        return false;
      }
      return post(url, 'Notification', signer.sign(JSON.parse(body) as Envelope));
    },
    confirm: (given) => (confirmed = confirmed || given === token),
  };
}

/** SNS's `ConfirmSubscription`, a form at `/aws/topics/`. */
export function confirmSubscription(topics: readonly Topic[], form: string): Answer {
  const query = new URLSearchParams(form);
  const topic = topics.find(({ arn }) => arn === query.get('TopicArn'));
  const xml = (status: number, body: string): Answer => ({
    status,
    headers: { 'content-type': 'text/xml' },
    body,
  });
  const refuse = (status: number, code: string): Answer =>
    xml(status, `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`);
  if (query.get('Action') !== 'ConfirmSubscription') return refuse(400, 'InvalidAction');
  if (topic === undefined) return refuse(404, 'NotFound');
  if (!topic.confirm(query.get('Token') ?? '')) return refuse(400, 'InvalidParameter');
  return xml(
    200,
    '<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult>' +
      `<SubscriptionArn>${topic.arn}:tidings</SubscriptionArn>` +
      '</ConfirmSubscriptionResult></ConfirmSubscriptionResponse>',
  );
}
