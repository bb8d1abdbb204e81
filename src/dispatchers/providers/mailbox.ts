import { encodeWords } from 'nodemailer/lib/mime-funcs';
import type { EmailMessage } from './provider.ts';

/** `"Okafor, Zoë" <zoe@example.com>` as it stands in a header (RFC 5322, RFC 2047): one mailbox, all ASCII. */
export function mailboxText({ address, name = '' }: EmailMessage['to']): string {
  if (name === '') return address;
  const isPlain = /^[\w ]*$/.test(name);
  const isAscii = /^[\x20-\x7e]*$/.test(name);
  const phrase = isPlain
    ? name
    : isAscii
      ? `"${name.replace(/["\\]/g, '\\$&')}"`
      : encodeWords(name, 'B', 52, true);
  return `${phrase} <${address}>`;
}
