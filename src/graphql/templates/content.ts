import { DomainError, type FieldProblem } from '../../domain/errors.ts';
import {
  fallbackLocale,
  type TemplateChannels as DomainChannels,
  type TemplateSource,
} from '../../domain/template/content.ts';
import type { KnownTemplate } from '../../domain/template/template.ts';
import type { TemplateDocument } from '../../projections/templates.ts';
import { given } from '../given.ts';
import type { TemplateContentInput } from './inputs.ts';
import type { TemplateChannels, TemplateChannelsInput } from './parts.ts';
import type { Template, TemplateDraft, TemplateVersion } from './types.ts';

/**
 * The content of an input, as plain data that can be stored.
 *
 * @throws DomainError BAD_INPUT for a locale that is there twice, or push data that are no texts
 */
export const contentOf = (input: TemplateContentInput): TemplateSource => {
  const { purpose, defaultLocale, layout, postalAddress, tracking, schema } = given(input);
  const translations = input.translations.map(
    ({ locale, channels }, index) =>
      [locale, channelsOf(channels, `translations.${index}.channels`)] as const,
  );
  const locales = Object.fromEntries(translations);
  if (Object.keys(locales).length !== translations.length) {
    throw new DomainError('BAD_INPUT', 'translations names a locale twice', 'translations');
  }
  return {
    category: input.category,
    priority: input.priority,
    ...(input.required ? { required: true } : {}),
    ...(purpose ? { purpose } : {}),
    channels: channelsOf(input.channels, 'channels'),
    ...(defaultLocale === undefined ? {} : { defaultLocale }),
    ...(translations.length > 0 ? { locales } : {}),
    ...(layout ? { layout: plain(layout) as NonNullable<TemplateSource['layout']> } : {}),
    ...(postalAddress === undefined ? {} : { postalAddress }),
    ...(tracking ? { tracking: { opens: tracking.opens, clicks: tracking.clicks } } : {}),
    variables: input.variables.map(({ name, type }) => ({ name, type })),
    ...(schema ? { schema } : {}),
  };
};

const channelsOf = (input: TemplateChannelsInput, path: string): DomainChannels => {
  const { email, sms, push, inApp } = given(input);
  for (const [key, text] of Object.entries(push?.data ?? {})) {
    if (typeof text !== 'string') {
      const field = `${path}.push.data.${key.slice(0, 64)}`;
      throw new DomainError('BAD_INPUT', `${field} must be a text`, field);
    }
  }
  return {
    ...(email ? { email: plain(email) } : {}),
    ...(sms ? { sms: plain(sms) } : {}),
    ...(push ? { push: plain(push) } : {}),
    ...(inApp ? { in_app: plain(inApp) } : {}),
  };
};

/** Without what wasn't given. */
const plain = <T extends object>(instance: T) => given(instance) as T;

/** The domain's words for channels and languages are not GraphQL's. */
const inWords = (field: string): string =>
  field
    .replace(/^locales\./, 'translations.')
    .replace(/^(channels|translations\.[^.]+)\.in_app\b/, '$1.inApp');

export const problemsInWords = <P extends FieldProblem>(problems: readonly P[]): readonly P[] =>
  problems.map((problem) => ({ ...problem, field: inWords(problem.field) }));

/** A refusal names the field as the caller wrote it. */
export const inCallersWords = (error: unknown): unknown =>
  error instanceof DomainError && error.field !== undefined
    ? new DomainError(
        error.code,
        error.message,
        inWords(error.field),
        error.problems && problemsInWords(error.problems),
      )
    : error;

const shownChannels = ({ email, in_app: inApp, ...others }: DomainChannels): TemplateChannels => {
  const { compiled: _, ...source } = email ?? {};
  return {
    ...others,
    ...(email ? { email: { ...source, subject: email.subject, text: email.text } } : {}),
    ...(inApp ? { inApp } : {}),
  };
};

const draftOf = (content: TemplateSource): TemplateDraft => {
  const { category, priority, purpose, layout, postalAddress, variables, schema } = content;
  return {
    category,
    priority,
    required: content.required ?? false,
    ...(purpose ? { purpose } : {}),
    channels: shownChannels(content.channels),
    defaultLocale: content.defaultLocale ?? fallbackLocale,
    translations: Object.entries(content.locales ?? {}).map(([locale, channels]) => ({
      locale,
      channels: shownChannels(channels),
    })),
    ...(layout ? { layout } : {}),
    ...(postalAddress === undefined ? {} : { postalAddress }),
    tracking: content.tracking ?? { opens: false, clicks: false },
    variables,
    ...(schema ? { schema } : {}),
  };
};

const versionOf = (
  content: TemplateSource,
  version: number,
  publishedAt: Date | undefined,
): TemplateVersion =>
  Object.assign(draftOf(content), { version, ...(publishedAt ? { publishedAt } : {}) });

/**
 * @param wanted the version to show; the active one when absent
 * @throws DomainError UNKNOWN_TEMPLATE_VERSION
 */
export const templateOf = (
  state: KnownTemplate,
  document?: Pick<TemplateDocument, 'description' | 'publishedAt'>,
  wanted?: number,
): Template => {
  const versions = state.versions.map((content, index) =>
    versionOf(content, index + 1, document?.publishedAt[index]),
  );
  const shown = wanted ?? state.active;
  const version = versions.find((v) => v.version === shown);
  if (wanted !== undefined && !version) {
    throw new DomainError('UNKNOWN_TEMPLATE_VERSION', `there is no version ${wanted}`, 'version');
  }
  const description = document?.description;
  return {
    name: state.name,
    status: state.status,
    versions,
    ...(description === undefined ? {} : { description }),
    ...(state.active === undefined ? {} : { activeVersion: state.active }),
    ...(version ? { version } : {}),
    ...(state.draft ? { draft: draftOf(state.draft) } : {}),
  };
};
