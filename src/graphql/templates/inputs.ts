import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, Int } from 'type-graphql';
import type { JsonSchema, Purpose } from '../../domain/template/content.ts';
import type { Category, Priority } from '../../domain/vocabulary.ts';
import { CategoryEnum, PriorityEnum, PurposeEnum } from '../vocabulary.ts';
import { TemplateChannelsInput } from './parts.ts';
import { TemplateVariable } from './types.ts';

@InputType({ description: 'The same in another language, for the channels that it names.' })
export class TemplateTranslationInput {
  @Field(() => String, { description: 'BCP 47, for instance `de` or `pt-BR`.' })
  locale!: string;

  @Field(() => TemplateChannelsInput)
  channels!: TemplateChannelsInput;
}

@InputType()
export class LayoutReferenceInput {
  @Field(() => String)
  name!: string;

  @Field(() => Int, { nullable: true, description: 'The newest when absent.' })
  version?: number | null;
}

@InputType({
  description:
    'What an email tells of its reading, over providers that do not tell it themselves and where the law allows it.',
})
export class TrackingInput {
  @Field(() => Boolean, { defaultValue: false, description: 'By a picture of one pixel.' })
  opens!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: 'By links over this server.' })
  clicks!: boolean;
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

  @Field(() => TemplateChannelsInput, { description: 'In the default locale.' })
  channels!: TemplateChannelsInput;

  @Field(() => String, { nullable: true, description: 'BCP 47; `en` when absent.' })
  defaultLocale?: string | null;

  @Field(() => [TemplateTranslationInput], { defaultValue: [] })
  translations!: readonly TemplateTranslationInput[];

  @Field(() => LayoutReferenceInput, {
    nullable: true,
    description: 'What stands around its emails; the version is pinned when this is published.',
  })
  layout?: LayoutReferenceInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'What `{{postalAddress}}` stands for; the layout’s when absent.',
  })
  postalAddress?: string | null;

  @Field(() => TrackingInput, { nullable: true, description: 'Nothing when absent.' })
  tracking?: TrackingInput | null;

  @Field(() => [TemplateVariable], {
    defaultValue: [],
    description:
      'What callers pass, in short; with neither this nor `schema` it is inferred from the texts. `userName`, `unsubscribeUrl`, `preferencesUrl` and `postalAddress` are always there.',
  })
  variables!: readonly TemplateVariable[];

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'What callers pass, in full: JSON Schema, draft 2020-12.',
  })
  schema?: JsonSchema | null;
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
