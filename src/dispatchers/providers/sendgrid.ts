import type { IncomingHttpHeaders } from 'node:http';
import sgClient from '@sendgrid/client';
import sgMail from '@sendgrid/mail';
import type { MailDataRequired } from '@sendgrid/mail';
import { unfit, unsubscribeHeaders } from './mail.ts';
import { deferred, noAnswer, refusal, rejected, unknown } from './outcome.ts';
import type { EmailMessage, Outcome, Provider } from './provider.ts';
import { createTransport, TransportError } from './transport.ts';
import type { Reply, Transport } from './transport.ts';

export interface SendGridOptions {
  readonly apiKey: string;
  /** Default `https://api.sendgrid.com`. */
  readonly baseUrl?: string;
  /** Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/** Email through SendGrid's v3 API and its own SDK (facts, providers §1 and §2.1). Sends once, never retries. */
export function createSendGrid(options: SendGridOptions): Provider<EmailMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createTransport({ timeoutMs });
  const mail = createMail(options, transport);

  return {
    name: 'sendgrid',
    channel: 'email',
    repeat: 'unsafe',
    timeoutMs,
    send: async (message) => {
      const wrong = unfit(message);
      if (wrong) return wrong;
      try {
        const [response] = await mail.send(toMail(message));
        return outcomeOf(response as unknown as Reply);
      } catch (error) {
        if (error instanceof TransportError) return noAnswer(error);
        return rejected('invalid_message', 'the SDK refused to build the message', 'message');
      }
    },
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}

function createMail(options: SendGridOptions, transport: Transport): typeof sgMail {
  const client = new (sgClient.constructor as new () => typeof sgClient)();
  const mail = new (sgMail.constructor as new () => typeof sgMail)();
  client.setApiKey(options.apiKey);
  // After setApiKey, which resets it (facts, providers §1).
  if (options.baseUrl !== undefined) client.setDefaultRequest('baseUrl', options.baseUrl);
  client.request = async (data) => {
    const request = client.createRequest(data) as unknown as {
      baseURL: string;
      url: string;
      headers: Record<string, string>;
      data: unknown;
    };
    const reply = await transport.post({
      url: new URL(request.url, request.baseURL).href,
      headers: request.headers,
      body: JSON.stringify(request.data),
    });
    return [reply as unknown as Awaited<ReturnType<typeof client.request>>[0], reply.body];
  };
  mail.setClient(client);
  return mail;
}

function toMail(message: EmailMessage): MailDataRequired {
  return {
    from: mailbox(message.from),
    subject: message.subject,
    text: message.text,
    ...(message.html === undefined ? {} : { html: message.html }),
    category: message.category,
    // Headers go in the personalization: the SDK copies the mail's own headers onto the API request (facts §2.1).
    personalizations: [
      {
        to: mailbox(message.to),
        customArgs: {
          notification_id: message.notificationId,
          attempt: String(message.attempt),
        },
        ...(message.unsubscribeUrl === undefined ? {} : { headers: unsubscribeHeaders(message) }),
      },
    ],
  };
}

const mailbox = (who: EmailMessage['to']): { email: string; name?: string } => ({
  email: who.address,
  ...(who.name === undefined ? {} : { name: who.name }),
});

function outcomeOf(reply: Reply): Outcome {
  if (reply.status >= 200 && reply.status < 300) {
    const id = messageId(reply.headers);
    return id === undefined
      ? unknown('no_message_id', 'a success without a message id')
      : { kind: 'accepted', providerMessageId: id };
  }
  if (reply.status === 400 && fieldsOf(reply.body).some(isRecipientField)) {
    return rejected('invalid_recipient', 'the provider refused the recipient address', 'recipient');
  }
  if (reply.status === 401 && /maximum credits exceeded/i.test(reply.body)) {
    return deferred('no_credits', 'the account has no credits left');
  }
  return refusal(reply.status, reply.headers);
}

const isRecipientField = (field: string): boolean => /^personalizations\.\d+\.to\b/.test(field);

function messageId(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['x-message-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** The fields that a 400 complains about: `{errors: [{message, field, help}]}`. */
function fieldsOf(body: string): readonly string[] {
  try {
    const { errors } = JSON.parse(body) as { errors?: readonly { field?: unknown }[] };
    return (errors ?? []).flatMap(({ field }) => (typeof field === 'string' ? [field] : []));
  } catch {
    return [];
  }
}
