import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DemoUser } from '../../../src/cli/demo/input.ts';
import { demoTemplates } from '../../../src/cli/demo/templates/index.ts';
import { demoLayouts } from '../../../src/cli/demo/templates/layouts.ts';
import { demoUsers } from '../../../src/cli/demo/users.ts';
import { demoVariables } from '../../../src/cli/demo/variables.ts';
import { createMjmlCompiler } from '../../../src/commands/templates/mjml.ts';
import { prepare, type PreparePorts } from '../../../src/commands/templates/prepare.ts';
import { variableProblem } from '../../../src/commands/variables.ts';
import { createRenderer } from '../../../src/dispatchers/render.ts';
import type { TemplateContent } from '../../../src/domain/template/content.ts';
import { smsSizeOf } from '../../../src/domain/template/sms.ts';

const channels = ['email', 'sms', 'push', 'in_app'] as const;

const isDistinct = (values: readonly string[]) => new Set(values).size === values.length;
const localPart = (user: DemoUser) => user.email.split('@')[0] ?? '';
const optedOut = (user: DemoUser, category: 'transactional' | 'marketing' | 'system') =>
  channels.filter((channel) => user.preferences[channel]?.[category] === false);

describe('the users of the demo', () => {
  test('are many, and no two share an id, an email address, a phone number or a device', () => {
    expect(demoUsers.length).toBeGreaterThanOrEqual(240);
    expect(isDistinct(demoUsers.map((user) => user.userId))).toBe(true);
    expect(isDistinct(demoUsers.map((user) => user.email))).toBe(true);
    expect(isDistinct(demoUsers.map((user) => user.phone))).toBe(true);
    expect(isDistinct(demoUsers.flatMap((user) => user.deviceTokens))).toBe(true);
  });

  test('have opaque ids that look like neither an email address nor a phone number', () => {
    for (const { userId } of demoUsers) {
      expect(userId).toMatch(/^u-[a-z0-9]{14}$/);
      expect(userId).not.toMatch(/\d{3}/);
    }
  });

  test('have addresses that reach nobody', () => {
    for (const { email, phone } of demoUsers) {
      expect(email).toMatch(/^[a-z]+([.-][a-z]+)*@(example\.(com|org|net)|[a-z]+\.example)$/);
      expect(phone).toMatch(/^\+[1-9]\d{8,14}$/);
      expect(phone).not.toMatch(/(0009|0021)$/);
      expect(phone).toMatch(
        /^\+(1\d{3}55501|447700900|336399801|49176040690|467017406|3532091|614915|(7|[2-9]\d|[2-9]\d\d)00555)/,
      );
    }
  });

  test('live in real time zones, some of them off by half an hour or three quarters', () => {
    const offsets = new Set<string>();
    for (const { timezone, locale } of demoUsers) {
      const format = new Intl.DateTimeFormat('en', {
        timeZone: timezone,
        timeZoneName: 'longOffset',
      });
      const zone = format.formatToParts(0).find((part) => part.type === 'timeZoneName');
      offsets.add(zone?.value.slice(-3) ?? '');
      expect(Intl.getCanonicalLocales(locale)).toEqual([locale]);
    }
    expect(new Set(demoUsers.map((user) => user.timezone)).size).toBeGreaterThanOrEqual(40);
    expect([...offsets]).toEqual(expect.arrayContaining([':00', ':30', ':45']));
  });

  test.each(
    'Latin Cyrillic Greek Arabic Hebrew Devanagari Bengali Tamil Thai Han Hiragana Katakana Hangul Georgian Armenian Ethiopic'.split(
      ' ',
    ),
  )('have names in %s script', (script) => {
    const inScript = new RegExp(`\\p{Script=${script}}`, 'u');
    expect(demoUsers.filter(({ name }) => inScript.test(name)).length).toBeGreaterThan(0);
  });

  test('have names without blanks at the ends, in composed form', () => {
    for (const { name } of demoUsers) {
      expect(name.trim()).toBe(name);
      expect(name).not.toBe('');
      expect(name.normalize('NFC')).toBe(name);
    }
  });

  test('have opted out as people do: some of marketing, few of the rest, three of everything', () => {
    const noMarketing = demoUsers.filter((user) => optedOut(user, 'marketing').length === 4);
    expect(noMarketing.length / demoUsers.length).toBeGreaterThan(0.07);
    expect(noMarketing.length / demoUsers.length).toBeLessThan(0.1);
    const oneChannel = demoUsers.filter((user) => optedOut(user, 'marketing').length === 1);
    expect(oneChannel).toHaveLength(7);
    const noSms = demoUsers.filter((user) => optedOut(user, 'transactional').join() === 'sms');
    expect(noSms).toHaveLength(4);
    const nothing = demoUsers.filter(
      (user) => optedOut(user, 'transactional').length + optedOut(user, 'system').length === 8,
    );
    expect(nothing).toHaveLength(3);
  });

  test('have three mailboxes that no longer exist, whose owners want mail', () => {
    const gone = demoUsers.filter((user) => localPart(user).startsWith('bounce'));
    expect(gone).toHaveLength(3);
    for (const user of gone) expect(user.preferences).toEqual({});
  });

  test('have a live device each, and two of them one more that has lost the app', () => {
    const lost = demoUsers.flatMap(({ deviceTokens }) => {
      const dead = deviceTokens.filter((token) => token.startsWith('dead'));
      expect(deviceTokens.length).toBeGreaterThan(dead.length);
      return dead;
    });
    expect(lost).toHaveLength(2);
    expect(demoUsers.filter((user) => user.deviceTokens.length > 1).length).toBeGreaterThan(20);
  });
});

const templatePorts = (compileMjml: PreparePorts['compileMjml']): PreparePorts => ({
  compileMjml,
  findLayout: (name) => {
    const {
      name: _,
      translations,
      ...content
    } = demoLayouts.find((known) => known.name === name) ?? fail(`no layout ${name}`);
    return Promise.resolve({ archived: false, versions: [{ ...content, locales: translations }] });
  },
});
const fail = (why: string): never => {
  throw new Error(why);
};

const readers = [
  { locale: 'en-GB', timezone: 'Europe/London' },
  { locale: 'de-AT', timezone: 'Europe/Vienna' },
  { locale: 'ja-JP', timezone: 'Asia/Tokyo' },
  { locale: 'ru-RU', timezone: 'Europe/Moscow' },
  { locale: 'ar-EG', timezone: 'Africa/Cairo' },
];

describe('the templates of the demo', () => {
  const mjml = createMjmlCompiler();
  afterAll(() => mjml.close());
  const renderer = createRenderer();

  test('are the eight, with their categories and priorities', () => {
    expect(demoTemplates.map(({ name, category, priority }) => [name, category, priority])).toEqual(
      [
        ['welcome', 'transactional', 'normal'],
        ['password_reset', 'transactional', 'high'],
        ['security_alert', 'system', 'urgent'],
        ['one_time_code', 'transactional', 'urgent'],
        ['order_shipped', 'transactional', 'normal'],
        ['invoice_due', 'transactional', 'normal'],
        ['weekly_digest', 'marketing', 'low'],
        ['product_update', 'marketing', 'low'],
      ],
    );
  });

  test('speak several languages, some of them not in Latin letters', () => {
    const languages = demoTemplates.flatMap(({ translations }) => Object.keys(translations));
    expect(new Set(languages)).toEqual(new Set(['de', 'ja', 'ru']));
  });

  describe.each(demoTemplates.map((template) => ({ name: template.name, template })))(
    '$name',
    ({ name, template }) => {
      let content: TemplateContent;
      beforeAll(async () => {
        const { category, priority, channels: said, translations, layout } = template;
        const source = { category, priority, channels: said, locales: translations };
        const prepared = await prepare(
          { ...source, layout: { name: layout }, variables: [] },
          templatePorts(mjml.compile),
        );
        expect(prepared.problems).toEqual([]);
        content = prepared.content;
      });
      const builtIn = {
        userName: "Chiara Dell'Orto & <b>Söhne</b>",
        unsubscribeUrl: 'https://example.com/unsubscribe/token',
        preferencesUrl: 'https://example.com/preferences/token',
        postalAddress: 'Larkspur Ltd, 100 Example Street, Springfield 00100',
      };
      const samples = Array.from({ length: 200 }, (_, sequence) => demoVariables(name, sequence));
      const render = (channel: (typeof channels)[number], sample: object, reader = readers[0]) =>
        renderer.render(
          { name, version: 1, content },
          channel,
          { ...sample, ...builtIn },
          reader ?? fail('no reader'),
        );

      test('gets exactly the variables that its texts ask for', () => {
        for (const sample of samples) expect(variableProblem(content, sample)).toBeUndefined();
        for (const variable of Object.keys(samples[0] ?? {})) {
          const { [variable]: _, ...rest } = samples[0] ?? {};
          expect(variableProblem(content, rest)?.code).toBe('MISSING_VARIABLE');
        }
      });

      test('gets the same variables for the same sequence number, others for another', () => {
        expect(demoVariables(name, 7)).toEqual(demoVariables(name, 7));
        expect(isDistinct(samples.map((sample) => JSON.stringify(sample)))).toBe(true);
      });

      test('renders on every channel, for readers of every language', () => {
        for (const reader of readers) {
          for (const channel of channels) {
            for (const sample of samples.slice(0, 10)) {
              for (const [part, output] of Object.entries(render(channel, sample, reader))) {
                expect(output.trim()).not.toBe('');
                expect(output).not.toMatch(/\{\{|\}\}|undefined|NaN|\[object/);
                if (part === 'html') expect(output).not.toContain('<b>');
              }
            }
          }
        }
      });

      test('takes two segments of SMS at most', () => {
        for (const reader of readers) {
          for (const sample of samples.slice(0, 50)) {
            const { segments } = smsSizeOf(render('sms', sample, reader)['body'] ?? '');
            expect(segments).toBeLessThanOrEqual(2);
          }
        }
      });

      test('names sender, postal address and a way out exactly when it is marketing', () => {
        const isMarketing = template.category === 'marketing';
        const { html = '', text = '' } = render('email', samples[0] ?? {});
        for (const body of [html, text]) {
          expect(body.includes(builtIn.unsubscribeUrl)).toBe(isMarketing);
          expect(body.includes('Larkspur Ltd, 100 Example Street')).toBe(isMarketing);
        }
        expect(template.channels.sms?.body.includes('STOP')).toBe(isMarketing);
      });
    },
  );

  test('have no variables under any other name', () => {
    expect(() => demoVariables('birthday', 1)).toThrow('no template named birthday');
  });
});
