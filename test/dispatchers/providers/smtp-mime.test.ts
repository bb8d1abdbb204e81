import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import type { EmailMessage, Provider } from '../../../src/dispatchers/providers/provider.ts';
import { createSmtp } from '../../../src/dispatchers/providers/smtp.ts';
import { verifyDkim } from './dkim.ts';
import { openInbox, type ReceivedMail } from './inbox.ts';
import { email } from './messages.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const LINK = `https://tidings.example/unsubscribe/${'t0ken-'.repeat(20)}`;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkim = {
  domain: 'tidings.example',
  selector: 'mail1',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

let inbox: Awaited<ReturnType<typeof openInbox>>;
let signing: Provider<EmailMessage>;
let plain: Provider<EmailMessage>;

beforeAll(async () => {
  inbox = await openInbox();
  signing = createSmtp({ url: inbox.url, dkim });
  plain = createSmtp({ url: inbox.url });
});
afterAll(async () => {
  await signing.close();
  await plain.close();
  await inbox.close();
});

async function received(
  changes: Partial<EmailMessage>,
  through: Provider<EmailMessage> = signing,
): Promise<ReceivedMail> {
  expect(await through.send(email(ID, changes))).toMatchObject({ kind: 'accepted' });
  const mail = inbox.received.at(-1);
  if (mail === undefined) throw new Error('nothing was received');
  return mail;
}

/** The values of a header as they stand in the message, unfolded. */
const valuesOf = ({ raw }: ReceivedMail, name: string): readonly string[] =>
  raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .split(/\r\n(?![ \t])/)
    .filter((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((field) => field.slice(name.length + 1).trim());

describe('one-click unsubscription (RFC 8058)', () => {
  test('stands in one List-Unsubscribe with one https link, unfolded, and one List-Unsubscribe-Post', async () => {
    const mail = await received({ unsubscribeUrl: LINK });
    expect(valuesOf(mail, 'List-Unsubscribe')).toEqual([`<${LINK}>`]);
    expect(valuesOf(mail, 'List-Unsubscribe-Post')).toEqual(['List-Unsubscribe=One-Click']);
  });

  test('is signed by DKIM, both headers, with the key of the domain', async () => {
    const { raw } = await received({ unsubscribeUrl: LINK });
    const { headers, domain, selector, holds } = verifyDkim(raw, publicKey);
    expect(headers).toEqual(expect.arrayContaining(['from', 'subject', 'date', 'to']));
    expect(headers.filter((name) => name.startsWith('list-'))).toEqual([
      'list-unsubscribe',
      'list-unsubscribe-post',
    ]);
    expect([domain, selector, holds]).toEqual(['tidings.example', 'mail1', true]);
  });

  test.each([
    ['List-Unsubscribe: <https://tidings', 'List-Unsubscribe: <https://evil'],
    ['List-Unsubscribe=One-Click', 'List-Unsubscribe=Two-Click'],
    ['order 7', 'order 8'],
  ])('a signature does not hold once %j is %j', async (text, other) => {
    const { raw } = await received({ unsubscribeUrl: LINK });
    expect(raw).toContain(text);
    expect(verifyDkim(raw.replace(text, other), publicKey).holds).toBe(false);
  });

  test('is absent where there is no link, and the signature holds all the same', async () => {
    const mail = await received({});
    expect(mail.raw).not.toMatch(/^list-unsubscribe/im);
    expect(verifyDkim(mail.raw, publicKey).holds).toBe(true);
  });
});

describe('what a recipient’s server receives', () => {
  test('goes from our sender to the one recipient, with a Message-ID that is the same for every attempt', async () => {
    const first = await received({ attempt: 1 });
    const second = await received({ attempt: 2 });
    expect([first.from, first.to]).toEqual(['hello@tidings.example', ['zoe.okafor@example.com']]);
    expect(first.parsed.messageId).toBe(`<${ID}@tidings.example>`);
    expect(second.parsed.messageId).toBe(first.parsed.messageId);
  });

  test('reads the same as what was sent, in any script, and is ASCII on the wire', async () => {
    const subject = `Grüße aus 東京 🎉 ${'sehr lang '.repeat(30)}`.trim();
    const name = 'Zoë "Zo" Okafor, 東京';
    const html = '<p>Schöne Grüße – 東京 🎉</p>';
    const text = 'Schöne Grüße – 東京 🎉';
    const to = { address: 'zoe.okafor@example.com', name };
    const mail = await received({ subject, html, text, to });
    expect(mail.raw).toMatch(/^[\t\r\n -~]*$/);
    expect(mail.parsed.subject).toBe(subject);
    expect(mail.parsed.to).toMatchObject({ value: [{ address: to.address, name }] });
    expect(mail.parsed.html).toBe(html);
    expect(mail.parsed.text?.trim()).toBe(text);
    expect(verifyDkim(mail.raw, publicKey).holds).toBe(true);
  });

  test('has no line over 998 characters, however long those of the text are', async () => {
    const text = 'x'.repeat(5000);
    const html = `<p>${'y'.repeat(20_000)}</p>`;
    const mail = await received({ text, html });
    expect(Math.max(...mail.raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
    expect(mail.parsed.text?.trim()).toBe(text);
    expect(mail.parsed.html).toBe(html);
  });

  test('keeps a line that is a single dot, and lines that start with one', async () => {
    const text = 'first\n.\n.second\n..third';
    expect((await received({ text })).parsed.text?.trim()).toBe(text);
  });

  test('needs no signature of ours', async () => {
    const mail = await received({ unsubscribeUrl: LINK }, plain);
    expect(mail.raw).not.toMatch(/^dkim-signature/im);
    expect(valuesOf(mail, 'List-Unsubscribe-Post')).toHaveLength(1);
  });
});
