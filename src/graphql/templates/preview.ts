import { GraphQLJSONObject } from 'graphql-scalars';
import { Arg, Args, ArgsType, Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { DomainError } from '../../domain/errors.ts';
import { type ProblemCode } from '../../domain/template/problem.ts';
import type { JsonSchema, TemplateSource } from '../../domain/template/content.ts';
import { mostSmsSegments } from '../../domain/template/sms.ts';
import type { Channel } from '../../domain/vocabulary.ts';
import type { ApiContext } from '../context.ts';
import { given } from '../given.ts';
import { allow } from '../principal.ts';
import { checkVariables } from '../../commands/variableForm.ts';
import { ChannelEnum, ProblemCodeEnum } from '../vocabulary.ts';
import { contentOf, problemsInWords } from './content.ts';
import { TemplateContentInput } from './inputs.ts';

@ObjectType({ simpleResolvers: true, description: 'One thing that is wrong with a template.' })
export class TemplateProblem {
  @Field(() => ProblemCodeEnum)
  code!: ProblemCode;

  @Field(() => String, { description: 'For instance `channels.email.html`.' })
  field!: string;

  @Field(() => String)
  message!: string;
}

@ObjectType({ simpleResolvers: true })
export class TemplateValidation {
  @Field(() => Boolean, { description: 'Whether it can be published.' })
  valid!: boolean;

  @Field(() => [TemplateProblem], { description: 'All of them.' })
  problems!: readonly TemplateProblem[];

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'What requests may pass: given, or inferred from the texts.',
  })
  schema?: JsonSchema;
}

@ObjectType({ simpleResolvers: true })
export class PreviewedPart {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => String, { description: '`subject`, `html`, `text`, `title`, `body` …' })
  name!: string;

  @Field(() => String, { description: 'The language that the reader gets here.' })
  locale!: string;

  @Field(() => String)
  text!: string;
}

@ObjectType({ simpleResolvers: true, description: 'How a text message travels.' })
export class SmsSize {
  @Field(() => String, { description: '`GSM-7` or `UCS-2`.' })
  encoding!: string;

  @Field(() => Int, { description: `Each is paid for; more than ${mostSmsSegments} are refused.` })
  segments!: number;

  @Field(() => Int)
  characters!: number;
}

@ObjectType({ simpleResolvers: true })
export class TemplatePreview {
  @Field(() => Int, { nullable: true, description: 'Null for a draft.' })
  version?: number;

  @Field(() => [PreviewedPart])
  parts!: readonly PreviewedPart[];

  @Field(() => SmsSize, { nullable: true })
  sms?: SmsSize;

  @Field(() => GraphQLJSONObject, { description: 'What it was rendered with.' })
  variables!: Readonly<Record<string, unknown>>;

  @Field(() => [TemplateProblem], { description: 'What stands against publishing a draft.' })
  problems!: readonly TemplateProblem[];
}

@ArgsType()
class PreviewArguments {
  @Field(() => String)
  name!: string;

  @Field(() => Int, { nullable: true, description: 'The active one when absent.' })
  version?: number | null;

  @Field(() => Boolean, { defaultValue: false })
  draft!: boolean;

  @Field(() => ChannelEnum, { nullable: true, description: 'All of them when absent.' })
  channel?: Channel | null;

  @Field(() => String, { defaultValue: 'en', description: 'The reader’s, BCP 47.' })
  locale!: string;

  @Field(() => String, { defaultValue: 'UTC', description: 'The reader’s, IANA.' })
  timezone!: string;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Samples stand in for what is not given; `userName` may be given, too.',
  })
  variables?: Readonly<Record<string, unknown>> | null;
}

@Resolver()
export class TemplatePreviewResolver {
  @Query(() => TemplatePreview, {
    description:
      'A version or the draft as a reader would get it; nothing is sent. Roles: service.',
  })
  async previewTemplate(
    @Args(() => PreviewArguments) request: PreviewArguments,
    @Ctx() context: ApiContext,
  ): Promise<TemplatePreview> {
    allow(context.identity, 'service');
    const { name, draft, locale, timezone } = request;
    const { version, channel, variables } = given(request);
    const preview = await context.ports.previewTemplate({
      name,
      draft,
      reader: { locale, timezone },
      ...(version === undefined ? {} : { version }),
      ...(channel === undefined ? {} : { channel }),
      variables: checkVariables(variables ?? {}),
    });
    return { ...preview, problems: problemsInWords(preview.problems) };
  }

  @Query(() => TemplateValidation, {
    description: 'Everything that stands against publishing this, or the draft. Roles: service.',
  })
  async validateTemplate(
    @Arg('content', () => TemplateContentInput, { nullable: true })
    content: TemplateContentInput | null | undefined,
    @Arg('name', () => String, { nullable: true, description: 'Whose draft.' })
    name: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<TemplateValidation> {
    allow(context.identity, 'service');
    const source = content ? contentOf(content) : await draftOf(name, context);
    const prepared = await context.ports.templateCommands.prepare(source);
    const problems = problemsInWords(prepared.problems);
    const { schema } = prepared.content;
    return { valid: problems.length === 0, problems, ...(schema ? { schema } : {}) };
  }
}

const draftOf = async (
  name: string | null | undefined,
  { ports }: ApiContext,
): Promise<TemplateSource> => {
  if (!name) throw new DomainError('BAD_INPUT', 'either content or name is needed', 'content');
  const found = await ports.templates.byName(name);
  if (!found) throw new DomainError('UNKNOWN_TEMPLATE', 'there is no such template', 'name');
  const { draft } = found.state;
  if (!draft) throw new DomainError('NO_DRAFT', `template ${name} has no draft`, 'name');
  return draft;
};
