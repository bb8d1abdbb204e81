import { X509Certificate } from 'node:crypto';
import SnsPayloadValidator from 'sns-payload-validator';
import { refuse } from './report.ts';
import type { Refusal } from './report.ts';

/** What a topic of Amazon SNS has told us, its signature verified and its topic one of ours. */
export type SnsMessage =
  | {
      readonly ok: true;
      readonly kind: 'notification';
      readonly topicArn: string;
      /** The same for every repeat of the same message. */
      readonly messageId: string;
      readonly at: Date;
      /** The message, read as JSON; undefined when it isn't any. */
      readonly message: unknown;
    }
  /** To be confirmed with the token (`createSnsConfirmation`), never by visiting the URL that comes with it. */
  | {
      readonly ok: true;
      readonly kind: 'subscription';
      readonly topicArn: string;
      readonly token: string;
    }
  | { readonly ok: true; readonly kind: 'unsubscribed'; readonly topicArn: string };

/** Rejects only when a certificate can't be had just now: the message should come again. */
export type ReadSns = (rawBody: Buffer, now: Date) => Promise<SnsMessage | Refusal>;

/** SNS repeats a message for up to an hour, with the time of the first try; five minutes are for the clocks. */
const OLDEST_MS = 65 * 60_000;
const NEWEST_MS = 5 * 60_000;

/**
 * Verifies what SNS posts (facts, providers §3). Any AWS account can sign validly, so only messages of `topicArns` are
 * taken, and only certificates from SNS itself in the topic's region (the vendor's pattern would let a bucket of S3
 * through). `certificateOf` fetches a certificate (PEM) by such an URL, by default from AWS; with the sandbox it is the
 * sandbox's, whose URLs look the same, so that no other host is ever allowed.
 */
export function createSnsReader({
  topicArns,
  certificateOf = fetchCertificate,
}: {
  readonly topicArns: readonly string[];
  readonly certificateOf?: (url: string) => Promise<string>;
}): ReadSns {
  const validator = new SnsPayloadValidator();
  const certificates = certificatesOf(validator);
  const fetching = new Map<string, Promise<string>>();

  /** Each certificate is fetched once, also when many messages wait for it; only a valid one is kept. */
  const learn = async (url: string, now: Date): Promise<void> => {
    if (certificates.has(url)) return;
    const underWay = fetching.get(url) ?? certificateOf(url);
    fetching.set(url, underWay);
    try {
      certificates.set(url, current(await underWay, now));
    } finally {
      fetching.delete(url);
    }
  };

  return async (rawBody, now) => {
    const envelope = envelopeOf(rawBody);
    if (envelope === undefined) return refuse(400, 'the body is not a message of SNS');
    const { TopicArn: topicArn, SigningCertURL: url } = envelope;
    if (!topicArns.includes(topicArn)) return refuse(401, 'not a topic of ours');
    if (!isCertificateUrl(url, topicArn)) return refuse(401, 'the certificate is not from SNS');
    await learn(url, now);
    try {
      await validator.validate(envelope);
    } catch {
      return refuse(401, 'wrong signature');
    }
    const age = now.getTime() - Date.parse(envelope.Timestamp);
    if (!(age <= OLDEST_MS && age >= -NEWEST_MS)) return refuse(401, 'timestamp out of range');
    return messageOf(envelope);
  };
}

function messageOf(envelope: SnsPayloadValidator.SnsPayload): SnsMessage | Refusal {
  const { Type, TopicArn: topicArn, MessageId: messageId, Token: token } = envelope;
  if (Type === 'UnsubscribeConfirmation') return { ok: true, kind: 'unsubscribed', topicArn };
  if (Type === 'SubscriptionConfirmation') {
    return typeof token === 'string' && token !== ''
      ? { ok: true, kind: 'subscription', topicArn, token }
      : refuse(400, 'the confirmation has no token');
  }
  return {
    ok: true,
    kind: 'notification',
    topicArn,
    messageId,
    at: new Date(envelope.Timestamp),
    message: parse(envelope.Message),
  };
}

const TEXTS = ['Type', 'MessageId', 'TopicArn', 'Message', 'Timestamp', 'SigningCertURL'] as const;

/** The envelope, if all that is verified is text: the signature is over texts. */
function envelopeOf(rawBody: Buffer): SnsPayloadValidator.SnsPayload | undefined {
  const parsed = parse(rawBody.toString('utf8'));
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const fields = parsed as Readonly<Record<string, unknown>>;
  const texts = TEXTS.every((name) => typeof fields[name] === 'string');
  const signed = typeof fields['Signature'] === 'string';
  return texts && signed ? (parsed as SnsPayloadValidator.SnsPayload) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether SNS of the topic's own region keeps its certificates there. */
function isCertificateUrl(url: string, topicArn: string): boolean {
  const [, partition, , region] = topicArn.split(':');
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const start = `https://sns.${region}.${domain}/SimpleNotificationService-`;
  return url.startsWith(start) && /^[A-Za-z0-9]{32}\.pem$/.test(url.slice(start.length));
}

function current(pem: string, now: Date): string {
  const { validToDate } = new X509Certificate(pem);
  if (validToDate < now) throw new Error('the certificate of SNS has expired');
  return pem;
}

async function fetchCertificate(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`no certificate of SNS: status ${response.status}`);
  return response.text();
}

/**
 * The validator's own cache, filled from here: what it fetches itself it keeps whatever it is, so that one bad answer
 * would make it refuse everything from then on. Throws if a later version has moved it.
 */
function certificatesOf(validator: SnsPayloadValidator): Map<string, string> {
  const cache = Reflect.get(validator, 'certCache') as Map<string, string> | undefined;
  if (typeof cache?.set !== 'function') {
    throw new Error('this version of sns-payload-validator hides its certificates');
  }
  return cache;
}
