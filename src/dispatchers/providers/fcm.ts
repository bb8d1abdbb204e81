import { randomUUID } from 'node:crypto';
import https from 'node:https';
import { cert, deleteApp, initializeApp } from 'firebase-admin/app';
import type { Credential } from 'firebase-admin/app';
import { getMessaging } from 'firebase-admin/messaging';
import type { Message, Messaging } from 'firebase-admin/messaging';
import { createFanOut } from './devices.ts';
import { outcomeOfError, outcomeOfName } from './fcm-outcome.ts';
import { LoopbackAgent, loopbackPort } from './loopback.ts';
import type { Provider, PushMessage } from './provider.ts';

export interface FcmOptions {
  readonly projectId: string;
  /** A service account, or a fixed access token (the sandbox's). */
  readonly credential:
    | { readonly clientEmail: string; readonly privateKey: string }
    | { readonly accessToken: string };
  /** Only for the sandbox: `http://127.0.0.1:PORT`. Default: Google. */
  readonly baseUrl?: string;
  /** Default 10,000 ms, per device. */
  readonly timeoutMs?: number;
}

const SOCKETS = { keepAlive: true, maxSockets: 128, timeout: 4000, scheduling: 'lifo' } as const;

/**
 * Push messages through firebase-admin 14 (facts, providers §2.3): one `send()` per device, not `sendEach()`, whose
 * HTTP/2 ignores the agent; the SDK's retry is off. Accepted if at least one device was.
 */
export function createFcm(options: FcmOptions): Provider<PushMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const agent =
    options.baseUrl === undefined
      ? new https.Agent(SOCKETS)
      : new LoopbackAgent(loopbackPort(options.baseUrl), SOCKETS);
  const app = initializeApp(
    {
      projectId: options.projectId,
      credential: credentialOf(options),
      httpAgent: agent,
    },
    `tidings-${randomUUID()}`,
  );
  const messaging = getMessaging(app);
  sendOnce(messaging, timeoutMs);
  const fanOut = createFanOut('fcm');

  return {
    name: 'fcm',
    channel: 'push',
    repeat: 'merged',
    timeoutMs,
    send: (message) =>
      fanOut(message, async ({ token }) => {
        try {
          const sending = messaging.send(toMessage(message, token));
          return { outcome: outcomeOfName(await within(timeoutMs, sending)) };
        } catch (error) {
          return outcomeOfError(error);
        }
      }),
    close: async () => {
      await deleteApp(app);
      agent.destroy();
    },
  };
}

function credentialOf({ projectId, credential }: FcmOptions): Credential {
  if ('clientEmail' in credential) return cert({ projectId, ...credential });
  const token = { access_token: credential.accessToken, expires_in: 3600 };
  return { getAccessToken: () => Promise.resolve(token) };
}

/** The SDK never settles when an answer breaks off in the middle of its body, hence a timer of our own. */
function within<T>(timeoutMs: number, sending: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = Object.assign(new Error('no answer in time'), { code: 'app/network-timeout' });
    const timer = setTimeout(reject, timeoutMs, late);
    sending.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * A second message for the same notification replaces the first on the device. Not by `collapseKey`: a device that is
 * offline keeps only four of them.
 */
function toMessage(message: PushMessage, token: string): Message {
  return {
    token,
    notification: { title: message.title, body: message.body },
    data: { ...message.data, attempt: String(message.attempt) },
    android: { notification: { tag: message.notificationId } },
    apns: { headers: { 'apns-collapse-id': message.notificationId } },
    webpush: { headers: { Topic: message.notificationId.replaceAll('-', '').slice(0, 32) } },
  };
}

interface SdkHttpClient {
  retry: unknown;
  send: (request: object) => Promise<unknown>;
}

/**
 * The SDK repeats on 503 and on a reset, up to five requests, and waits fifteen seconds; it has no option for either, so
 * this reaches into its HTTP client. Throws if a later version has moved it: better no push than silent repeats.
 */
function sendOnce(messaging: Messaging, timeoutMs: number): void {
  const handler = Reflect.get(messaging, 'messagingRequestHandler') as
    { readonly httpClient?: Partial<SdkHttpClient> } | undefined;
  const client = handler?.httpClient;
  const send = client?.send;
  if (client === undefined || send === undefined || !('retry' in client)) {
    throw new Error('this version of firebase-admin hides its HTTP client; its retry is not off');
  }
  client.retry = undefined;
  client.send = (request) => send.call(client, { ...request, timeout: timeoutMs });
}
