import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { TemplateChanged, TemplateCommands } from '../../commands/templates/commands.ts';
import type { CommandContext } from '../../commands/execute.ts';
import { checkFirst, type Connection, connectionOf, keyOfCursor } from '../connection.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { allow } from '../principal.ts';
import { contentOf, inCallersWords, templateOf } from './content.ts';
import { CreateTemplateInput, TemplateContentInput } from './inputs.ts';
import { Template, TemplateChange, TemplateConnection } from './types.ts';

@Resolver()
export class TemplateResolver {
  @Query(() => Template, { nullable: true, description: 'Roles: service.' })
  async template(
    @Arg('name', () => String) name: string,
    @Arg('version', () => Int, { nullable: true }) version: number | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Template | null> {
    allow(context.identity, 'service');
    const found = await context.ports.templates.byName(name);
    return found ? templateOf(found.state, found, version ?? undefined) : null;
  }

  @Query(() => TemplateConnection, {
    description: 'By name, at most 100 a page. Roles: service.',
  })
  async templates(
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Connection<Template>> {
    allow(context.identity, 'service');
    const [afterName] = after ? keyOfCursor(after, 1) : [];
    const page = await context.ports.templates.page(checkFirst(first), afterName);
    return connectionOf(
      page,
      (document) => templateOf(document.state, document),
      ({ _id }) => [_id],
    );
  }

  @Mutation(() => TemplateChange, {
    description: 'Publishes the content as version 1 and activates it. Roles: service.',
  })
  createTemplate(
    @Arg('input', () => CreateTemplateInput) input: CreateTemplateInput,
    @Ctx() context: ApiContext,
  ): Promise<TemplateChange> {
    return change(context, (commands, by) =>
      commands.create(aboutOf(input), contentOf(input.content), by),
    );
  }

  @Mutation(() => TemplateChange, {
    description:
      'Keeps what is being written, valid or not; makes the template when there is none. Roles: service.',
  })
  saveTemplateDraft(
    @Arg('input', () => CreateTemplateInput) input: CreateTemplateInput,
    @Ctx() context: ApiContext,
  ): Promise<TemplateChange> {
    return change(context, (commands, by) =>
      commands.saveDraft(aboutOf(input), contentOf(input.content), by),
    );
  }

  @Mutation(() => TemplateChange, { description: 'Roles: service.' })
  discardTemplateDraft(
    @Arg('name', () => String) name: string,
    @Ctx() context: ApiContext,
  ): Promise<TemplateChange> {
    return change(context, (commands, by) => commands.discardDraft(name, by));
  }

  @Mutation(() => TemplateChange, {
    description: 'Publishes the next version; it is used once activated. Roles: service.',
  })
  publishTemplateVersion(
    @Arg('name', () => String) name: string,
    @Arg('content', () => TemplateContentInput, {
      nullable: true,
      description: 'The draft when absent.',
    })
    content: TemplateContentInput | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<TemplateChange> {
    const source = content ? contentOf(content) : undefined;
    return change(context, (commands, by) => commands.publish(name, source, by));
  }

  @Mutation(() => TemplateChange, { description: 'Forward or back. Roles: service.' })
  activateTemplateVersion(
    @Arg('name', () => String) name: string,
    @Arg('version', () => Int) version: number,
    @Ctx() context: ApiContext,
  ): Promise<TemplateChange> {
    return change(context, (commands, by) => commands.activate(name, version, by));
  }

  @Mutation(() => TemplateChange, {
    description:
      'From this version to the one that was active before; nothing happens when another one is active by now. Roles: service.',
  })
  rollBackTemplate(
    @Arg('name', () => String) name: string,
    @Arg('from', () => Int) from: number,
    @Arg('why', () => String, { nullable: true }) why: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<TemplateChange> {
    return change(context, (commands, by) =>
      commands.rollBack(name, from, why ?? 'rolled back', by),
    );
  }

  @Mutation(() => TemplateChange, {
    description: 'Nothing can be asked for with it any more. Roles: service.',
  })
  archiveTemplate(
    @Arg('name', () => String) name: string,
    @Arg('why', () => String, { nullable: true }) why: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<TemplateChange> {
    return change(context, (commands, by) => commands.archive(name, why ?? 'archived', by));
  }
}

const aboutOf = ({ name, description }: CreateTemplateInput) => ({
  name,
  ...(typeof description === 'string' ? { description } : {}),
});

const change = async (
  context: ApiContext,
  command: (commands: TemplateCommands, by: CommandContext) => Promise<TemplateChanged>,
): Promise<TemplateChange> => {
  const principal = allow(context.identity, 'service');
  try {
    const { template, cursor } = await command(
      context.ports.templateCommands,
      commandContext(principal, context),
    );
    return { template: templateOf(template), ...(cursor === undefined ? {} : { cursor }) };
  } catch (error) {
    throw inCallersWords(error);
  }
};
