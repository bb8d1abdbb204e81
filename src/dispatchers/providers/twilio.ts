import { stringify } from 'node:querystring';
import twilio from 'twilio';
import { deferred, noAnswer, refusal, rejected, retryAfterMs, unknown } from './outcome.ts';
import type { Outcome, Provider, SmsMessage } from './provider.ts';
import { createTransport, Refused, TransportError } from './transport.ts';
import type { Reply, Transport } from './transport.ts';

export interface TwilioOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** A number of ours in E.164, or a messaging service (`MG…`). */
  readonly from: string;
  /** Default `https://api.twilio.com`. On loopback use 127.0.0.1, not localhost (facts, providers §1). */
  readonly baseUrl?: string;
  /** Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/**
 * Text messages through Twilio's own SDK (facts, providers §2.2). Sends once, never retries. Refusals count against the
 * recipient only for codes on an explicit list, since Twilio keeps splitting codes.
 */
export function createTwilio(options: TwilioOptions): Provider<SmsMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createTransport({ timeoutMs });
  const client = twilio(options.accountSid, options.authToken, {
    httpClient: createHttpClient(transport, options),
  });
  if (options.baseUrl !== undefined) client.api.baseUrl = options.baseUrl;
  const sender = options.from.startsWith('MG')
    ? { messagingServiceSid: options.from }
    : { from: options.from };

  return {
    name: 'twilio',
    channel: 'sms',
    repeat: 'unsafe',
    timeoutMs,
    send: async (message) => {
      try {
        const { sid } = await client.messages.create({
          ...sender,
          to: message.to,
          body: message.body,
          statusCallback: message.statusCallbackUrl,
        });
        return typeof sid === 'string' && sid !== ''
          ? { kind: 'accepted', providerMessageId: sid }
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

function createHttpClient(
  transport: Transport,
  { accountSid, authToken }: TwilioOptions,
): InstanceType<typeof twilio.RequestClient> {
  const client = new twilio.RequestClient();
  const credentials = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
  client.request = async (options) => {
    const reply = await transport.post({
      url: options.uri,
      headers: {
        ...(options.headers as Record<string, string> | undefined),
        Authorization: `Basic ${credentials}`,
      },
      body: stringify(options.data as Record<string, string>),
    });
    if (reply.status >= 300) throw new Refused(reply);
    const body: unknown = JSON.parse(reply.body);
    return { statusCode: reply.status, body, headers: reply.headers } as never;
  };
  return client;
}

const RECIPIENT_CODES: ReadonlySet<number> = new Set([21211, 21217, 21610, 21614]);
const CONFIGURATION_CODES: ReadonlySet<number> = new Set([20003, 21603, 21606, 21608, 21612]);
const TRANSIENT_CODES: ReadonlySet<number> = new Set([20429, 21611]);

function outcomeOf(reply: Reply): Outcome {
  const code = codeOf(reply.body);
  if (code === undefined || reply.status >= 500) return refusal(reply.status, reply.headers);
  const name = `twilio_${code}`;
  if (TRANSIENT_CODES.has(code) || reply.status === 429) {
    return deferred(name, 'the provider limits our rate', retryAfterMs(reply.headers, Date.now()));
  }
  if (RECIPIENT_CODES.has(code)) {
    return rejected(name, 'the provider refused the recipient', 'recipient');
  }
  if (CONFIGURATION_CODES.has(code) || reply.status === 401 || reply.status === 403) {
    return rejected(name, 'the provider refused our account or sender', 'configuration');
  }
  return rejected(name, 'the provider refused the message', 'message');
}

/** Twilio's own error code, when the body is its JSON (a gateway answers HTML). */
function codeOf(body: string): number | undefined {
  try {
    const { code } = JSON.parse(body) as { code?: unknown };
    return typeof code === 'number' ? code : undefined;
  } catch {
    return undefined;
  }
}
