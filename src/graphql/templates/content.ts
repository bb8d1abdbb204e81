import { DomainError } from '../../domain/errors.ts';
import type { TemplateContent } from '../../domain/template/content.ts';
import type { KnownTemplate, TemplateDocument } from '../../projections/templates.ts';
import { given } from '../given.ts';
import type { Template, TemplateContentInput, TemplateVersion } from './types.ts';

/** The content of an input, as plain data that can be stored. */
export const contentOf = (input: TemplateContentInput): TemplateContent => {
  const { email, sms, push, inApp } = given(input.channels);
  return {
    category: input.category,
    priority: input.priority,
    ...(input.required ? { required: true } : {}),
    ...(input.purpose ? { purpose: input.purpose } : {}),
    channels: {
      ...(email ? { email: plain(email) } : {}),
      ...(sms ? { sms: plain(sms) } : {}),
      ...(push ? { push: plain(push) } : {}),
      ...(inApp ? { in_app: plain(inApp) } : {}),
    },
    variables: input.variables.map(({ name, type }) => ({ name, type })),
  };
};

/** Without what wasn't given. */
const plain = <T extends object>(instance: T) => given(instance) as T;

/** The domain's word for a channel is not GraphQL's; a refusal names the field as the caller wrote it. */
export const inCallersWords = (error: unknown): unknown =>
  error instanceof DomainError && error.field?.startsWith('channels.in_app')
    ? new DomainError(
        error.code,
        error.message,
        error.field.replace('channels.in_app', 'channels.inApp'),
      )
    : error;

const versionOf = (
  content: TemplateContent,
  version: number,
  publishedAt: Date | undefined,
): TemplateVersion => {
  const { in_app: inApp, ...channels } = content.channels;
  const { purpose } = content;
  return {
    version,
    category: content.category,
    priority: content.priority,
    required: content.required ?? false,
    ...(purpose ? { purpose } : {}),
    channels: { ...channels, ...(inApp ? { inApp } : {}) },
    variables: content.variables,
    ...(publishedAt ? { publishedAt } : {}),
  };
};

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
  };
};
