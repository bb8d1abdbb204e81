import {
  type DateStyle,
  dateStyles,
  formatMoment,
  formatNumber,
  pluralOf,
  type Reader,
} from './formats.ts';

/** What a helper needs of a value; what a variable is inferred to be from. */
export type Demand =
  'any' | 'scalar' | 'number' | 'boolean' | 'moment' | 'instant' | 'url' | 'currency' | 'style';

type Arguments = readonly unknown[];
type Named = Readonly<Record<string, unknown>>;

/** A helper: what it takes and what it makes of it. */
export interface Helper {
  readonly takes: readonly Demand[];
  /** What further arguments are, when it takes any number of them. */
  readonly rest?: Demand;
  /** How many arguments it can't do without. */
  readonly least: number;
  /** The named arguments; `*` stands for any name. */
  readonly named?: Readonly<Record<string, Demand>>;
  /** Named arguments it can't do without. */
  readonly needs?: readonly string[];
  /** Whether it answers yes or no, for `if`, and prints nothing by itself. */
  readonly test?: true;
  /** Whether it may be given a variable that isn't there. */
  readonly forgiving?: true;
  run(values: Arguments, named: Named, reader: Reader): unknown;
}

const styleOf = (value: unknown, otherwise: DateStyle): DateStyle => {
  if (value === undefined) return otherwise;
  const style = dateStyles.find((known) => known === value);
  if (!style) throw new RangeError(`a style is one of ${dateStyles.join(', ')}`);
  return style;
};

const numberIn = (value: unknown): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('it is no number');
  return value;
};

const textIn = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError('it is no text');
};

const inZone = (reader: Reader, { zone }: Named): Reader =>
  zone === undefined ? reader : { ...reader, timezone: textIn(zone) };

const moment = (styles: (style: unknown) => { date?: DateStyle; time?: DateStyle }): Helper => ({
  takes: [],
  least: 1,
  named: { zone: 'scalar' },
  run: ([value, style], named, reader) =>
    formatMoment(textIn(value), styles(style), inZone(reader, named)),
});

/** An http(s) address from a base, path segments and query parameters, each encoded. */
const addressOf = ([base, ...segments]: Arguments, query: Named): string => {
  const url = URL.parse(textIn(base));
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new TypeError('it is no http(s) URL');
  }
  for (const segment of segments) {
    const text = textIn(segment);
    // It would climb to the parent, encoded or not (URL Standard, double-dot path segment).
    if (/^\.{1,2}$/.test(text)) throw new TypeError('dots are no part of a path');
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(text.toWellFormed())}`;
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, textIn(value));
  return url.href;
};

const compare = (holds: (a: number, b: number) => boolean): Helper => ({
  takes: ['number', 'number'],
  least: 2,
  test: true,
  run: ([a, b]) => holds(numberIn(a), numberIn(b)),
});

/** Everything that a template may call beside `if`, `unless` and `each`. */
export const helpers: Readonly<Record<string, Helper>> = {
  date: { ...moment((style) => ({ date: styleOf(style, 'long') })), takes: ['moment', 'style'] },
  time: { ...moment((style) => ({ time: styleOf(style, 'short') })), takes: ['instant', 'style'] },
  datetime: {
    ...moment((style) => ({ date: styleOf(style, 'long'), time: 'short' })),
    takes: ['instant', 'style'],
  },
  number: {
    takes: ['number'],
    least: 1,
    named: { digits: 'number' },
    run: ([value], { digits }, reader) => {
      const options = digits === undefined ? {} : { maximumFractionDigits: numberIn(digits) };
      return formatNumber(numberIn(value), options, reader);
    },
  },
  percent: {
    takes: ['number'],
    least: 1,
    run: ([value], _named, reader) =>
      formatNumber(numberIn(value), { style: 'percent', maximumFractionDigits: 1 }, reader),
  },
  currency: {
    takes: ['number', 'currency'],
    least: 2,
    run: ([amount, code], _named, reader) =>
      formatNumber(numberIn(amount), { style: 'currency', currency: textIn(code) }, reader),
  },
  plural: {
    takes: ['number'],
    least: 1,
    named: {
      zero: 'scalar',
      one: 'scalar',
      two: 'scalar',
      few: 'scalar',
      many: 'scalar',
      other: 'scalar',
    },
    needs: ['other'],
    run: ([value], named, reader) => {
      const count = numberIn(value);
      const form = count === 0 && 'zero' in named ? 'zero' : pluralOf(count, reader.locale);
      return textIn(named[form] ?? named['other']).replaceAll('#', formatNumber(count, {}, reader));
    },
  },
  default: {
    takes: ['scalar', 'scalar'],
    least: 2,
    forgiving: true,
    run: ([value, otherwise]) =>
      value === undefined || value === null || value === '' ? otherwise : value,
  },
  url: { takes: ['url'], rest: 'scalar', least: 1, named: { '*': 'scalar' }, run: addressOf },
  eq: {
    takes: ['scalar', 'scalar'],
    least: 2,
    test: true,
    forgiving: true,
    run: ([a, b]) => a === b,
  },
  ne: {
    takes: ['scalar', 'scalar'],
    least: 2,
    test: true,
    forgiving: true,
    run: ([a, b]) => a !== b,
  },
  lt: compare((a, b) => a < b),
  lte: compare((a, b) => a <= b),
  gt: compare((a, b) => a > b),
  gte: compare((a, b) => a >= b),
  not: { takes: ['any'], least: 1, test: true, forgiving: true, run: ([value]) => isEmpty(value) },
  and: {
    takes: [],
    rest: 'any',
    least: 2,
    test: true,
    forgiving: true,
    run: (values) => !values.some(isEmpty),
  },
  or: {
    takes: [],
    rest: 'any',
    least: 2,
    test: true,
    forgiving: true,
    run: (values) => !values.every(isEmpty),
  },
};

/** What `if` takes for no, too: nothing, zero, an empty text or list. */
const isEmpty = (value: unknown): boolean => !value || (Array.isArray(value) && value.length === 0);
