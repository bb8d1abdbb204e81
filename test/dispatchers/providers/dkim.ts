import { hash, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

interface Signed {
  /** The names in `h=`, lower case. */
  readonly headers: readonly string[];
  readonly domain: string;
  readonly selector: string;
  readonly holds: boolean;
}

/** Verifies a DKIM signature of relaxed/relaxed and rsa-sha256 by RFC 6376, written here apart from what signs. */
export function verifyDkim(raw: string, key: KeyObject): Signed {
  const split = raw.indexOf('\r\n\r\n');
  const fields = raw.slice(0, split).split(/\r\n(?![ \t])/);
  const signature = fields.find((field) => /^dkim-signature:/i.test(field)) ?? '';
  const tags = new Map(
    signature
      .slice(signature.indexOf(':') + 1)
      .split(';')
      .map((tag) => {
        const at = tag.indexOf('=');
        return [tag.slice(0, at).trim(), tag.slice(at + 1).replace(/\s/g, '')] as const;
      }),
  );
  const headers = (tags.get('h') ?? '').toLowerCase().split(':');

  // Each name takes the last field of that name that was not taken yet (RFC 6376 §5.4.2).
  const left = [...fields];
  const signed = headers.flatMap((name) => {
    const at = left.findLastIndex((field) => field.toLowerCase().startsWith(`${name}:`));
    return at === -1 ? [] : left.splice(at, 1).map(relaxed);
  });
  const unsigned = relaxed(signature.replace(/([;\s]b=)[^;]*/, '$1'));
  const body = raw
    .slice(split + 4)
    .replace(/[ \t]+(?=\r\n)/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/(\r\n)*$/, '\r\n');
  const text = `${signed.map((field) => `${field}\r\n`).join('')}${unsigned}`;
  return {
    headers,
    domain: tags.get('d') ?? '',
    selector: tags.get('s') ?? '',
    holds:
      tags.get('a') === 'rsa-sha256' &&
      tags.get('c') === 'relaxed/relaxed' &&
      tags.get('bh') === hash('sha256', Buffer.from(body, 'latin1'), 'base64') &&
      verify(
        'sha256',
        Buffer.from(text, 'latin1'),
        key,
        Buffer.from(tags.get('b') ?? '', 'base64'),
      ),
  };
}

/** RFC 6376 §3.4.2. */
function relaxed(field: string): string {
  const at = field.indexOf(':');
  const value = field
    .slice(at + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${field.slice(0, at).trim().toLowerCase()}:${value}`;
}
