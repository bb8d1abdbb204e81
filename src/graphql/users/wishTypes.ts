import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { DomainError } from '../../domain/errors.ts';
import type { QuietWindow as DomainWindow, UnsubscribeScope } from '../../domain/user/events.ts';
import { allPreferences } from '../../domain/user/questions.ts';
import type { RegisteredUser } from '../../domain/user/state.ts';
import type { Category, Channel } from '../../domain/vocabulary.ts';
import { given } from '../given.ts';
import { CategoryEnum, ChannelEnum, type ScopeEnum, UnsubscribeScopeEnum } from '../vocabulary.ts';

@ObjectType({ simpleResolvers: true, description: 'Whether a kind of message may come this way.' })
export class Preference {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => Boolean)
  enabled!: boolean;
}

@ObjectType({
  simpleResolvers: true,
  description: 'What was set for one template; it counts more than what was set for its category.',
})
export class TopicPreference {
  @Field(() => String, { description: "The template's name." })
  topic!: string;

  @Field(() => ChannelEnum, { nullable: true, description: 'Null: every channel.' })
  channel?: Channel;

  @Field(() => Boolean)
  enabled!: boolean;
}

@ObjectType({ simpleResolvers: true })
export class QuietWindow {
  @Field(() => [Int], { description: 'On which it starts: 1 is Monday, 7 is Sunday.' })
  days!: readonly number[];

  @Field(() => String, { description: "HH:mm in the user's zone." })
  from!: string;

  @Field(() => String, { description: 'HH:mm; at or before `from` it is on the next day.' })
  to!: string;
}

@ObjectType({ simpleResolvers: true, description: 'What was agreed to, or taken back.' })
export class Consent {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => Boolean)
  given!: boolean;

  @Field(() => String, { description: 'The exact words.' })
  wording!: string;

  @Field(() => String)
  source!: string;

  @Field(() => GraphQLDateTime)
  at!: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  expiresAt?: Date;

  @Field(() => Boolean, { nullable: true, description: 'To tracking; null: not said.' })
  tracking?: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'What the user wants no more of.' })
export class Unsubscriptions {
  @Field(() => Boolean)
  all!: boolean;

  @Field(() => [ChannelEnum])
  channels!: readonly Channel[];

  @Field(() => [CategoryEnum])
  categories!: readonly Category[];

  @Field(() => [String], { description: 'Such as `marketing:email`.' })
  kinds!: readonly string[];

  @Field(() => [ChannelEnum], { description: 'On which the user said STOP.' })
  stopped!: readonly Channel[];
}

/** A user's wishes as clients see them. */
export const wishesOf = (user: RegisteredUser) => ({
  preferences: allPreferences(user),
  topics: Object.entries(user.preferences).flatMap(([key, enabled]) => {
    const [kind, topic = '', channel] = key.split(':');
    return kind === 'topic'
      ? [{ topic, enabled, ...(channel && { channel: channel as Channel }) }]
      : [];
  }),
  quietHours: user.quietHours?.windows ?? [],
  consents: Object.entries(user.consents).map(([key, consent]) => {
    const [category, channel] = key.split(':') as [Category, Channel];
    const { at, expiresAt, ...rest } = consent;
    const until = expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) };
    return { channel, category, ...rest, at: new Date(at), ...until };
  }),
  unsubscribed: {
    all: user.unsubscribed.all ?? false,
    channels: user.unsubscribed.channels,
    categories: user.unsubscribed.categories,
    kinds: user.unsubscribed.kinds ?? [],
    stopped: user.stopped,
  },
});

@InputType()
export class PreferenceInput {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => Boolean)
  enabled!: boolean;
}

@InputType()
export class TopicPreferenceInput {
  @Field(() => String, { description: "The template's name." })
  topic!: string;

  @Field(() => ChannelEnum, { nullable: true, description: 'Every channel when absent.' })
  channel?: Channel | null;

  @Field(() => Boolean)
  enabled!: boolean;
}

@InputType()
export class QuietWindowInput {
  @Field(() => [Int])
  days!: readonly number[];

  @Field(() => String)
  from!: string;

  @Field(() => String)
  to!: string;
}

export const windowOf = ({ days, from, to }: QuietWindowInput): DomainWindow => ({
  days,
  from,
  to,
});

@InputType()
export class ConsentInput {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => Boolean, { description: 'False takes it back.' })
  given!: boolean;

  @Field(() => String, { description: 'The exact words that were shown.' })
  wording!: string;

  @Field(() => String, { description: 'Where: `signup form`, `phone`, …' })
  source!: string;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When; now when absent.' })
  at?: Date | null;

  @Field(() => String, { nullable: true, description: 'What proves it; kept encrypted.' })
  evidence?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'It holds until then.' })
  expiresAt?: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the words say that openings and clicks of emails are noted.',
  })
  tracking?: boolean | null;
}

@InputType({ description: 'Everything, a channel, a category or both.' })
export class UnsubscribeScopeInput {
  @Field(() => UnsubscribeScopeEnum)
  scope!: ScopeEnum;

  @Field(() => ChannelEnum, { nullable: true })
  channel?: Channel | null;

  @Field(() => CategoryEnum, { nullable: true })
  category?: Category | null;
}

/** @throws DomainError BAD_INPUT when the scope lacks what it is about, or has more */
export const scopeOf = (input: UnsubscribeScopeInput): UnsubscribeScope => {
  const { channel, category } = given(input);
  switch (input.scope) {
    case 'all':
      if (channel ?? category) break;
      return { scope: 'all' };
    case 'channel':
      if (!channel || category) break;
      return { scope: 'channel', channel };
    case 'category':
      if (!category || channel) break;
      return { scope: 'category', category };
    case 'kind':
      if (!channel || !category) break;
      return { scope: 'kind', channel, category };
  }
  const message = 'scope CHANNEL needs a channel, CATEGORY a category, KIND both, ALL neither';
  throw new DomainError('BAD_INPUT', message, 'scope');
};
