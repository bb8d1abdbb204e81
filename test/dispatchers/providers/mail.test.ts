import { describe, expect, test } from '@jest/globals';
import addressparser from 'nodemailer/lib/addressparser';
import fc from 'fast-check';
import { unfit } from '../../../src/dispatchers/providers/mail.ts';
import { mailboxText } from '../../../src/dispatchers/providers/mailbox.ts';
import { createMailgun } from '../../../src/dispatchers/providers/mailgun.ts';
import { createSendGrid } from '../../../src/dispatchers/providers/sendgrid.ts';
import { createSes } from '../../../src/dispatchers/providers/ses.ts';
import { createSmtp } from '../../../src/dispatchers/providers/smtp.ts';
import type { EmailMessage } from '../../../src/dispatchers/providers/provider.ts';
import { email } from './messages.ts';
import { startScripted } from './scripted.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const BAD: Readonly<Record<string, Partial<EmailMessage>>> = {
  'a line break in the subject': { subject: 'Hi\r\nBcc: evil@example.com' },
  'a bare line feed in the subject': { subject: 'Hi\nBcc: evil@example.com' },
  'a NUL in the subject': { subject: 'Hi\u0000' },
  'a line separator of Unicode in the subject': { subject: 'Hi\u2028Bcc: evil@example.com' },
  'a line break in a name': {
    to: { address: 'a@example.com', name: 'A\r\nBcc: evil@example.com' },
  },
  'a line break in the sender’s name': { from: { address: 'a@example.com', name: 'A\u0085B' } },
  'a line break in the address': { to: { address: 'a@example.com\r\nBcc: evil@example.com' } },
  'two addresses': { to: { address: 'a@example.com,b@example.com' } },
  'two addresses with a semicolon': { to: { address: 'a@example.com;b@example.com' } },
  'a name inside the address': { to: { address: 'A <a@example.com>' } },
  'a quoted address': { to: { address: '"a@example.com,b"@example.com' } },
  'a group': { to: { address: 'all:a@example.com,b@example.com;' } },
  'a comment': { to: { address: 'a(evil@example.com)@example.com' } },
  'no address': { to: { address: '' } },
  'a link that ends the header': {
    unsubscribeUrl: 'https://a.example/u>\r\nBcc: evil@example.com',
  },
  'a second link': { unsubscribeUrl: 'https://a.example/u>, <https://evil.example/' },
  'a link that is none': { unsubscribeUrl: 'mailto:a@example.com' },
};

describe.each(['SendGrid', 'SES', 'Mailgun', 'SMTP'])('%s', (name) => {
  test('never sends what could begin another header or reach another address', async () => {
    const server = await startScripted((response) => response.writeHead(200).end('{}'));
    const aws = { region: 'eu-west-1', accessKeyId: 'AKIA', secretAccessKey: 'x' };
    const provider = {
      SendGrid: () => createSendGrid({ apiKey: 'SG.x', baseUrl: server.url }),
      SES: () => createSes({ ...aws, configurationSet: 'set', endpoint: server.url }),
      Mailgun: () => createMailgun({ apiKey: 'x', domain: 'a.example', baseUrl: server.url }),
      SMTP: () => createSmtp({ url: server.url.replace('http', 'smtp') }),
    }[name as 'SMTP']();
    const outcomes: unknown[] = [];
    for (const changes of Object.values(BAD))
      outcomes.push(await provider.send(email(ID, changes)));
    await provider.close();
    await server.close();
    const expected = Object.values(BAD).map(() => ({ kind: 'rejected' }));
    expect(outcomes).toMatchObject(expected);
    expect(JSON.stringify(outcomes)).not.toContain('evil');
    expect(server.requests).toEqual([]);
  });
});

test('what is in order is not refused', () => {
  expect(
    unfit(email(ID, { subject: 'Grüße 🎉: 100 %', unsubscribeUrl: 'https://a.example/u/x' })),
  ).toBe(undefined);
});

describe('a mailbox as text', () => {
  const known = (name: string) => mailboxText({ address: 'zoe@example.com', name });

  test.each([
    ['', 'zoe@example.com'],
    ['Zoe Okafor', 'Zoe Okafor <zoe@example.com>'],
    ['Okafor, Zoe', '"Okafor, Zoe" <zoe@example.com>'],
    ['Zoe "Z" \\', '"Zoe \\"Z\\" \\\\" <zoe@example.com>'],
    ['Zoë', '=?UTF-8?B?Wm/Dqw==?= <zoe@example.com>'],
  ])('%j is written as %s', (name, text) => {
    expect(known(name)).toBe(text);
  });

  test('is always one mailbox, in ASCII, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (name) => {
        fc.pre(unfit(email(ID, { to: { address: 'zoe@example.com', name } })) === undefined);
        const text = known(name);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(addressparser(text)).toMatchObject([{ address: 'zoe@example.com' }]);
      }),
    );
  });
});
