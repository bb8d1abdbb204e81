import { LRUCache } from 'lru-cache';
import type { Channel } from '../vocabulary.ts';
import type { Problem } from './problem.ts';
import { fallbackLocale, type TemplateChannels, type TemplateContent } from './content.ts';

type Localised = Pick<TemplateContent, 'channels' | 'defaultLocale' | 'locales'>;

/** A locale as BCP 47 writes it, or undefined for what is none. */
export const canonicalLocale = (locale: string): string | undefined => {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined;
  }
};

/** Asked for every message, of a few hundred locales. */
const known = new LRUCache<string, readonly string[]>({ max: 2_000 });

/** `zh-Hant-TW`, `zh-Hant`, `zh`: a locale and what it falls back to (RFC 4647, lookup). */
export const fallbacksOf = (locale: string): readonly string[] => {
  const found = known.get(locale) ?? lookupOf(locale);
  known.set(locale, found);
  return found;
};

const lookupOf = (locale: string): readonly string[] => {
  const parts = (canonicalLocale(locale) ?? '').split('-').filter((part) => part !== '');
  return parts
    .map((_, index) => parts.slice(0, parts.length - index).join('-'))
    .filter((candidate) => !/-[a-z]$/i.test(candidate));
};

/** Which of a template's languages a reader gets on a channel: the reader's, its language, the default. */
export const variantFor = (
  content: Localised,
  channel: Channel,
  readersLocale: string,
): { readonly locale: string; readonly channels: TemplateChannels } => {
  const { locales, defaultLocale: own = fallbackLocale, channels } = content;
  if (locales !== undefined) {
    for (const locale of fallbacksOf(readersLocale)) {
      const translated = locales[locale];
      if (translated?.[channel]) return { locale, channels: translated };
      if (locale === own) break;
    }
  }
  return { locale: own, channels };
};

const languageOf = (locale: string): string | undefined => fallbacksOf(locale).at(-1);

/**
 * How dates and numbers are written: as the reader's region does where the text is in the reader's
 * language, else as the text's.
 */
export const formattingLocale = (textLocale: string, readersLocale: string): string =>
  languageOf(textLocale) === languageOf(readersLocale) ? readersLocale : textLocale;

/** Locales are written as BCP 47 writes them, once each, and translate what the default one says. */
export const localeProblems = ({
  channels,
  defaultLocale,
  locales,
}: Localised): readonly Problem[] => {
  const own = defaultLocale ?? fallbackLocale;
  const bad = (locale: string, field: string): readonly Problem[] => {
    const canonical = canonicalLocale(locale);
    if (canonical === locale) return [];
    const hint = canonical === undefined ? 'no BCP 47 locale' : `written ${canonical}`;
    return [{ code: 'BAD_LOCALE', field, message: `${locale} is ${hint}` }];
  };
  const named = Object.entries(locales ?? {}).flatMap(([locale, translated]) => {
    const field = `locales.${locale}`;
    const twice: Problem = {
      code: 'BAD_LOCALE',
      field,
      message: `${locale} is the default locale: its texts are the template's channels`,
    };
    const alone = Object.keys(translated).filter(
      (channel) => channels[channel as Channel] === undefined,
    );
    return [
      ...bad(locale, field),
      ...(locale === own ? [twice] : []),
      ...alone.map((channel) => ({
        code: 'CHANNEL_NOT_IN_DEFAULT_LOCALE' as const,
        field: `${field}.${channel}`,
        message: `${channel} has no text in the default locale, ${own}`,
      })),
    ];
  });
  return [...bad(own, 'defaultLocale'), ...named];
};
