import { describe, expect, test } from '@jest/globals';
import { contentHash, createRenderer } from '../../src/dispatchers/render.ts';
import type { TemplateContent } from '../../src/domain/template/content.ts';
import type { Channel, Variables } from '../../src/domain/vocabulary.ts';

const content: TemplateContent = {
  category: 'transactional',
  priority: 'normal',
  channels: {
    email: {
      subject: 'Order for {{who}}',
      html: '<p>{{who}}</p>{{#if gift}}<b>gift</b>{{else}}<i>own</i>{{/if}}',
      text: 'For {{who}}: {{total}}',
    },
    sms: { body: '{{who}} {{total}}' },
    push: { title: '{{who}}', body: '{{who}}\n{{total}}' },
    in_app: { title: 'Hi', body: '{{{who}}}' },
  },
  variables: [
    { name: 'who', type: 'string' },
    { name: 'total', type: 'number' },
    { name: 'gift', type: 'boolean' },
  ],
};
const reader = { locale: 'en-GB', timezone: 'Europe/London' };
const renderer = createRenderer();
const render = (channel: Channel, changes: Variables = {}, version = 1) =>
  renderer.render(
    { name: 'order', version, content },
    channel,
    { who: 'Ada', total: 0, gift: false, ...changes },
    reader,
  );

describe('a message', () => {
  test('has the parts of its channel, filled in', () => {
    expect(render('email')).toEqual({
      subject: 'Order for Ada',
      html: '<p>Ada</p><i>own</i>',
      text: 'For Ada: 0',
    });
    expect(render('sms')).toEqual({ body: 'Ada 0' });
    expect(render('push')).toEqual({ title: 'Ada', body: 'Ada\n0' });
    expect(render('in_app')).toEqual({ title: 'Hi', body: 'Ada' });
  });

  test('escapes variables in HTML, and nowhere else', () => {
    const who = `<script>"Ada" & 'Co'</script>`;
    const email = render('email', { who });
    expect(email['html']).not.toContain('<script>');
    expect(email['html']).toContain('&lt;script&gt;');
    expect(email['text']).toBe(`For ${who}: 0`);
    expect(email['subject']).toBe(`Order for ${who}`);
    expect(render('sms', { who })['body']).toBe(`${who} 0`);
  });

  test('is never sent with a gap where a variable is missing', () => {
    const missing = () =>
      renderer.render({ name: 'order', version: 1, content }, 'sms', { total: 1 }, reader);
    expect(missing).toThrow('who');
  });

  test.each(['Ada\r\nBcc: eve@example.org', 'Ada\u2028Eve', 'Ada\u0000\u001bEve', 'Ada\tEve'])(
    'has a subject and a title of one line, whatever a variable holds: %j',
    (who) => {
      expect(render('email', { who })['subject']).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(render('push', { who })['title']).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(render('push', { who })['body']).toContain(who);
    },
  );

  test('does not treat what a variable holds as a template', () => {
    expect(render('sms', { who: '{{total}}{{{gift}}}' })['body']).toBe('{{total}}{{{gift}}} 0');
  });

  test('is that of its own version', () => {
    const second = { ...content, channels: { sms: { body: 'second' } } };
    expect(render('sms', {}, 7)['body']).toBe('Ada 0');
    expect(
      renderer.render({ name: 'order', version: 8, content: second }, 'sms', {}, reader),
    ).toEqual({
      body: 'second',
    });
  });
});

describe('a message in several languages', () => {
  const translated: TemplateContent = {
    ...content,
    channels: { sms: { body: 'Due {{date day}}' }, in_app: { title: 'Due', body: '{{day}}' } },
    locales: {
      pt: { sms: { body: 'Vence {{date day}}' } },
      'pt-BR': { sms: { body: 'Vence em {{date day}}' } },
      'zh-Hant': { sms: { body: '到期日{{date day}}' } },
    },
    variables: [{ name: 'day', type: 'string' }],
  };
  const to = (locale: string, channel: Channel = 'sms') =>
    renderer.render(
      { name: 'due', version: 1, content: translated },
      channel,
      { day: '2027-01-31' },
      { locale, timezone: 'America/Sao_Paulo' },
    );

  test.each([
    ['pt-BR', 'Vence em 31 de janeiro de 2027'],
    ['pt-PT', 'Vence 31 de janeiro de 2027'],
    ['pt', 'Vence 31 de janeiro de 2027'],
    ['zh-Hant-TW', '到期日2027年1月31日'],
    ['zh-Hans-CN', 'Due January 31, 2027'],
    ['en-GB', 'Due 31 January 2027'],
    ['de-DE', 'Due January 31, 2027'],
    ['nonsense!', 'Due January 31, 2027'],
  ])('says to a reader in %s: %s', (locale, body) => {
    expect(to(locale)).toEqual({ body });
  });

  test('falls back channel by channel', () => {
    expect(to('pt-BR', 'in_app')).toEqual({ title: 'Due', body: '2027-01-31' });
  });
});

describe('the hash of a message', () => {
  const parts = { body: 'Your code is 1234' };

  test('proves the content to one who has the secret, and to nobody else', () => {
    expect(contentHash(parts, 's1')).toBe(contentHash({ ...parts }, 's1'));
    expect(contentHash(parts, 's1')).not.toBe(contentHash(parts, 's2'));
    expect(contentHash(parts, 's1')).not.toBe(contentHash({ body: 'Your code is 1235' }, 's1'));
    expect(contentHash(parts, 's1')).toMatch(/^[\w-]{43}$/);
  });
});
