import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, ObjectType } from 'type-graphql';

const wantedProvider =
  'The provider that is asked first, where the channel’s route has it; in the default locale.';

@InputType('EmailPartInput', { description: 'Either `html` or `mjml`, or text alone.' })
@ObjectType('EmailPart', { simpleResolvers: true })
export class EmailPart {
  @Field(() => String)
  subject!: string;

  @Field(() => String, { nullable: true })
  html?: string;

  @Field(() => String, {
    nullable: true,
    description: 'Compiled when the version is published; inside a layout without its `<mjml>`.',
  })
  mjml?: string;

  @Field(() => String)
  text!: string;

  @Field(() => String, { nullable: true, description: wantedProvider })
  provider?: string;
}

@InputType('SmsPartInput')
@ObjectType('SmsPart', { simpleResolvers: true })
export class SmsPart {
  @Field(() => String)
  body!: string;

  @Field(() => String, { nullable: true, description: wantedProvider })
  provider?: string;
}

@InputType('PushPartInput')
@ObjectType('PushPart', { simpleResolvers: true })
export class PushPart {
  @Field(() => String)
  title!: string;

  @Field(() => String)
  body!: string;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Texts by name, for the app that gets it; they may hold variables.',
  })
  data?: Readonly<Record<string, string>>;

  @Field(() => String, { nullable: true, description: wantedProvider })
  provider?: string;
}

@InputType('InAppPartInput')
@ObjectType('InAppPart', { simpleResolvers: true })
export class InAppPart {
  @Field(() => String)
  title!: string;

  @Field(() => String)
  body!: string;

  @Field(() => String, { nullable: true, description: 'Where a click leads; http(s).' })
  actionUrl?: string;
}

@ObjectType({ simpleResolvers: true, description: 'What a template says, channel by channel.' })
export class TemplateChannels {
  @Field(() => EmailPart, { nullable: true })
  email?: EmailPart;

  @Field(() => SmsPart, { nullable: true })
  sms?: SmsPart;

  @Field(() => PushPart, { nullable: true })
  push?: PushPart;

  @Field(() => InAppPart, { nullable: true })
  inApp?: InAppPart;
}

@InputType({ description: 'What a template says, in Handlebars; at least one channel.' })
export class TemplateChannelsInput {
  @Field(() => EmailPart, { nullable: true })
  email?: EmailPart | null;

  @Field(() => SmsPart, { nullable: true })
  sms?: SmsPart | null;

  @Field(() => PushPart, { nullable: true })
  push?: PushPart | null;

  @Field(() => InAppPart, { nullable: true })
  inApp?: InAppPart | null;
}
