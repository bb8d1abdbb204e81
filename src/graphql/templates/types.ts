import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import type { Purpose, TemplateVariable as DomainVariable } from '../../domain/template/content.ts';
import type { Category, Priority } from '../../domain/vocabulary.ts';
import { PageInfo } from '../connection.ts';
import {
  CategoryEnum,
  PriorityEnum,
  PurposeEnum,
  TemplateStatusEnum,
  VariableTypeEnum,
} from '../vocabulary.ts';

@InputType('EmailPartInput')
@ObjectType('EmailPart', { simpleResolvers: true })
export class EmailPart {
  @Field(() => String)
  subject!: string;

  @Field(() => String, { nullable: true })
  html?: string;

  @Field(() => String)
  text!: string;
}

@InputType('SmsPartInput')
@ObjectType('SmsPart', { simpleResolvers: true })
export class SmsPart {
  @Field(() => String)
  body!: string;
}

@InputType('TitledPartInput')
@ObjectType('TitledPart', { simpleResolvers: true })
export class TitledPart {
  @Field(() => String)
  title!: string;

  @Field(() => String)
  body!: string;
}

@ObjectType({ simpleResolvers: true, description: 'What a template says, channel by channel.' })
export class TemplateChannels {
  @Field(() => EmailPart, { nullable: true })
  email?: EmailPart;

  @Field(() => SmsPart, { nullable: true })
  sms?: SmsPart;

  @Field(() => TitledPart, { nullable: true })
  push?: TitledPart;

  @Field(() => TitledPart, { nullable: true })
  inApp?: TitledPart;
}

@InputType({ description: 'What a template says, in Handlebars; at least one channel.' })
export class TemplateChannelsInput {
  @Field(() => EmailPart, { nullable: true })
  email?: EmailPart | null;

  @Field(() => SmsPart, { nullable: true })
  sms?: SmsPart | null;

  @Field(() => TitledPart, { nullable: true })
  push?: TitledPart | null;

  @Field(() => TitledPart, { nullable: true })
  inApp?: TitledPart | null;
}

@InputType('TemplateVariableInput')
@ObjectType('TemplateVariable', { simpleResolvers: true })
export class TemplateVariable {
  @Field(() => String)
  name!: string;

  @Field(() => VariableTypeEnum)
  type!: DomainVariable['type'];
}

@ObjectType({ simpleResolvers: true, description: 'It never changes once published.' })
export class TemplateVersion {
  @Field(() => Int)
  version!: number;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => PriorityEnum)
  priority!: Priority;

  @Field(() => Boolean, { description: 'The reader can not switch it off.' })
  required!: boolean;

  @Field(() => PurposeEnum, { nullable: true })
  purpose?: Purpose;

  @Field(() => TemplateChannels)
  channels!: TemplateChannels;

  @Field(() => [TemplateVariable])
  variables!: readonly TemplateVariable[];

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Null in the answer to a mutation.',
  })
  publishedAt?: Date;
}

@ObjectType({ simpleResolvers: true })
export class Template {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true, description: 'Null in the answer to a mutation.' })
  description?: string;

  @Field(() => TemplateStatusEnum)
  status!: 'live' | 'archived';

  @Field(() => Int, { nullable: true })
  activeVersion?: number;

  @Field(() => TemplateVersion, {
    nullable: true,
    description: 'The version that was asked for; else the active one.',
  })
  version?: TemplateVersion;

  @Field(() => [TemplateVersion], { description: 'Oldest first.' })
  versions!: readonly TemplateVersion[];
}

@ObjectType({ simpleResolvers: true, description: 'The template as it is now.' })
export class TemplateChange {
  @Field(() => Template)
  template!: Template;

  @Field(() => String, { nullable: true, description: 'Absent when it was so already.' })
  cursor?: string;
}

@ObjectType({ simpleResolvers: true })
export class TemplateEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => Template)
  node!: Template;
}

@ObjectType({ simpleResolvers: true, description: 'By name.' })
export class TemplateConnection {
  @Field(() => [TemplateEdge])
  edges!: readonly TemplateEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@InputType({ description: 'The content of one version.' })
export class TemplateContentInput {
  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => PriorityEnum, { defaultValue: 'normal' })
  priority!: Priority;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'The reader can not switch it off; not for marketing.',
  })
  required!: boolean;

  @Field(() => PurposeEnum, { nullable: true })
  purpose?: Purpose | null;

  @Field(() => TemplateChannelsInput)
  channels!: TemplateChannelsInput;

  @Field(() => [TemplateVariable], {
    defaultValue: [],
    description: 'What callers pass; `userName` and `unsubscribeUrl` are always there.',
  })
  variables!: readonly TemplateVariable[];
}

@InputType()
export class CreateTemplateInput {
  @Field(() => String)
  name!: string;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => TemplateContentInput)
  content!: TemplateContentInput;
}
