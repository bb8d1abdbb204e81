import { describe, expect, test } from '@jest/globals';
import { checkAddress, checkProfile } from '../../src/commands/userInput.ts';
import { createRenderer } from '../../src/dispatchers/render.ts';
import { withSchema } from '../../src/domain/template/problems.ts';

/** Facts H3 and H4 want 100 header injections. */
const breaks = [
  '\r\n',
  '\n',
  '\r',
  '\u0000',
  '\u0001',
  '\u0008',
  '\t',
  '\u000b',
  '\f',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u009b',
  '\u2028',
  '\u2029',
];
const headers = [
  'Bcc: eve@example.org',
  'Content-Type: text/html',
  'Subject: other',
  '\r\n<b>body</b>',
];
const injections = breaks.flatMap((end) => headers.map((header) => `Ada${end}${header}`));

// eslint-disable-next-line no-control-regex -- they are what is looked for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const template = {
  name: 'welcome',
  version: 1,
  content: withSchema({
    category: 'transactional',
    priority: 'normal',
    channels: {
      email: { subject: 'Hi {{name}}', html: '<p>{{name}}</p>', text: '{{name}}' },
      push: { title: '{{name}}', body: 'x' },
      in_app: { title: 'For {{name}}', body: 'x' },
    },
    variables: [],
  }),
};
const reader = { locale: 'en', timezone: 'UTC' };

describe.each(injections)('%j', (name) => {
  test.each([
    ['email', 'subject'],
    ['push', 'title'],
    ['in_app', 'title'],
  ] as const)('of a variable makes no second header of %s: %s', (channel, part) => {
    const parts = createRenderer().render(template, channel, { name }, reader);
    expect(parts[part]).toMatch(/Ada/);
    expect(parts[part]).not.toMatch(controls);
  });

  test('is the name of nobody', () => {
    expect(() => {
      checkProfile({ name });
    }).toThrow('name must have');
  });
});

const addresses = [
  ...breaks.map((end) => `ada@example.org${end}Bcc: eve@example.org`),
  ...breaks.map((end) => `ada${end}@example.org`),
  'ada@example.org,eve@example.org',
  'ada@example.org;eve@example.org',
  'ada@example.org eve@example.org',
  'Ada <ada@example.org>',
  '<ada@example.org>',
  '"ada@example.org"@example.org',
  'friends:ada@example.org,eve@example.org;',
  'ada@example.org(comment)',
  'ada@@example.org',
  'ada@[127.0.0.1]',
  '@example.org',
  'ada@',
];

test.each(addresses)('%j is no address of one person', (address) => {
  expect(() => {
    checkAddress({ channel: 'email', address });
  }).toThrow('must be one email address');
});

test.each(breaks)('a phone number ends with its digits, not with %j', (end) => {
  for (const address of [`+4915112345678${end}`, `${end}+4915112345678`, `+49${end}15112345678`]) {
    expect(() => {
      checkAddress({ channel: 'sms', address });
    }).toThrow('E.164');
  }
});
