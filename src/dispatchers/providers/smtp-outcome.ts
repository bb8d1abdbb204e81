import { deferred, rejected, unknown } from './outcome.ts';
import type { Outcome } from './provider.ts';

/** What nodemailer says of a failure. */
interface SmtpFailure {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly response?: unknown;
  readonly responseCode?: unknown;
}

/** The recipient's server doubts who we are (facts L13): nothing about this message helps. */
const UNAUTHENTICATED: ReadonlySet<string> = new Set(['5.7.26', '5.7.515']);

/**
 * What a failure over SMTP means (facts, providers §2.1). `mayHaveArrived`: the message was being written; without a
 * reply nobody knows then what became of it, since nodemailer's own error doesn't tell before from after.
 */
export function outcomeOfFailure(error: unknown, mayHaveArrived: boolean): Outcome {
  const failure = (error ?? {}) as SmtpFailure;
  if (failure.code === 'ETLS') return deferred('smtp_tls', 'no encryption, nothing was sent');
  const { responseCode: reply } = failure;
  if (typeof reply === 'number' && reply >= 400) return outcomeOfReply(reply, failure);
  if (mayHaveArrived) {
    const late = failure.code === 'ETIMEDOUT' || failure.code === 'EABORT';
    return unknown(late ? 'timeout' : 'connection_lost', 'the message was written, no reply came');
  }
  switch (failure.code) {
    case 'EAUTH':
    case 'ENOAUTH':
      return rejected('smtp_auth', 'the server can not be authenticated to', 'configuration');
    case 'EENVELOPE':
    case 'EMESSAGE':
      return rejected('invalid_message', 'the message can not be sent as it is', 'message');
    case 'ETIMEDOUT':
    case 'EABORT':
      return deferred('timeout', 'no connection in time, nothing was sent');
    default:
      return failure.originalCode === 'ECONNREFUSED'
        ? deferred('connection_refused', 'no connection, nothing was sent')
        : deferred('not_connected', 'no connection, nothing was sent');
  }
}

function outcomeOfReply(reply: number, { command, response, code }: SmtpFailure): Outcome {
  const status = enhancedStatus(response);
  const name = `smtp_${status ?? reply}`;
  // 503 says that the session, not the message, was in a wrong state.
  if (reply < 500 || reply === 503) return deferred(name, 'the server can not take it now');
  const isSender = status === '5.1.7' || status === '5.1.8';
  const isDoubt = status !== undefined && UNAUTHENTICATED.has(status);
  if (code === 'EAUTH' || isSender || isDoubt) {
    return rejected(name, 'the server does not accept who we are', 'configuration');
  }
  // 5.2.2 (full) and 5.7 (policy) are no proof that the address is bad.
  const isAddress = status === undefined ? reply === 501 : status.startsWith('5.1.');
  if (command === 'RCPT TO' && isAddress) {
    return rejected(name, 'the server refused the recipient address', 'recipient');
  }
  const isTooBig = reply === 552 || status === '5.3.4';
  return command === 'RCPT TO' || command === 'DATA' || isTooBig
    ? rejected(name, 'the server refused the message', 'message')
    : rejected(name, 'the server refused our sender, or to talk to us', 'configuration');
}

const enhancedStatus = (response: unknown): string | undefined =>
  typeof response === 'string'
    ? /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1]
    : undefined;
