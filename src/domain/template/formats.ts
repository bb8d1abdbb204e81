import { LRUCache } from 'lru-cache';

/** Whom a message is written for: how numbers and times look to them. */
export interface Reader {
  /** BCP 47. */
  readonly locale: string;
  /** IANA. */
  readonly timezone: string;
}

export const dateStyles = ['short', 'medium', 'long', 'full'] as const;
export type DateStyle = (typeof dateStyles)[number];

/** Making a formatter costs more than a hundred renderings. */
const formatters = new LRUCache<string, { format(value: number): string }>({ max: 2_000 });
const plurals = new LRUCache<string, Intl.PluralRules>({ max: 500 });

const formatterOf = (
  key: string,
  make: () => { format(value: number): string },
): { format(value: number): string } => {
  const known = formatters.get(key);
  if (known) return known;
  const made = make();
  formatters.set(key, made);
  return made;
};

const known = (locale: string, zone: string): boolean => {
  try {
    new Intl.DateTimeFormat(locale, { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

/** A reader whose locale or zone this machine doesn't know is written to in a plain one. */
const plainly = ({ locale, timezone }: Reader): Reader => ({
  locale: known(locale, 'UTC') ? locale : 'en',
  timezone: known('en', timezone) ? timezone : 'UTC',
});

const dateOnly = /^\d{4}-\d{2}-\d{2}$/;

/** A date, a time of day or both, as the reader writes them. A date without a time is the same everywhere. */
export const formatMoment = (
  moment: string,
  styles: { readonly date?: DateStyle; readonly time?: DateStyle },
  reader: Reader,
): string => {
  // eslint-disable-next-line no-restricted-globals -- reading a written instant says nothing of now
  const milliseconds = Date.parse(moment);
  if (Number.isNaN(milliseconds)) throw new RangeError('it is neither a date nor an instant');
  const calendar = dateOnly.test(moment);
  const zone = calendar ? 'UTC' : reader.timezone;
  const { date = '', time = '' } = styles;
  const key = `moment|${reader.locale}|${zone}|${date}|${time}`;
  return formatterOf(key, () => {
    const plain = plainly({ ...reader, timezone: zone });
    return new Intl.DateTimeFormat(plain.locale, {
      ...(date === '' ? {} : { dateStyle: date }),
      ...(time === '' || calendar ? {} : { timeStyle: time }),
      timeZone: plain.timezone,
    });
  }).format(milliseconds);
};

/** @throws RangeError for a currency that is no ISO 4217 code, or digits beyond what can be shown */
export const formatNumber = (
  value: number,
  options: Intl.NumberFormatOptions,
  reader: Reader,
): string => {
  const { style = '', currency = '', maximumFractionDigits: digits = '' } = options;
  const key = `number|${reader.locale}|${style}|${currency}|${digits}`;
  return formatterOf(
    key,
    () => new Intl.NumberFormat(plainly({ ...reader, timezone: 'UTC' }).locale, options),
  ).format(value);
};

/** The plural category of a count in a language: `one`, `few`, `other` … */
export const pluralOf = (count: number, locale: string): Intl.LDMLPluralRule => {
  const rules =
    plurals.get(locale) ?? new Intl.PluralRules(plainly({ locale, timezone: 'UTC' }).locale);
  plurals.set(locale, rules);
  return rules.select(count);
};
