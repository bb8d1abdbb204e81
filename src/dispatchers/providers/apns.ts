import apn from '@parse/node-apn';
import { v5 } from 'uuid';
import { answerOver, type ApnsClient, shutDown } from './apns-connection.ts';
import { createFanOut, type DeviceOutcome } from './devices.ts';
import { deferred, noAnswer, refusal, rejected, retryAfterMs, unknown } from './outcome.ts';
import type { Provider, PushMessage } from './provider.ts';
import { type Reply, TransportError } from './transport.ts';

export interface ApnsOptions {
  /** The signing key that Apple issued (`.p8`), PEM. */
  readonly key: string;
  readonly keyId: string;
  readonly teamId: string;
  /** The app's bundle id. */
  readonly topic: string;
  /** Which of Apple's two environments the devices belong to; tokens of one mean nothing to the other. */
  readonly production: boolean;
  /** Only for the sandbox: where it listens, and its certificate. */
  readonly server?: { readonly host: string; readonly port: number; readonly ca: string };
  /** Default 10,000 ms, per device. */
  readonly timeoutMs?: number;
}

/** Makes the id of one device's message: the same for every attempt, so that Apple's own logs can be compared. */
const NAMESPACE = '3f2cbd44-6f0c-5d8b-9f4e-6a0c3a5d7e11';
const LARGEST_PAYLOAD = 4096;

/**
 * Push messages to Apple's devices through @parse/node-apn (facts, providers §2.3): one HTTP/2 connection that stays
 * open, tokens signed by the SDK and renewed before they end, no retry. Accepted if at least one device was.
 */
export function createApns(options: ApnsOptions): Provider<PushMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const { key, keyId, teamId, production, server } = options;
  const provider = new apn.Provider({
    token: { key, keyId, teamId },
    production,
    connectionRetryLimit: 0,
    requestTimeout: timeoutMs,
    ...(server && { address: server.host, port: server.port, ca: [server.ca] }),
  });
  const client = answerOver(provider, timeoutMs);
  const fanOut = createFanOut('apns');

  return {
    name: 'apns',
    channel: 'push',
    repeat: 'merged',
    timeoutMs,
    send: (message) =>
      fanOut(message, async ({ token }) => {
        const notification = toNotification(message, token, options.topic);
        if (sizeOf(notification) > LARGEST_PAYLOAD) {
          return { outcome: rejected('payload_too_large', 'the message is too large', 'message') };
        }
        const { sent, failed } = await provider.send(notification, token);
        const [answer] = [...sent, ...failed] as readonly { readonly answer?: unknown }[];
        return outcomeOf(answer?.answer, client);
      }),
    close: () => shutDown(provider, client),
  };
}

function toNotification(message: PushMessage, token: string, topic: string): apn.Notification {
  const { notificationId, title, body, data, attempt } = message;
  const notification = new apn.Notification();
  notification.topic = topic;
  notification.id = v5(`${notificationId}:${token}`, NAMESPACE);
  notification.collapseId = notificationId.slice(0, 64);
  notification.pushType = 'alert';
  notification.alert = { title, body };
  notification.payload = { ...data, attempt: String(attempt) };
  return notification;
}

/** Its types leave out that a notification can be had as it is sent. */
const sizeOf = (notification: apn.Notification): number =>
  Buffer.byteLength((notification as unknown as { compile(): string }).compile());

/** Reasons by which APNs itself, not a proxy, says that a token is no longer valid. */
const DEAD: ReadonlySet<string> = new Set(['Unregistered', 'ExpiredToken']);
/** A token of the other environment or of another app looks the same: no proof that the device is gone. */
const RECIPIENT: ReadonlySet<string> = new Set(['BadDeviceToken', 'DeviceTokenNotForTopic']);
const CONFIGURATION: ReadonlySet<string> = new Set([
  'BadTopic',
  'MissingTopic',
  'TopicDisallowed',
  'InvalidProviderToken',
  'MissingProviderToken',
  'BadCertificate',
  'BadCertificateEnvironment',
]);
const TRANSIENT: ReadonlySet<string> = new Set(['TooManyRequests', 'TooManyProviderTokenUpdates']);

function outcomeOf(answer: unknown, client: ApnsClient): DeviceOutcome {
  if (answer instanceof TransportError) return { outcome: noAnswer(answer) };
  if (answer === undefined) {
    return { outcome: deferred('not_connected', 'no connection, nothing was sent') };
  }
  const { status, headers, body } = answer as Reply;
  if (status === 200) {
    const id = headers['apns-id'];
    return {
      outcome:
        typeof id === 'string' && id !== ''
          ? { kind: 'accepted', providerMessageId: id }
          : unknown('no_message_id', 'a success without a message id'),
    };
  }
  const reason = reasonOf(body);
  const code = `apns_${reason}`;
  if (status === 410 && DEAD.has(reason)) {
    const outcome = rejected(code, 'the device is no longer registered', 'recipient');
    return { outcome, dead: true };
  }
  if (reason === 'ExpiredProviderToken') {
    client.config.token.regenerate(client.config.token.generation);
    return { outcome: deferred(code, 'our token was too old; there is a new one') };
  }
  if (TRANSIENT.has(reason)) {
    const wait = retryAfterMs(headers, Date.now());
    return { outcome: deferred(code, 'the provider limits our rate', wait) };
  }
  if (RECIPIENT.has(reason)) {
    return { outcome: rejected(code, 'the provider does not know the device', 'recipient') };
  }
  if (CONFIGURATION.has(reason)) {
    return { outcome: rejected(code, 'the provider refused our key or topic', 'configuration') };
  }
  return status < 300
    ? { outcome: unknown('unreadable_answer', 'a success that could not be read') }
    : { outcome: refusal(status, headers) };
}

/** Apple's word for it, such as `BadDeviceToken`; empty when the answer isn't Apple's. */
function reasonOf(body: string): string {
  try {
    const { reason } = JSON.parse(body) as { reason?: unknown };
    return typeof reason === 'string' && /^[A-Za-z]{1,40}$/.test(reason) ? reason : '';
  } catch {
    return '';
  }
}
