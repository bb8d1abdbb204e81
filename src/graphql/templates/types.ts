import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import type {
  JsonSchema,
  Purpose,
  TemplateVariable as DomainVariable,
} from '../../domain/template/content.ts';
import type { Category, Priority } from '../../domain/vocabulary.ts';
import { PageInfo } from '../connection.ts';
import {
  CategoryEnum,
  PriorityEnum,
  PurposeEnum,
  TemplateStatusEnum,
  VariableTypeEnum,
} from '../vocabulary.ts';
import { TemplateChannels } from './parts.ts';

@InputType('TemplateVariableInput')
@ObjectType('TemplateVariable', { simpleResolvers: true })
export class TemplateVariable {
  @Field(() => String)
  name!: string;

  @Field(() => VariableTypeEnum)
  type!: DomainVariable['type'];
}

@ObjectType({ simpleResolvers: true, description: 'The same in another language.' })
export class TemplateTranslation {
  @Field(() => String, { description: 'BCP 47.' })
  locale!: string;

  @Field(() => TemplateChannels)
  channels!: TemplateChannels;
}

@ObjectType({ simpleResolvers: true })
export class LayoutReference {
  @Field(() => String)
  name!: string;

  @Field(() => Int, { nullable: true, description: 'The newest one when a draft names none.' })
  version?: number;
}

@ObjectType({ simpleResolvers: true, description: 'What an email tells of its reading.' })
export class TemplateTracking {
  @Field(() => Boolean)
  opens!: boolean;

  @Field(() => Boolean)
  clicks!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'What is being written for the next version.' })
export class TemplateDraft {
  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => PriorityEnum)
  priority!: Priority;

  @Field(() => Boolean, { description: 'The reader can not switch it off.' })
  required!: boolean;

  @Field(() => PurposeEnum, { nullable: true })
  purpose?: Purpose;

  @Field(() => TemplateChannels, { description: 'In the default locale.' })
  channels!: TemplateChannels;

  @Field(() => String, { description: 'BCP 47.' })
  defaultLocale!: string;

  @Field(() => [TemplateTranslation], {
    description: 'A reader gets the locale, else its language, else the default locale.',
  })
  translations!: readonly TemplateTranslation[];

  @Field(() => LayoutReference, { nullable: true, description: 'What stands around its emails.' })
  layout?: LayoutReference;

  @Field(() => String, { nullable: true, description: 'What `{{postalAddress}}` stands for.' })
  postalAddress?: string;

  @Field(() => TemplateTracking)
  tracking!: TemplateTracking;

  @Field(() => [TemplateVariable], { description: 'As they were declared.' })
  variables!: readonly TemplateVariable[];

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'What a request may pass: JSON Schema, draft 2020-12.',
  })
  schema?: JsonSchema;
}

@ObjectType({ simpleResolvers: true, description: 'It never changes once published.' })
export class TemplateVersion extends TemplateDraft {
  @Field(() => Int)
  version!: number;

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

  @Field(() => TemplateDraft, { nullable: true })
  draft?: TemplateDraft;
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
