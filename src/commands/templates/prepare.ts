import type { LayoutContent, LayoutParts } from '../../domain/layout/content.ts';
import {
  fallbackLocale,
  type TemplateChannels,
  type TemplateContent,
  type TemplateSource,
} from '../../domain/template/content.ts';
import { fallbacksOf } from '../../domain/template/locale.ts';
import type { Problem } from '../../domain/template/problem.ts';
import { problemsOf, withSchema } from '../../domain/template/problems.ts';
import { schemaProblem } from '../variables.ts';
import { compileEmail } from './email.ts';
import type { CompileMjml } from './mjml.ts';

/** A layout that templates may use. */
export interface KnownLayout {
  readonly archived: boolean;
  /** Version n is at index n - 1. */
  readonly versions: readonly LayoutContent[];
}

export interface PreparePorts {
  findLayout(name: string): Promise<KnownLayout | undefined>;
  readonly compileMjml: CompileMjml;
}

/** What a source becomes when it is published, and everything that stands against it. */
export interface Prepared {
  readonly content: TemplateContent;
  readonly problems: readonly Problem[];
}

/**
 * Turns a source into what is published: its layout pinned and applied, MJML compiled, the schema of its
 * variables completed. Only drafts, previews and publishing do this; sending never does.
 */
export const prepare = async (source: TemplateSource, ports: PreparePorts): Promise<Prepared> => {
  const { layout: wanted, ...rest } = source;
  const found = wanted ? await layoutFor(wanted, ports) : undefined;
  const problems: Problem[] = found && 'code' in found ? [found] : [];
  const layout = found && 'content' in found ? found : undefined;

  const channelsOf = async (channels: TemplateChannels, path: string, locale: string) => {
    const { email, ...others } = channels;
    if (!email) return channels;
    const around = layout && partsFor(layout.content, locale);
    const compiled = await compileEmail(email, around, `${path}.email`, ports.compileMjml);
    problems.push(...compiled.problems);
    return { ...others, email: compiled.email };
  };
  const { defaultLocale = fallbackLocale, locales, postalAddress } = rest;
  const channels = await channelsOf(rest.channels, 'channels', defaultLocale);
  const translated: [string, TemplateChannels][] = [];
  for (const [locale, texts] of Object.entries(locales ?? {})) {
    translated.push([locale, await channelsOf(texts, `locales.${locale}`, locale)]);
  }
  const address = postalAddress ?? layout?.content.postalAddress;
  const content: TemplateContent = withSchema({
    ...rest,
    channels,
    ...(locales ? { locales: Object.fromEntries(translated) } : {}),
    ...(layout ? { layout: { name: layout.name, version: layout.version } } : {}),
    ...(address === undefined ? {} : { postalAddress: address }),
  });
  const wrongSchema = source.schema ? schemaProblem(source.schema) : undefined;
  if (wrongSchema) problems.push(wrongSchema);
  return { content, problems: [...problems, ...problemsOf(content)] };
};

const layoutFor = async (
  { name, version }: NonNullable<TemplateSource['layout']>,
  ports: PreparePorts,
) => {
  const unknown = (message: string): Problem => ({
    code: 'UNKNOWN_LAYOUT',
    field: 'layout',
    message,
  });
  const layout = await ports.findLayout(name);
  if (!layout) return unknown(`there is no layout ${name}`);
  if (layout.archived) return unknown(`layout ${name} is archived`);
  const pinned = version ?? layout.versions.length;
  const content = layout.versions[pinned - 1];
  return content
    ? { name, version: pinned, content }
    : unknown(`layout ${name} has no version ${pinned}`);
};

/** The layout in the language of the texts, else in its own. */
const partsFor = (layout: LayoutContent, locale: string): LayoutParts => {
  const own = layout.defaultLocale ?? fallbackLocale;
  for (const candidate of fallbacksOf(locale)) {
    if (candidate === own) return layout;
    const translated = layout.locales?.[candidate];
    if (translated) return translated;
  }
  return layout;
};
