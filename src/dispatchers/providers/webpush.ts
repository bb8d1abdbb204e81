import webpush from 'web-push';
import { createFanOut, type DeviceOutcome } from './devices.ts';
import { deferred, noAnswer, refusal, rejected, retryAfterMs, unknown } from './outcome.ts';
import type { Provider, PushDevice, PushMessage } from './provider.ts';
import type { TransportError } from './transport.ts';
import { createTransport, type Reply } from './transport.ts';

export interface WebPushOptions {
  /** VAPID (RFC 8292), base64url. */
  readonly publicKey: string;
  readonly privateKey: string;
  /** How push services reach us: `mailto:` or `https:`. */
  readonly subject: string;
  /** Only for the sandbox: `https://localhost:PORT`, and its certificate. Nothing else is called then. */
  readonly server?: { readonly baseUrl: string; readonly ca: string };
  /** Default 10,000 ms, per device. */
  readonly timeoutMs?: number;
}

/** How long a push service keeps a message for a browser that is away. */
const TTL_SECONDS = 3 * 24 * 3600;
/** More makes a body of more than 4,096 bytes, which no service need take (facts, providers §2.3). */
const LARGEST_PAYLOAD = 3993;

/**
 * Push messages to browsers (RFC 8030, 8291, 8292): web-push encrypts and signs, our own transport posts once. Endpoints
 * come from users, so only those of the known push services are called, over https and its standard port (facts F1).
 */
export function createWebPush(options: WebPushOptions): Provider<PushMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const { publicKey, privateKey, subject, server } = options;
  const transport = createTransport({ timeoutMs, ...(server && { ca: server.ca }) });
  const fanOut = createFanOut('webpush');
  const vapidDetails = { publicKey, privateKey, subject };

  const send = async (message: PushMessage, device: PushDevice): Promise<DeviceOutcome> => {
    const endpoint = server
      ? simulatedEndpoint(device.token, server.baseUrl)
      : knownEndpoint(device.token);
    if (endpoint === undefined) return { outcome: refusedEndpoint };
    const payload = payloadOf(message);
    if (Buffer.byteLength(payload) > LARGEST_PAYLOAD) {
      return { outcome: rejected('payload_too_large', 'the message is too large', 'message') };
    }
    const request = build({ endpoint, keys: device.keys }, payload, {
      vapidDetails,
      TTL: TTL_SECONDS,
      urgency: 'normal',
      topic: message.notificationId.replaceAll('-', '').slice(0, 32),
    });
    if (request === undefined) return { outcome: unusableKeys };
    try {
      return outcomeOf(await transport.post(request), message.notificationId);
    } catch (error) {
      return { outcome: noAnswer(error as TransportError) };
    }
  };

  return {
    name: 'webpush',
    channel: 'push',
    repeat: 'merged',
    timeoutMs,
    send: (message) => fanOut(message, (device) => send(message, device)),
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}

const refusedEndpoint = rejected(
  'webpush_endpoint_refused',
  'the endpoint is not one of a known push service',
  'recipient',
);
const unusableKeys = rejected(
  'webpush_keys_refused',
  'nothing can be encrypted with the keys of the subscription',
  'recipient',
);

const PUSH_SERVICES: readonly RegExp[] = [
  /^fcm\.googleapis\.com$/,
  /^([a-z0-9-]+\.)*push\.services\.mozilla\.com$/,
  /^([a-z0-9-]+\.)*notify\.windows\.com$/,
  /^web\.push\.apple\.com$/,
];

function knownEndpoint(endpoint: string): string | undefined {
  const url = URL.parse(endpoint);
  const isPlain = url?.protocol === 'https:' && url.port === '' && url.username === '';
  return isPlain && PUSH_SERVICES.some((service) => service.test(url.hostname))
    ? url.href
    : undefined;
}

/** The sandbox listens elsewhere after each start; the path is what names the subscription. */
function simulatedEndpoint(endpoint: string, baseUrl: string): string | undefined {
  const url = URL.parse(endpoint);
  return url?.protocol === 'https:' && url.hostname === 'localhost'
    ? new URL(url.pathname, baseUrl).href
    : undefined;
}

/** What the service worker gets: `{title, body, data}`, acknowledged with `data.ackUrl` and `data.ackToken`. */
const payloadOf = ({ title, body, data, attempt }: PushMessage): string =>
  JSON.stringify({ title, body, data: { ...data, attempt: String(attempt) } });

function build(
  { endpoint, keys }: { readonly endpoint: string; readonly keys: PushDevice['keys'] },
  payload: string,
  options: webpush.RequestOptions,
) {
  try {
    if (keys === undefined) return undefined;
    const { headers, body } = webpush.generateRequestDetails({ endpoint, keys }, payload, options);
    return { url: endpoint, headers: headers as Record<string, string>, body };
  } catch {
    return undefined;
  }
}

function outcomeOf({ status, headers, body: _ }: Reply, notificationId: string): DeviceOutcome {
  switch (status) {
    case 201:
    case 202:
      return { outcome: { kind: 'accepted', providerMessageId: idOf(headers) ?? notificationId } };
    case 404:
    case 410: {
      const outcome = rejected(`http_${status}`, 'the subscription has ended', 'recipient');
      return { outcome, dead: true };
    }
    case 400:
      // RFC 8292 §4.2 and what the services say: a key or a subject that does not fit.
      return {
        outcome: rejected('http_400', 'the provider refused our VAPID key', 'configuration'),
      };
    case 406:
    case 429: {
      const wait = retryAfterMs(headers, Date.now());
      return { outcome: deferred(`http_${status}`, 'the provider limits our rate', wait) };
    }
    default:
      return status < 300
        ? { outcome: unknown('unreadable_answer', 'a success that no push service gives') }
        : { outcome: refusal(status, headers) };
  }
}

/** The path of the message at the push service (RFC 8030 §5.1); Apple has an id instead. */
function idOf(headers: Reply['headers']): string | undefined {
  const location = URL.parse(headers.location ?? '', 'https://push.invalid')?.pathname.slice(1);
  if (location !== undefined && location !== '' && location.length <= 200) return location;
  const id = headers['apns-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}
