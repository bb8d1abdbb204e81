import type { KnownTemplate } from '../../domain/template/template.ts';
import { DomainError } from '../../domain/errors.ts';
import { checkIdentifier } from '../../domain/identifiers.ts';
import type { TemplateContent, TemplateSource } from '../../domain/template/content.ts';
import type { TemplateCommand } from '../../domain/template/decide.ts';
import { refuseProblems } from '../../domain/template/problem.ts';
import { templates } from '../aggregates.ts';
import type { CommandContext, Execute } from '../execute.ts';
import { prepare, type Prepared, type PreparePorts } from './prepare.ts';

/** A template as it is after the command, with the cursor to follow from. */
export interface TemplateChanged {
  readonly template: KnownTemplate;
  readonly cursor?: string;
}

/** A new template's name and what it is for. */
export interface NewTemplate {
  readonly name: string;
  readonly description?: string;
}

/** The write API of templates. Every function may be repeated; a repeat changes nothing. */
export interface TemplateCommands {
  /** Creates, publishes as version 1 and activates. @throws DomainError TEMPLATE_EXISTS, TEMPLATE_INVALID */
  create(about: NewTemplate, source: TemplateSource, by: CommandContext): Promise<TemplateChanged>;
  /** Keeps what is being written, valid or not; makes the template when there is none. */
  saveDraft(
    about: NewTemplate,
    source: TemplateSource,
    by: CommandContext,
  ): Promise<TemplateChanged>;
  discardDraft(name: string, by: CommandContext): Promise<TemplateChanged>;
  /**
   * The next version: of a source, or of the draft when there is none.
   *
   * @throws DomainError UNKNOWN_TEMPLATE, TEMPLATE_ARCHIVED, NO_DRAFT, TEMPLATE_INVALID with all problems
   */
  publish(
    name: string,
    source: TemplateSource | undefined,
    by: CommandContext,
  ): Promise<TemplateChanged>;
  /** Forward or back. @throws DomainError UNKNOWN_TEMPLATE, UNKNOWN_TEMPLATE_VERSION */
  activate(name: string, version: number, by: CommandContext): Promise<TemplateChanged>;
  /** From a version to the one that was active before. @throws DomainError NOTHING_TO_ROLL_BACK */
  rollBack(name: string, from: number, why: string, by: CommandContext): Promise<TemplateChanged>;
  archive(name: string, why: string, by: CommandContext): Promise<TemplateChanged>;
  /** What publishing this would publish, and everything that stands against it; appends nothing. */
  prepare(source: TemplateSource): Promise<Prepared>;
}

export interface TemplatePorts extends PreparePorts {
  readonly execute: Execute;
  /** The template as its stream tells it now. */
  load(name: string): Promise<KnownTemplate | undefined>;
  /** Told when a template changed. */
  changed(name: string): void;
}

export const createTemplateCommands = (ports: TemplatePorts): TemplateCommands => {
  const change = async (name: string, command: TemplateCommand, by: CommandContext) => {
    const { state, cursor } = await ports.execute(templates, name, [command], by);
    ports.changed(name);
    if (state.status === 'none')
      throw new DomainError('UNKNOWN_TEMPLATE', 'no such template', 'name');
    return { template: state, ...(cursor === undefined ? {} : { cursor }) };
  };
  const publishable = async (source: TemplateSource): Promise<TemplateContent> => {
    const { content, problems } = await prepare(source, ports);
    refuseProblems('TEMPLATE_INVALID', problems);
    return content;
  };

  return {
    prepare: (source) => prepare(source, ports),
    create: async ({ name, ...about }, source, by) => {
      checkIdentifier(name, 'name');
      const content = await publishable(source);
      return change(name, { type: 'CreateTemplate', name, content, ...about }, by);
    },
    saveDraft: async ({ name, ...about }, content, by) => {
      checkIdentifier(name, 'name');
      return change(name, { type: 'SaveTemplateDraft', name, content, ...about }, by);
    },
    discardDraft: (name, by) => change(name, { type: 'DiscardTemplateDraft' }, by),
    publish: async (name, source, by) => {
      checkIdentifier(name, 'name');
      if (source) {
        const content = await publishable(source);
        return change(name, { type: 'PublishTemplateVersion', content }, by);
      }
      const known = await ports.load(name);
      if (!known) throw new DomainError('UNKNOWN_TEMPLATE', 'there is no such template', 'name');
      const { draft } = known;
      if (!draft) throw new DomainError('NO_DRAFT', `template ${name} has no draft`, 'content');
      const content = await publishable(draft);
      return change(name, { type: 'PublishTemplateVersion', content, draft }, by);
    },
    activate: (name, version, by) => change(name, { type: 'ActivateTemplateVersion', version }, by),
    rollBack: (name, from, why, by) => change(name, { type: 'RollBackTemplate', from, why }, by),
    archive: (name, why, by) => change(name, { type: 'ArchiveTemplate', why }, by),
  };
};
