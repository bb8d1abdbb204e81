import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Reader } from '../../../src/domain/template/formats.ts';
import { compilePart } from '../../../src/domain/template/rendering.ts';
import { steady } from '../../support/spec.ts';

const london: Reader = { locale: 'en-GB', timezone: 'Europe/London' };
const said = (source: string, variables: Record<string, unknown>, reader = london) =>
  compilePart({ channel: 'email', name: 'text', source })(variables, reader);
/** Intl's no-break spaces as plain ones. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('dates and times are written as the reader does, in the reader’s zone', () => {
  const at = '2027-03-28T00:30:00Z';

  test.each<[string, string, string]>([
    ['en-GB', 'Europe/London', '28 March 2027 00:30'],
    ['en-US', 'America/New_York', 'March 27, 2027 8:30 PM'],
    ['de-DE', 'Europe/Berlin', '28. März 2027 01:30'],
    ['ja-JP', 'Asia/Tokyo', '2027年3月28日 9:30'],
    ['en-IN', 'Asia/Kolkata', '28 March 2027 6:00 am'],
    ['en-AU', 'Australia/Eucla', '28 March 2027 9:15 am'],
    ['ar-EG', 'Africa/Cairo', '٢٨ مارس ٢٠٢٧ ٢:٣٠ ص'],
    ['ne-NP', 'Asia/Kathmandu', '२०२७ मार्च २८ ०६:१५'],
  ])('%s in %s: %s', (locale, timezone, text) => {
    const reader = { locale, timezone };
    expect(plain(said('{{date at}} {{time at}}', { at }, reader))).toBe(text);
  });

  test('by the clock of the moment: before and after it is moved', () => {
    const reader = { locale: 'en-GB', timezone: 'Europe/Berlin' };
    expect(said('{{time at}}', { at: '2027-03-28T00:59:59Z' }, reader)).toBe('01:59');
    expect(said('{{time at}}', { at: '2027-03-28T01:00:00Z' }, reader)).toBe('03:00');
  });

  test('a date without a time is the same day everywhere', () => {
    for (const timezone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'UTC']) {
      expect(said('{{date at}}', { at: '2027-01-31' }, { locale: 'en-GB', timezone })).toBe(
        '31 January 2027',
      );
    }
  });

  test('in the zone of an event where the template names it, and in the style that it names', () => {
    expect(said("{{time at zone='Asia/Tokyo'}}", { at })).toBe('09:30');
    expect(said("{{date at 'full'}}", { at })).toBe('Sunday, 28 March 2027');
    expect(said('{{datetime at}}', { at })).toContain('28 March 2027');
  });

  test('plainly for a reader whose locale or zone nobody knows', () => {
    expect(said('{{date at}}', { at }, { locale: 'no such', timezone: 'Mars/Base' })).toBe(
      'March 28, 2027',
    );
  });
});

describe('amounts and counts', () => {
  test.each<[string, string]>([
    ['en-GB', '€1,234.50 1,234.5 12.5%'],
    ['de-DE', '1.234,50 € 1.234,5 12,5 %'],
    ['fr-CH', "1'234.50 € 1'234,5 12,5%"],
    ['hi-IN', '€1,234.50 1,234.5 12.5%'],
  ])('are written in %s as %s', (locale, text) => {
    const source = "{{currency a 'EUR'}} {{number a}} {{percent p}}";
    const shown = said(source, { a: 1234.5, p: 0.125 }, { locale, timezone: 'UTC' });
    expect(plain(shown).replaceAll('’', "'")).toBe(text);
  });

  test('have the decimals of their currency', () => {
    expect(said('{{currency a code}}', { a: 1200, code: 'JPY' })).toBe('JP¥1,200');
    expect(said('{{number a digits=0}}', { a: 3.7 })).toBe('4');
  });

  test.each<[string, readonly string[]]>([
    ['en', ['0 other', '1 one', '2 other', '5 other', '21 other']],
    ['ru', ['0 many', '1 one', '2 few', '5 many', '21 one']],
    ['ja', ['0 other', '1 other', '2 other', '5 other', '21 other']],
    ['pl', ['0 many', '1 one', '2 few', '5 many', '21 many']],
  ])('have the plurals of %s', (locale, forms) => {
    const source = "{{plural n one='# one' few='# few' many='# many' other='# other'}}";
    const reader = { locale, timezone: 'UTC' };
    expect([0, 1, 2, 5, 21].map((n) => said(source, { n }, reader))).toEqual(forms);
  });

  test('say nothing of nothing where there are words for it', () => {
    expect(said("{{plural n zero='nothing' other='#'}}", { n: 0 })).toBe('nothing');
  });
});

describe('addresses', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['{{url a}}', { a: 'https://shop.example/ä b?x=1' }, 'https://shop.example/%C3%A4%20b?x=1'],
    [
      "{{url 'https://shop.example/o' id}}",
      { id: '../a/b?c#d' },
      'https://shop.example/o/..%2Fa%2Fb%3Fc%23d',
    ],
    [
      "{{url 'https://shop.example/?a=1' b=x}}",
      { x: '&c=2 #' },
      'https://shop.example/?a=1&b=%26c%3D2+%23',
    ],
  ])('%s of %j is %s', (source, variables, text) => {
    expect(said(source, variables)).toBe(text);
  });

  test.each([
    'javascript:alert(1)',
    ' java\nscript:x',
    'data:text/html,x',
    '/orders',
    '',
    'ftp://a/',
  ])('are never %j', (a) => {
    expect(() => said('{{url a}}', { a })).toThrow('it is no http(s) URL');
  });

  test.each(['.', '..'])('never climb: %j is no part of a path', (id) => {
    expect(() => said("{{url 'https://shop.example/o' id}}", { id })).toThrow('no part of a path');
  });

  test('lead to the host of the template, whatever a variable holds', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (id, query) => {
        fc.pre(!/^\.{1,2}$/.test(id));
        const found = new URL(said("{{url 'https://shop.example/o' id q=query}}", { id, query }));
        expect(found.host).toBe('shop.example');
        expect(found.pathname.startsWith('/o/')).toBe(true);
        expect(found.hash).toBe('');
      }),
      steady,
    );
  });
});

describe('what is missing', () => {
  test('has a stand-in where the template names one', () => {
    expect(said("{{default name 'you'}}", {})).toBe('you');
    expect(said("{{default name 'you'}}", { name: '' })).toBe('you');
    expect(said('{{default count 3}}', { count: 0 })).toBe('0');
  });

  test.each([
    '{{a}}',
    '{{number a}}',
    '{{date a}}',
    "{{currency a 'EUR'}}",
    '{{url a}}',
    '{{a.b}}',
  ])('is an error in %s, never a gap', (source) => {
    expect(() => said(source, {})).toThrow();
  });

  test('is never told by its value', () => {
    const wrong = () => said('{{currency a code}}', { a: 1, code: 'a secret' });
    expect(wrong).toThrow("currency can't be used");
    expect(wrong).not.toThrow('a secret');
  });
});

test('conditions compare and combine', () => {
  const holds = (condition: string, variables = {}) =>
    said(`{{#if ${condition}}}yes{{else}}no{{/if}}`, variables);
  const a = { paid: true, n: 3, list: [], text: 'x' };
  expect(holds("(eq text 'x')", a)).toBe('yes');
  expect(holds('(and paid (gt n 2))', a)).toBe('yes');
  expect(holds('(and paid list)', a)).toBe('no');
  expect(holds('(or list (lte n 3))', a)).toBe('yes');
  expect(holds('(not (ne n 3))', a)).toBe('yes');
});

test('a text message has plain spaces, since others would make it twice as dear', () => {
  const sms = compilePart({ channel: 'sms', name: 'body', source: "{{currency a 'EUR'}}" });
  expect(sms({ a: 1234.5 }, { locale: 'fr-FR', timezone: 'UTC' })).toBe('1 234,50 €');
});

test('a variable may have the name of a helper', () => {
  expect(said('{{date}} {{number}}', { date: 'today', number: 7 })).toBe('today 7');
});
