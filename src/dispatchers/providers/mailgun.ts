import Mailgun from 'mailgun.js';
import { unfit, unsubscribeHeaders } from './mail.ts';
import { mailboxText } from './mailbox.ts';
import { deferred, noAnswer, refusal, rejected, retryAfterMs, unknown } from './outcome.ts';
import type { EmailMessage, Outcome, Provider } from './provider.ts';
import { createTransport, Refused, TransportError } from './transport.ts';
import type { Reply, Transport } from './transport.ts';

export interface MailgunOptions {
  readonly apiKey: string;
  /** The sending domain at Mailgun. */
  readonly domain: string;
  /** Default `https://api.mailgun.net`; `https://api.eu.mailgun.net` in the EU. */
  readonly baseUrl?: string;
  /** Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/** Email through Mailgun's own client (facts, providers §1 and §2.1). Sends once, never retries. */
export function createMailgun(options: MailgunOptions): Provider<EmailMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createTransport({ timeoutMs });
  const client = new Mailgun(FormData).client({
    username: 'api',
    key: options.apiKey,
    url: options.baseUrl ?? 'https://api.mailgun.net',
  });
  sendThrough(transport, client, options.apiKey);

  return {
    name: 'mailgun',
    channel: 'email',
    repeat: 'unsafe',
    timeoutMs,
    send: async (message) => {
      const wrong = unfit(message);
      if (wrong) return wrong;
      try {
        const { id } = await client.messages.create(options.domain, toData(message));
        return typeof id === 'string' && id !== ''
          ? { kind: 'accepted', providerMessageId: id.replace(/^<|>$/g, '') }
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

/**
 * Puts our transport in place of the axios inside the client, which reports every network failure as status 400, waits
 * for ever and hides the headers (facts, providers §0 row 6). Throws if a later version has moved it.
 */
function sendThrough(transport: Transport, client: object, apiKey: string): void {
  const inside = Reflect.get(client, 'request') as { requestProvider?: object } | undefined;
  if (inside?.requestProvider === undefined) {
    throw new Error('this version of mailgun.js hides its HTTP client');
  }
  const authorization = `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}`;
  inside.requestProvider = {
    makeRequest: async (url: string, _method: string, { data }: { data: FormData }) => {
      const form = new Response(data);
      const reply = await transport.post({
        url,
        headers: { authorization, 'content-type': form.headers.get('content-type') ?? '' },
        body: await form.text(),
      });
      if (reply.status >= 300) throw new Refused(reply);
      return { status: reply.status, body: JSON.parse(reply.body) as unknown };
    },
  };
}

const toData = (message: EmailMessage) => ({
  from: mailboxText(message.from),
  to: [mailboxText(message.to)],
  subject: message.subject,
  text: message.text,
  ...(message.html === undefined ? {} : { html: message.html }),
  'o:tag': [message.category],
  'v:notification_id': message.notificationId,
  'v:attempt': String(message.attempt),
  ...Object.fromEntries(
    Object.entries(unsubscribeHeaders(message)).map(([name, value]) => [`h:${name}`, value]),
  ),
});

function outcomeOf(reply: Reply): Outcome {
  const { status, headers, body } = reply;
  if (status === 400 && /'?to'? parameter is not a valid address/i.test(body)) {
    return rejected('invalid_recipient', 'the provider refused the recipient address', 'recipient');
  }
  if (status === 402) {
    return rejected('http_402', 'the account must be paid for', 'configuration');
  }
  if (status === 420) {
    return deferred('http_420', 'the provider limits our rate', retryAfterMs(headers, Date.now()));
  }
  return refusal(status, headers);
}
