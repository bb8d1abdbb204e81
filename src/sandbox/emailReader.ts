import { chance } from './chance.ts';

/** What a reader, or the reader's server, makes of an email. */
export interface EmailNews {
  readonly kind: 'delivered' | 'bounced' | 'complained' | 'opened' | 'clicked';
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * The same for every provider, so that a run can be repeated with another. Addresses whose local part starts with `bounce` bounce hard, with `spam` complain; of the others about 40 % open and
 * 10 % click, decided by the seed and `about`, which names the message.
 */
export function newsOf(
  recipient: string,
  about: string,
  { bounce, now, seed }: { readonly bounce: boolean; readonly now: number; readonly seed: number },
): readonly EmailNews[] {
  const delivery = now + 20 + chance(seed, 'delivery', about) * 60;
  const opening = delivery + 100 + chance(seed, 'opening', about) * 500;
  const interest = chance(seed, 'interest', about);
  const news = (kind: EmailNews['kind'], at: number): EmailNews => ({ kind, at: Math.round(at) });
  if (bounce || recipient.startsWith('bounce')) return [news('bounced', delivery)];
  if (recipient.startsWith('spam'))
    return [news('delivered', delivery), news('complained', opening)];
  return [
    news('delivered', delivery),
    ...(interest < 0.4 ? [news('opened', opening)] : []),
    ...(interest < 0.1 ? [news('clicked', opening + 200)] : []),
  ];
}

/** Roughly what every provider demands of an address. */
export const isEmailAddress = (text: string): boolean =>
  /^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+\.[^\s@<>,;:"()]+$/.test(text);

/** The address of `Name <address>`. */
export const addressOf = (mailbox: string): string =>
  /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox;

/** The first link of an HTML part: what a reader clicks. */
export const firstLink = (html: string): string =>
  /href="(https?:[^"]+)"/.exec(html)?.[1] ?? 'https://example.invalid/';
