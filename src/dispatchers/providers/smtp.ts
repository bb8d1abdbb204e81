import type { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';
import { unfit, unsubscribeHeaders } from './mail.ts';
import type { EmailMessage, Provider } from './provider.ts';
import { outcomeOfFailure } from './smtp-outcome.ts';

export interface SmtpOptions {
  /**
   * `smtps://user:password@host:465`, or `smtp://…:587` for STARTTLS, without which nothing is sent unless the URL ends
   * in `?starttls=never`. User and password are percent-encoded.
   */
  readonly url: string;
  /** Signs what goes out; without it the server has to. */
  readonly dkim?: {
    readonly domain: string;
    readonly selector: string;
    /** PEM. */
    readonly privateKey: string;
  };
  /** Authorities to trust beside the system's, in PEM. */
  readonly ca?: string;
  /** Default 10,000 ms, from `send` to the answer, waiting for a free connection included. */
  readonly timeoutMs?: number;
}

/** RFC 8058 wants both headers for unsubscribing signed; nodemailer's own list has only one of them (facts L8, L9). */
const SIGNED_HEADERS =
  'from:reply-to:to:subject:date:message-id:mime-version:content-type:content-transfer-encoding:' +
  'list-unsubscribe:list-unsubscribe-post';
/** Less than what servers allow, so that a message rarely meets a closing connection. */
const IDLE_MS = 5000;

/**
 * Email over SMTP by nodemailer, over pooled connections (facts, providers §2.1). Sends once; over a second connection
 * only when the first was closed before a byte of the message was on it.
 */
export function createSmtp(options: SmtpOptions): Provider<EmailMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createTransport(poolOptions(options, timeoutMs));
  /** What each message was read from, by its envelope. */
  const sources = new WeakMap<object, Readable>();
  transport.use('stream', ({ data, message }, done) => {
    const create = message.createReadStream.bind(message);
    message.createReadStream = (...given) => {
      const source = create(...given);
      sources.set(data.envelope as object, source);
      return source;
    };
    done();
  });

  return {
    name: 'smtp',
    channel: 'email',
    repeat: 'unsafe',
    timeoutMs,
    send: async (message) => {
      const wrong = unfit(message);
      if (wrong) return wrong;
      const envelope = { from: message.from.address, to: [message.to.address] };
      try {
        const mail = { ...toMail(message), envelope, signal: AbortSignal.timeout(timeoutMs) };
        const { rejected, rejectedErrors } = await transport.sendMail(mail);
        return rejected.length === 0
          ? { kind: 'accepted', providerMessageId: messageIdOf(message) }
          : outcomeOfFailure(rejectedErrors?.[0], false);
      } catch (error) {
        return outcomeOfFailure(error, sources.get(envelope)?.readableDidRead === true);
      }
    },
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}

function poolOptions({ url, dkim, ca }: SmtpOptions, timeoutMs: number) {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const secure = protocol === 'smtps:';
  const isBare = !secure && searchParams.get('starttls') === 'never';
  return {
    pool: true as const,
    host: hostname,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isBare,
    ignoreTLS: isBare,
    tls: { minVersion: 'TLSv1.2' as const, ...(ca === undefined ? {} : { ca }) },
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    ...(dkim === undefined
      ? {}
      : {
          dkim: {
            domainName: dkim.domain,
            keySelector: dkim.selector,
            privateKey: dkim.privateKey,
            headerFieldNames: SIGNED_HEADERS,
          },
        }),
    maxConnections: 10,
    maxRequeues: 1,
    idleTimeout: IDLE_MS,
    connectionTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: 1000,
    // Templates come from outside: nothing in a message may name a file or an URL to be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The same for every attempt, so that a recipient's server can tell a repeat. */
const messageIdOf = ({ notificationId, from }: EmailMessage): string =>
  `${notificationId}@${from.address.slice(from.address.lastIndexOf('@') + 1)}`;

function toMail(message: EmailMessage): SendMailOptions {
  const prepared = Object.entries(unsubscribeHeaders(message)).map(
    // As it is, on one line: whoever signs outside trips over a folded one (facts, providers §5).
    ([name, value]) => [name, { prepared: true, value }] as const,
  );
  return {
    from: mailbox(message.from),
    to: mailbox(message.to),
    subject: message.subject,
    text: message.text,
    ...(message.html === undefined ? {} : { html: message.html }),
    messageId: `<${messageIdOf(message)}>`,
    headers: Object.fromEntries(prepared),
  };
}

/** Never as text, which nodemailer would read as a list (facts, providers §2.1). */
const mailbox = ({ address, name = '' }: EmailMessage['to']) => ({ address, name });
