import { describe, expect, test } from '@jest/globals';
import Handlebars from 'handlebars';
import type { DemoUser } from '../../../src/cli/demo/input.ts';
import { demoTemplates } from '../../../src/cli/demo/templates.ts';
import { demoUsers } from '../../../src/cli/demo/users.ts';
import { demoVariables } from '../../../src/cli/demo/variables.ts';

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

const partsOf = ({ channels: { email, sms, push, in_app } }: (typeof demoTemplates)[number]) => ({
  email: { ...email },
  sms: { ...sms },
  push: { ...push },
  in_app: { ...in_app },
});

const rendered = (source: string, values: Record<string, unknown>, asHtml = false) =>
  Handlebars.compile(source, { strict: true, noEscape: !asHtml })(values);

const gsm7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/;

describe('the templates of the demo', () => {
  test('are the eight, with their categories and priorities', () => {
    expect(demoTemplates.map(({ name, category, priority }) => [name, category, priority])).toEqual(
      [
        ['welcome', 'transactional', 'normal'],
        ['order_shipped', 'transactional', 'normal'],
        ['password_reset', 'transactional', 'high'],
        ['invoice_due', 'transactional', 'normal'],
        ['security_alert', 'system', 'urgent'],
        ['weekly_digest', 'marketing', 'low'],
        ['product_update', 'marketing', 'low'],
        ['one_time_code', 'transactional', 'urgent'],
      ],
    );
  });

  describe.each(demoTemplates.map((template) => ({ name: template.name, template })))(
    '$name',
    ({ name, template }) => {
      const builtIn = {
        userName: "Chiara Dell'Orto & <b>Söhne</b>",
        unsubscribeUrl: 'https://example.com/unsubscribe/token',
      };
      const samples = Array.from({ length: 200 }, (_, sequence) => demoVariables(name, sequence));
      const sources = channels.flatMap((channel) => Object.entries(partsOf(template)[channel]));

      test('gets exactly the variables that it declares, of the declared types', () => {
        const declared = template.variables.map((variable) => [variable.name, variable.type]);
        for (const sample of samples) {
          const passed = Object.entries(sample).map(([key, value]) => [key, typeof value]);
          expect(passed.sort()).toEqual(declared.toSorted());
        }
      });

      test('gets the same variables for the same sequence number, others for another', () => {
        expect(demoVariables(name, 7)).toEqual(demoVariables(name, 7));
        expect(isDistinct(samples.map((sample) => JSON.stringify(sample)))).toBe(true);
      });

      test('uses every variable that it declares', () => {
        const everything = sources.map(([, source]) => source).join('\n');
        for (const variable of template.variables) {
          expect(everything).toMatch(new RegExp(`\\{\\{(#if )?${variable.name}\\}\\}`));
        }
      });

      test('renders on every channel in strict mode', () => {
        expect(sources.map(([part]) => part)).toEqual(
          'subject html text body title body title body'.split(' '),
        );
        for (const [part, source] of sources) {
          for (const sample of samples.slice(0, 20)) {
            const output = rendered(source, { ...sample, ...builtIn }, part === 'html');
            expect(output.trim()).not.toBe('');
            expect(output).not.toMatch(/\{\{|\}\}|undefined|NaN/);
            if (part === 'html') expect(output).not.toContain('<b>');
          }
        }
      });

      test('has addresses in its HTML only as whole quoted href attributes', () => {
        const html = template.channels.email?.html ?? '';
        const outside = html.replace(/href="\{\{\w+\}\}"/g, '');
        expect(outside).not.toMatch(/href|\{\{\w*Url\}\}/);
        expect(html.match(/<(table|tr|td)\b/g)).toHaveLength(
          html.match(/<\/(table|tr|td)>/g)?.length ?? 0,
        );
      });

      test('fits its SMS into one segment of GSM-7', () => {
        for (const sample of samples) {
          const body = rendered(template.channels.sms?.body ?? '', { ...sample, ...builtIn });
          expect(body).toMatch(gsm7);
          expect(body.length).toBeLessThanOrEqual(160);
        }
      });

      test('names sender, postal address and a way out exactly when it is marketing', () => {
        const isMarketing = template.category === 'marketing';
        for (const body of [template.channels.email?.html, template.channels.email?.text]) {
          expect(body?.includes('{{unsubscribeUrl}}')).toBe(isMarketing);
          expect(body?.includes('Larkspur Ltd, 100 Example Street')).toBe(isMarketing);
        }
        expect(template.channels.sms?.body.includes('STOP')).toBe(isMarketing);
      });
    },
  );

  test('have no variables under any other name', () => {
    expect(() => demoVariables('birthday', 1)).toThrow('no template named birthday');
  });
});
