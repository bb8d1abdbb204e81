import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import {
  allPreferences,
  type Platform,
  type Preference as DomainPreference,
  type RegisteredUser,
} from '../../domain/user/user.ts';
import type { Category, Channel } from '../../domain/vocabulary.ts';
import type { UserDocument } from '../../projections/users.ts';
import { CategoryEnum, ChannelEnum, PlatformEnum } from '../vocabulary.ts';

@ObjectType({ simpleResolvers: true, description: 'Whether a kind of message may come this way.' })
export class Preference {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => Boolean)
  enabled!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'Where push messages go; tokens are not shown.' })
export class Device {
  @Field(() => ID)
  deviceId!: string;

  @Field(() => PlatformEnum)
  platform!: Platform;
}

@ObjectType({ simpleResolvers: true })
export class User {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  name?: string;

  @Field(() => String, { nullable: true })
  email?: string;

  @Field(() => String, { nullable: true, description: 'E.164.' })
  phone?: string;

  @Field(() => String, { description: 'IANA.' })
  timezone!: string;

  @Field(() => String, { description: 'BCP 47.' })
  locale!: string;

  @Field(() => [Device])
  devices!: readonly Device[];

  @Field(() => [Preference], { description: 'Of every channel and category.' })
  preferences!: readonly DomainPreference[];

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Null in the answer to a mutation.',
  })
  registeredAt?: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Null in the answer to a mutation.',
  })
  updatedAt?: Date;
}

export const userOf = (id: string, user: RegisteredUser) => ({
  id,
  ...user.profile,
  devices: user.devices,
  preferences: allPreferences(user),
});

export const userOfDocument = ({ _id, state, registeredAt, updatedAt }: UserDocument): User => ({
  ...userOf(_id, state),
  registeredAt,
  updatedAt,
});

@ObjectType({ simpleResolvers: true, description: 'The user as it is now.' })
export class UserChange {
  @Field(() => User)
  user!: User;

  @Field(() => String, { nullable: true, description: 'Absent when it was so already.' })
  cursor?: string;
}

@InputType()
export class RegisterUserInput {
  @Field(() => ID, { description: 'Opaque: not an email address, not a phone number.' })
  id!: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true, description: 'E.164, such as +4915112345678.' })
  phone?: string | null;

  @Field(() => String, { defaultValue: 'UTC', description: 'IANA, such as Europe/Berlin.' })
  timezone!: string;

  @Field(() => String, { defaultValue: 'en', description: 'BCP 47, such as de-AT.' })
  locale!: string;
}

@InputType({ description: 'What is absent stays; null removes a name, an email or a phone.' })
export class UpdateUserInput {
  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  phone?: string | null;

  @Field(() => String, { nullable: true })
  timezone?: string | null;

  @Field(() => String, { nullable: true })
  locale?: string | null;
}

@InputType()
export class RegisterDeviceInput {
  @Field(() => ID)
  deviceId!: string;

  @Field(() => PlatformEnum, { defaultValue: 'fcm' })
  platform!: Platform;

  @Field(() => String, { description: 'The token that the platform gave the device.' })
  token!: string;
}

@InputType()
export class PreferenceInput {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => Boolean)
  enabled!: boolean;
}
