import { rejected } from './outcome.ts';
import type { EmailMessage, Outcome } from './provider.ts';

type Mailbox = EmailMessage['to'];

/** C0 and C1 controls (CR, LF and NUL among them) and the line separators of Unicode. */
const CONTROLS = /[\p{Cc}\u2028\u2029]/u;
const ONE_ADDRESS = /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+$/;
const ONE_LINK = /^https?:\/\/[^\s<>\p{Cc}]+$/u;

/**
 * Why a message must not go out by any provider: something in it could end a header and begin another, or an address is
 * not exactly one (facts H3, H4). Undefined when nothing is wrong.
 */
export function unfit(message: EmailMessage): Outcome | undefined {
  const { to, from, subject, unsubscribeUrl } = message;
  if (!isOneAddress(to)) {
    return rejected('invalid_recipient', 'the recipient is not one address', 'recipient');
  }
  if (!isOneAddress(from)) {
    return rejected('invalid_sender', 'the sender is not one address', 'configuration');
  }
  if ([subject, to.name ?? '', from.name ?? ''].some((text) => CONTROLS.test(text))) {
    return rejected('invalid_message', 'a subject or name has control characters', 'message');
  }
  if (unsubscribeUrl !== undefined && !ONE_LINK.test(unsubscribeUrl)) {
    return rejected('invalid_message', 'the link to unsubscribe is not one URL', 'message');
  }
  return undefined;
}

const isOneAddress = ({ address }: Mailbox): boolean =>
  ONE_ADDRESS.test(address) && !CONTROLS.test(address);

/** RFC 8058: both, or none. */
export const unsubscribeHeaders = ({
  unsubscribeUrl,
}: EmailMessage): Readonly<Record<string, string>> =>
  unsubscribeUrl === undefined
    ? {}
    : {
        'List-Unsubscribe': `<${unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      };
