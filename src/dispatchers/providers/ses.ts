import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import type { SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { awsHandler, AwsRefusal } from './aws.ts';
import { unfit, unsubscribeHeaders } from './mail.ts';
import { mailboxText } from './mailbox.ts';
import { deferred, noAnswer, refusal, rejected, retryAfterMs, unknown } from './outcome.ts';
import type { EmailMessage, Outcome, Provider } from './provider.ts';
import { createTransport, TransportError } from './transport.ts';

export interface SesOptions {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Its event destination is the topic that reports what became of a message. */
  readonly configurationSet: string;
  /** Default: AWS in the region. */
  readonly endpoint?: string;
  /** Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/** Email through Amazon SES v2 and its own SDK (facts, providers §1 and §2.1). Sends once, never retries. */
export function createSes(options: SesOptions): Provider<EmailMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createTransport({ timeoutMs });
  const { region, accessKeyId, secretAccessKey, endpoint, configurationSet } = options;
  const client = new SESv2Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 1,
    requestHandler: awsHandler(transport),
  });

  return {
    name: 'ses',
    channel: 'email',
    repeat: 'unsafe',
    timeoutMs,
    send: async (message) => {
      const wrong = unfit(message);
      if (wrong) return wrong;
      try {
        const { MessageId: id } = await client.send(
          new SendEmailCommand(toInput(message, configurationSet)),
        );
        return typeof id === 'string' && id !== ''
          ? { kind: 'accepted', providerMessageId: id }
          : unknown('no_message_id', 'a success without a message id');
      } catch (error) {
        if (error instanceof TransportError) return noAnswer(error);
        if (error instanceof AwsRefusal) return outcomeOf(error);
        return unknown('unreadable_answer', 'a success that could not be read');
      }
    },
    close: () => {
      client.destroy();
      transport.close();
      return Promise.resolve();
    },
  };
}

function toInput(message: EmailMessage, configurationSet: string): SendEmailCommandInput {
  const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return {
    FromEmailAddress: mailboxText(message.from),
    Destination: { ToAddresses: [mailboxText(message.to)] },
    Content: {
      Simple: {
        Subject: utf8(message.subject),
        Body: {
          Text: utf8(message.text),
          ...(message.html === undefined ? {} : { Html: utf8(message.html) }),
        },
        Headers: Object.entries(unsubscribeHeaders(message)).map(([Name, Value]) => ({
          Name,
          Value,
        })),
      },
    },
    ConfigurationSetName: configurationSet,
    EmailTags: [
      { Name: 'notification_id', Value: message.notificationId },
      { Name: 'attempt', Value: String(message.attempt) },
    ],
  };
}

/** The daily quota: waiting takes hours (facts, providers §2.1). */
const QUOTA_WAIT_MS = 60 * 60_000;
const CONFIGURATION: ReadonlySet<string> = new Set([
  'AccountSuspendedException',
  'MailFromDomainNotVerifiedException',
  'NotFoundException',
  'SendingPausedException',
]);
/** How SES words it when it can't read an address; the sender's is ours, and was read before. */
const BAD_ADDRESS =
  /illegal address|invalid (email|domain|recipient)|missing final|(local address|domain|user name) (contains|ends|starts|is missing)/i;

function outcomeOf({ errorName, words, reply }: AwsRefusal): Outcome {
  const code = `ses_${errorName.replace(/Exception$/, '')}`;
  const wait = retryAfterMs(reply.headers, Date.now());
  if (errorName === 'LimitExceededException' || /daily message quota/i.test(words)) {
    return deferred(code, 'the account has sent all it may today', wait ?? QUOTA_WAIT_MS);
  }
  if (/^(TooManyRequests|Throttling)/.test(errorName)) {
    return deferred(code, 'the provider limits our rate', wait);
  }
  if (CONFIGURATION.has(errorName)) {
    return rejected(code, 'the provider refused our account or sender', 'configuration');
  }
  if (errorName === 'MessageRejected') {
    return /not verified/i.test(words)
      ? rejected(code, 'the sender or the account is not verified', 'configuration')
      : rejected(code, 'the provider refused the message', 'message');
  }
  if (errorName === 'BadRequestException' && BAD_ADDRESS.test(words)) {
    return rejected(code, 'the provider refused the recipient address', 'recipient');
  }
  return refusal(reply.status, reply.headers);
}
