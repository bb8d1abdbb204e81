import { Messages } from '@vonage/messages';
import { deferred, noAnswer, refusal, rejected, retryAfterMs, unknown } from './outcome.ts';
import type { Outcome, Provider, SmsMessage } from './provider.ts';
import {
  createTransport,
  type Reply,
  type Transport,
  Refused,
  TransportError,
} from './transport.ts';

export interface VonageOptions {
  readonly applicationId: string;
  /** PEM (RSA) of the application. */
  readonly privateKey: string;
  /** A number of ours in E.164, or a name of up to 11 letters and digits. */
  readonly from: string;
  /** Default `https://api.nexmo.com`. */
  readonly baseUrl?: string;
  /** Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/** Text messages through Vonage's Messages API and its own SDK (facts, providers §2.2). Sends once, never retries. */
export function createVonage(options: VonageOptions): Provider<SmsMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createTransport({ timeoutMs });
  const client = createClient(options, transport);

  return {
    name: 'vonage',
    channel: 'sms',
    repeat: 'unsafe',
    timeoutMs,
    send: async ({ to, body, notificationId, statusCallbackUrl }) => {
      try {
        const { messageUUID: id } = await client.send({
          channel: 'sms',
          messageType: 'text',
          to: digits(to),
          from: digits(options.from),
          text: body,
          clientRef: notificationId,
          webhookUrl: statusCallbackUrl,
          webhookVersion: 'v1',
        });
        return typeof id === 'string' && id !== ''
          ? { kind: 'accepted', providerMessageId: id }
          : unknown('no_message_id', 'a success without a message id');
      } catch (error) {
        if (error instanceof TransportError) return noAnswer(error);
        if (error instanceof Refused) return outcomeOf(error.reply);
        return unknown('unreadable_answer', 'a success that could not be read');
      }
    },
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}

/** Vonage wants E.164 without the plus. */
const digits = (number: string): string => number.replace(/^\+(?=\d)/, '');

function createClient(
  { applicationId, privateKey, baseUrl }: VonageOptions,
  transport: Transport,
): Messages {
  class Client extends Messages {
    override async sendRequest<T>(request: Parameters<Messages['sendRequest']>[0]) {
      const { url, headers = {} } = await this.prepareRequest(request);
      const reply = await transport.post({
        url,
        headers,
        body: JSON.stringify(request.data),
      });
      if (reply.status >= 300) throw new Refused(reply);
      return { data: JSON.parse(reply.body) as T } as Awaited<
        ReturnType<typeof Messages.prototype.sendRequest<T>>
      >;
    }
  }
  return new Client(
    { applicationId, privateKey },
    baseUrl === undefined ? {} : { apiHost: baseUrl },
  );
}

function outcomeOf(reply: Reply): Outcome {
  const code = `vonage_${reply.status}`;
  switch (reply.status) {
    case 402:
      return deferred(code, 'the account has no credit left');
    case 422:
      return namesRecipient(reply.body)
        ? rejected(code, 'the provider refused the recipient', 'recipient')
        : rejected(code, 'the provider refused the message', 'message');
    case 429:
      return deferred(
        code,
        'the provider limits our rate',
        retryAfterMs(reply.headers, Date.now()),
      );
    default:
      return refusal(reply.status, reply.headers);
  }
}

/** Of `{invalid_parameters: [{name, reason}]}`. */
function namesRecipient(body: string): boolean {
  try {
    const { invalid_parameters: all } = JSON.parse(body) as {
      invalid_parameters?: readonly { name?: unknown }[];
    };
    return Array.isArray(all) && all.some(({ name }) => name === 'to');
  } catch {
    return false;
  }
}
