import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { TemplateContent } from '../domain/template/content.ts';
import type { TemplateCommand, TemplateState } from '../domain/template/template.ts';
import { templates } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';

/** A template as it is after the command, with the cursor to follow from. */
export interface TemplateChanged {
  readonly template: Exclude<TemplateState, { status: 'none' }>;
  readonly cursor?: string;
}

/** The write API of templates. Every function may be repeated; a repeat changes nothing. */
export interface TemplateCommands {
  /** Creates, publishes as version 1 and activates. @throws DomainError TEMPLATE_EXISTS, TEMPLATE_INVALID */
  create(
    name: string,
    content: TemplateContent,
    description: string | undefined,
    context: CommandContext,
  ): Promise<TemplateChanged>;
  /** @throws DomainError UNKNOWN_TEMPLATE, TEMPLATE_ARCHIVED, TEMPLATE_INVALID */
  publish(
    name: string,
    content: TemplateContent,
    context: CommandContext,
  ): Promise<TemplateChanged>;
  /** Forward or back. @throws DomainError UNKNOWN_TEMPLATE, UNKNOWN_TEMPLATE_VERSION */
  activate(name: string, version: number, context: CommandContext): Promise<TemplateChanged>;
  archive(name: string, why: string, context: CommandContext): Promise<TemplateChanged>;
}

export const createTemplateCommands = (
  execute: Execute,
  changed: (name: string) => void,
): TemplateCommands => {
  const change = async (name: string, command: TemplateCommand, context: CommandContext) => {
    checkIdentifier(name, 'name');
    const { state, cursor } = await execute(templates, name, [command], context);
    changed(name);
    if (state.status === 'none')
      throw new DomainError('UNKNOWN_TEMPLATE', 'no such template', 'name');
    return { template: state, ...(cursor === undefined ? {} : { cursor }) };
  };
  return {
    create: (name, content, description, context) => {
      const about = description === undefined ? {} : { description };
      return change(name, { type: 'CreateTemplate', name, content, ...about }, context);
    },
    publish: (name, content, context) =>
      change(name, { type: 'PublishTemplateVersion', content }, context),
    activate: (name, version, context) =>
      change(name, { type: 'ActivateTemplateVersion', version }, context),
    archive: (name, why, context) => change(name, { type: 'ArchiveTemplate', why }, context),
  };
};
