import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { DomainError } from '../../domain/errors.ts';
import type { Preference as DomainPreference } from '../../domain/user/events.ts';
import { allPreferences } from '../../domain/user/questions.ts';
import type { Device as DomainDevice, Platform, RegisteredUser } from '../../domain/user/state.ts';
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

@InputType({ description: 'As `PushSubscription.toJSON()` gives them.' })
class WebPushKeysInput {
  @Field(() => String)
  p256dh!: string;

  @Field(() => String)
  auth!: string;
}

@InputType()
export class RegisterDeviceInput {
  @Field(() => ID)
  deviceId!: string;

  @Field(() => PlatformEnum, { defaultValue: 'fcm' })
  platform!: Platform;

  @Field(() => String, {
    nullable: true,
    description: 'The token that FCM or APNs gave the device.',
  })
  token?: string | null;

  @Field(() => String, { nullable: true, description: 'Of a Web Push subscription.' })
  endpoint?: string | null;

  @Field(() => WebPushKeysInput, { nullable: true, description: 'Of a Web Push subscription.' })
  keys?: WebPushKeysInput | null;
}

/** @throws DomainError BAD_INPUT naming what the platform needs and the input lacks */
export const deviceOf = (input: RegisterDeviceInput): DomainDevice => {
  const { deviceId, platform, token, endpoint, keys } = input;
  const needed = <T>(value: T | null | undefined, field: string): T => {
    if (value !== null && value !== undefined) return value;
    throw new DomainError('BAD_INPUT', `a device of ${platform} needs ${field}`, field);
  };
  if (platform !== 'webpush') return { deviceId, platform, token: needed(token, 'token') };
  const { p256dh, auth } = needed(keys, 'keys');
  return { deviceId, platform, endpoint: needed(endpoint, 'endpoint'), keys: { p256dh, auth } };
};

@InputType()
export class PreferenceInput {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => Boolean)
  enabled!: boolean;
}
