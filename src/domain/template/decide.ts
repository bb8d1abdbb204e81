import { canonical } from '../canonical.ts';
import { DomainError } from '../errors.ts';
import type { TemplateContent, TemplateSource } from './content.ts';
import { problemsOf } from './problems.ts';
import { refuseProblems } from './problem.ts';
import type { KnownTemplate, TemplateEvent, TemplateState } from './template.ts';

/** Contents to publish come with their layout applied, their MJML compiled and their schema completed. */
export type TemplateCommand =
  | {
      readonly type: 'CreateTemplate';
      readonly name: string;
      readonly description?: string;
      readonly content: TemplateContent;
    }
  | {
      readonly type: 'SaveTemplateDraft';
      readonly name: string;
      /** Of a template that is new. */
      readonly description?: string;
      readonly content: TemplateSource;
    }
  | { readonly type: 'DiscardTemplateDraft' }
  | {
      readonly type: 'PublishTemplateVersion';
      readonly content: TemplateContent;
      /** The draft that the content was made from; a draft that has changed since stays. */
      readonly draft?: TemplateSource;
    }
  | { readonly type: 'ActivateTemplateVersion'; readonly version: number }
  | {
      readonly type: 'RollBackTemplate';
      /** The version to leave; when another one is active by now, nothing happens. */
      readonly from: number;
      readonly why: string;
    }
  | { readonly type: 'ArchiveTemplate'; readonly why: string };

export const decide = (
  command: TemplateCommand,
  state: TemplateState,
): readonly TemplateEvent[] => {
  if (command.type === 'CreateTemplate') return create(command, state);
  if (state.status === 'none') {
    if (command.type === 'SaveTemplateDraft') {
      return [created(command), { type: 'TemplateDraftSaved', data: { content: command.content } }];
    }
    throw new DomainError('UNKNOWN_TEMPLATE', 'there is no such template', 'name');
  }
  if (command.type === 'ArchiveTemplate') {
    return state.status === 'archived'
      ? []
      : [{ type: 'TemplateArchived', data: { why: command.why } }];
  }
  if (state.status === 'archived') {
    throw new DomainError('TEMPLATE_ARCHIVED', 'the template is archived', 'name');
  }
  switch (command.type) {
    case 'SaveTemplateDraft':
      return same(state.draft, command.content)
        ? []
        : [{ type: 'TemplateDraftSaved', data: { content: command.content } }];
    case 'DiscardTemplateDraft':
      return state.draft ? [{ type: 'TemplateDraftDiscarded', data: {} }] : [];
    case 'PublishTemplateVersion':
      return publish(command, state);
    case 'ActivateTemplateVersion':
      return activate(command.version, state);
    case 'RollBackTemplate':
      return rollBack(command, state);
  }
};

const created = ({
  name,
  description,
}: {
  readonly name: string;
  readonly description?: string;
}): TemplateEvent => ({
  type: 'TemplateCreated',
  data: { name, ...(description === undefined ? {} : { description }) },
});

const create = (
  command: Extract<TemplateCommand, { type: 'CreateTemplate' }>,
  state: TemplateState,
): readonly TemplateEvent[] => {
  const { name, content } = command;
  if (state.status !== 'none') {
    if (same(state.versions[0], content)) return [];
    throw new DomainError('TEMPLATE_EXISTS', `template ${name} exists already`, 'name');
  }
  refuseProblems('TEMPLATE_INVALID', problemsOf(content));
  return [
    created(command),
    { type: 'TemplateVersionPublished', data: { version: 1, ...content } },
    { type: 'TemplateVersionActivated', data: { version: 1 } },
  ];
};

const publish = (
  { content, draft }: Extract<TemplateCommand, { type: 'PublishTemplateVersion' }>,
  state: KnownTemplate,
): readonly TemplateEvent[] => {
  const fromDraft = draft !== undefined && same(state.draft, draft);
  if (same(state.versions.at(-1), content)) {
    return fromDraft ? [{ type: 'TemplateDraftDiscarded', data: {} }] : [];
  }
  refuseProblems('TEMPLATE_INVALID', problemsOf(content));
  const version = state.versions.length + 1;
  const data = { version, ...content, ...(fromDraft ? { fromDraft } : {}) } as const;
  return [{ type: 'TemplateVersionPublished', data }];
};

const activate = (version: number, state: KnownTemplate): readonly TemplateEvent[] => {
  if (!state.versions[version - 1]) {
    throw new DomainError('UNKNOWN_TEMPLATE_VERSION', `there is no version ${version}`, 'version');
  }
  return state.active === version ? [] : [{ type: 'TemplateVersionActivated', data: { version } }];
};

const rollBack = (
  { from, why }: Extract<TemplateCommand, { type: 'RollBackTemplate' }>,
  state: KnownTemplate,
): readonly TemplateEvent[] => {
  if (state.active !== from) return [];
  const to = state.activations.at(-2);
  if (to === undefined) {
    const message = `no version was active before version ${from}`;
    throw new DomainError('NOTHING_TO_ROLL_BACK', message, 'from');
  }
  return [{ type: 'TemplateRolledBack', data: { from, to, why } }];
};

/** What MJML compiles to may change with its compiler; the same source is the same content. */
const same = (a: TemplateSource | undefined, b: TemplateSource): boolean =>
  a !== undefined && canonical(withoutCompiled(a)) === canonical(withoutCompiled(b));

const withoutCompiled = (content: TemplateSource): unknown => ({
  ...content,
  channels: sourceOf(content.channels),
  ...(content.locales
    ? {
        locales: Object.fromEntries(
          Object.entries(content.locales).map(([locale, channels]) => [locale, sourceOf(channels)]),
        ),
      }
    : {}),
});

const sourceOf = ({ email, ...channels }: TemplateSource['channels']): unknown => {
  if (!email) return channels;
  const { compiled: _, ...source } = email;
  return { ...channels, email: source };
};
