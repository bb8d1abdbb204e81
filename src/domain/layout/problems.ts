import Handlebars from 'handlebars';
import { canonicalLocale } from '../template/locale.ts';
import type { Problem } from '../template/problem.ts';
import { largestContent } from '../template/problems.ts';
import { type LayoutContent, type LayoutParts, slotsIn } from './content.ts';

/** What would be wrong with every template inside a layout; the rest is found with a template in it. */
export const layoutProblems = (content: LayoutContent): readonly Problem[] => {
  if (JSON.stringify(content).length > largestContent) {
    const message = `a layout may weigh ${largestContent / 1024} KB`;
    return [{ code: 'TOO_LARGE', field: 'html', message }];
  }
  const { defaultLocale, locales = {} } = content;
  const named = [
    ...(defaultLocale === undefined ? [] : [['defaultLocale', defaultLocale] as const]),
    ...Object.keys(locales).map((locale) => [`locales.${locale}`, locale] as const),
  ];
  return [
    ...named
      .filter(([, locale]) => canonicalLocale(locale) !== locale)
      .map(([field, locale]): Problem => {
        return {
          code: 'BAD_LOCALE',
          field,
          message: `${locale} is no BCP 47 locale as it is written`,
        };
      }),
    ...partProblems(content, ''),
    ...Object.entries(locales).flatMap(([locale, parts]) =>
      partProblems(parts, `locales.${locale}.`, content),
    ),
  ];
};

const partProblems = (
  parts: LayoutParts,
  path: string,
  original: LayoutParts = parts,
): readonly Problem[] => {
  const { html, mjml, text } = parts;
  const bad = (field: string, message: string): Problem => ({
    code: 'BAD_LAYOUT',
    field: `${path}${field}`,
    message,
  });
  const form = mjml === undefined ? 'html' : 'mjml';
  const source = mjml ?? html;
  if (source === undefined || (mjml !== undefined && html !== undefined)) {
    return [bad('html', 'a layout is either HTML or MJML')];
  }
  if (form !== (original.mjml === undefined ? 'html' : 'mjml')) {
    return [bad(form, 'a translation is in the form of its original, HTML or MJML')];
  }
  return [
    ...[
      [form, source],
      ['text', text],
    ].flatMap(([field = '', part = '']) => [
      ...(slotsIn(part) === 1 ? [] : [bad(field, 'the slot {{{content}}} must stand there once')]),
      ...syntaxProblems(part, `${path}${field}`),
    ]),
  ];
};

const syntaxProblems = (part: string, field: string): readonly Problem[] => {
  try {
    Handlebars.parse(part);
    return [];
  } catch (error) {
    const [line = ''] = (error as Error).message.split('\n');
    return [{ code: 'SYNTAX_ERROR', field, message: `syntax error: ${line}` }];
  }
};
