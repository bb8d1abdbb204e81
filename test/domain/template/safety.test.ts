import { describe, expect, test } from '@jest/globals';
import type { TemplateContent } from '../../../src/domain/template/content.ts';
import { problemsOf, withSchema } from '../../../src/domain/template/problems.ts';

const mail = (html: string, changes: Partial<TemplateContent> = {}): TemplateContent =>
  withSchema({
    category: 'transactional',
    priority: 'normal',
    channels: { email: { subject: 'Hi', html, text: 'Hi' } },
    variables: [],
    ...changes,
  });

const codesIn = (html: string): readonly string[] => problemsOf(mail(html)).map(({ code }) => code);

describe('HTML is published', () => {
  test.each([
    '<a href="https://shop.example/a?b=1&amp;c=2">x</a>',
    '<a href="{{url link}}">x</a>',
    `<a href="{{url 'https://shop.example/orders' orderId lang=code}}">x</a>`,
    '<a href="{{url link}}#section">x</a>',
    '<a href="{{#if vip}}{{url link}}{{else}}https://shop.example/{{/if}}">x</a>',
    '<a href="{{unsubscribeUrl}}">Leave</a>',
    '<a href="{{preferencesUrl}}">Choose</a>',
    '<a href="#top">x</a>',
    '<img src="HTTPS://shop.example/a.png" alt="{{name}}">',
    '<p {{#if name}}class="a"{{else}}title="{{name}}"{{/if}}>{{#if name}}<b>x</b>{{/if}}</p>',
    '<a {{#if name}}href="https://shop.example/"{{/if}}>1 &lt;{{name}}</a>',
    '<p title="{{name}}" class=\'{{name}}\'>{{name}}</p>',
    '<!-- {{name}} --><style>p{background:url(https://shop.example/a.png)}</style>',
  ])('when it says %j', (html) => {
    expect(problemsOf(mail(html))).toEqual([]);
  });
});

describe('HTML is refused', () => {
  test.each([
    ['<a href="javascript:alert(1)">x</a>', 'BAD_URL'],
    ['<a href="JaVaScRiPt&#58;alert(1)">x</a>', 'BAD_URL'],
    ['<a href=" java\nscript:alert(1)">x</a>', 'BAD_URL'],
    ['<img src="data:image/png;base64,AAAA">', 'BAD_URL'],
    ['<a href="mailto:a@b.example">x</a>', 'BAD_URL'],
    ['<a href="//shop.example/">x</a>', 'BAD_URL'],
    ['<a href="/orders">x</a>', 'BAD_URL'],
    ['<img srcset="https://a.example/1 1x, data:x 2x">', 'BAD_URL'],
    ['<p style="background:url(javascript:x)">x</p>', 'BAD_URL'],
    ['<style>p{background:url(data:x)}</style>', 'BAD_URL'],
    ['<!--[if mso]><v:fill src="javascript:x" /><![endif]-->', 'BAD_URL'],
    ['<a href="{{link}}">x</a>', 'VARIABLE_IN_URL'],
    ['<a href="{{toString}}">x</a>', 'VARIABLE_IN_URL'],
    ['<a href="https://shop.example/{{orderId}}">x</a>', 'VARIABLE_IN_URL'],
    ['<a href="{{#if vip}}{{link}}{{else}}https://a.example/{{/if}}">x</a>', 'VARIABLE_IN_URL'],
    ['<a href="{{url link}}{{orderId}}">x</a>', 'VARIABLE_IN_URL'],
    ['<p style="background:url({{link}})">x</p>', 'VARIABLE_IN_URL'],
    ['<p title={{name}}>x</p>', 'UNQUOTED_ATTRIBUTE'],
    ['<p {{name}}="x">x</p>', 'NOT_ALLOWED'],
    ['<script>alert(1)</script>', 'UNSAFE_HTML'],
    ['<iframe src="https://a.example/"></iframe>', 'UNSAFE_HTML'],
    ['<p onclick="x()">x</p>', 'UNSAFE_HTML'],
    ['<meta http-equiv="refresh" content="0">', 'UNSAFE_HTML'],
    ['{{{name}}}', 'UNESCAPED_HTML'],
    ['{{&name}}', 'UNESCAPED_HTML'],
    [`<a href="{{url 'javascript:alert(1)'}}">x</a>`, 'BAD_ARGUMENT'],
  ])('when it says %j: %s', (html, code) => {
    expect(codesIn(html)).toContain(code);
  });
});

describe('marketing email', () => {
  const address = 'Shop & Co, 1 Example Street, Springfield 00100';
  const html = '<p>{{postalAddress}}</p><a href="{{unsubscribeUrl}}">Leave</a>';
  const text = `${address}\n{{unsubscribeUrl}}`;
  const news = (changes: Partial<TemplateContent> = {}): TemplateContent =>
    mail(html, {
      category: 'marketing',
      channels: { email: { subject: 'News', html, text } },
      postalAddress: address,
      ...changes,
    });
  const problemsIn = (changes: Partial<TemplateContent>) =>
    problemsOf(news(changes)).map(({ code, field }) => [code, field]);

  test('is published with its postal address and a way out, in HTML and in text', () => {
    expect(problemsOf(news())).toEqual([]);
    const escaped = html.replace(
      '{{postalAddress}}',
      'Shop &amp; Co, 1 Example Street, Springfield 00100',
    );
    expect(problemsIn({ channels: { email: { subject: 'News', html: escaped, text } } })).toEqual(
      [],
    );
  });

  test('is refused without them, each part with its own problems', () => {
    const bare = { email: { subject: 'News', html: '<p>{{unsubscribeUrl}}</p>', text: 'News' } };
    expect(problemsIn({ channels: bare })).toEqual([
      ['NO_POSTAL_ADDRESS', 'channels.email.html'],
      ['NO_UNSUBSCRIBE_LINK', 'channels.email.html'],
      ['NO_POSTAL_ADDRESS', 'channels.email.text'],
      ['NO_UNSUBSCRIBE_LINK', 'channels.email.text'],
    ]);
    expect(problemsIn({ locales: { de: bare } }).map(([, field]) => field)).toContain(
      'locales.de.email.text',
    );
  });

  test('is refused when nobody says what the postal address is', () => {
    const { postalAddress: _, ...without } = news();
    expect(problemsOf(without)).toMatchObject([
      { code: 'NO_POSTAL_ADDRESS', field: 'postalAddress' },
    ]);
    expect(problemsIn({ postalAddress: '  ' })).toEqual([['NO_POSTAL_ADDRESS', 'postalAddress']]);
  });

  test('can always be switched off, and can always wait', () => {
    expect(problemsIn({ required: true, purpose: 'security' })).toEqual([
      ['NOT_FOR_MARKETING', 'required'],
      ['NOT_FOR_MARKETING', 'purpose'],
    ]);
  });
});

describe('other channels', () => {
  const problemsWith = (channels: TemplateContent['channels']) =>
    problemsOf(mail('', { channels })).map(({ code, field }) => [code, field]);

  test('a subject and a title are one line', () => {
    const email = { subject: 'Hi\r\nBcc: eve@example.org', text: 'x' };
    const push = { title: 'a\u2028b', body: 'x\ny' };
    expect(problemsWith({ email, push })).toEqual([
      ['CONTROL_CHARACTER', 'channels.email.subject'],
      ['CONTROL_CHARACTER', 'channels.push.title'],
    ]);
  });

  test.each([
    ['https://shop.example/orders', true],
    ["{{url 'https://shop.example/orders' orderId}}", true],
    ['{{link}}', false],
    ['javascript:alert(1)', false],
    ['app://orders', false],
  ])('an action of an in-app message leads to %j: %p', (actionUrl, good) => {
    const problems = problemsWith({ in_app: { title: 'a', body: 'b', actionUrl } });
    expect(problems.length === 0).toBe(good);
  });

  test.each(['notificationId', 'ackUrl', 'google.sent', 'gcm', 'from', 'a b', ''])(
    'push data have no key %j',
    (key) => {
      expect(problemsWith({ push: { title: 'a', body: 'b', data: { [key]: 'x' } } })).toEqual([
        ['BAD_DATA_KEY', `channels.push.data.${key}`],
      ]);
    },
  );

  test('a text message of more than six segments is refused, whatever its alphabet', () => {
    expect(problemsWith({ sms: { body: 'a'.repeat(6 * 153) } })).toEqual([]);
    expect(problemsWith({ sms: { body: 'a'.repeat(6 * 153 + 1) } })).toEqual([
      ['SMS_TOO_LONG', 'channels.sms.body'],
    ]);
    expect(problemsWith({ sms: { body: 'ж'.repeat(6 * 67) } })).toEqual([]);
    expect(problemsWith({ sms: { body: 'ж'.repeat(6 * 67 + 1) } })).toEqual([
      ['SMS_TOO_LONG', 'channels.sms.body'],
    ]);
  });

  test('a translation has a locale of its own, as BCP 47 writes it, and no channel more', () => {
    const problems = problemsOf(
      mail('', {
        channels: { sms: { body: 'Hi' } },
        locales: {
          'pt-br': { sms: { body: 'Oi' } },
          'x y': { sms: { body: '?' } },
          en: { sms: { body: 'Hi' } },
          de: { push: { title: 'a', body: 'b' } },
        },
      }),
    );
    expect(problems.map(({ code, field }) => [code, field])).toEqual([
      ['BAD_LOCALE', 'locales.pt-br'],
      ['BAD_LOCALE', 'locales.x y'],
      ['BAD_LOCALE', 'locales.en'],
      ['CHANNEL_NOT_IN_DEFAULT_LOCALE', 'locales.de.push'],
    ]);
  });
});
