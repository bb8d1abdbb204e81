import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { DomainError } from '../../domain/errors.ts';
import type { UserChanged } from '../../commands/users.ts';
import {
  type AddressChannel,
  addressChannels,
  type Attributes,
  type NamedAddress,
  type ProfileChanges,
} from '../../domain/user/events.ts';
import type { Device as DomainDevice, Platform, RegisteredUser } from '../../domain/user/state.ts';
import type { Channel } from '../../domain/vocabulary.ts';
import type { UserDocument } from '../../projections/users.ts';
import { ChannelEnum, PlatformEnum } from '../vocabulary.ts';
import {
  Consent,
  Preference,
  QuietWindow,
  TopicPreference,
  Unsubscriptions,
  wishesOf,
} from './wishTypes.ts';

@ObjectType({ simpleResolvers: true, description: 'Where emails or text messages go.' })
export class Address {
  @Field(() => ChannelEnum, { description: 'EMAIL or SMS.' })
  channel!: AddressChannel;

  @Field(() => String)
  address!: string;

  @Field(() => Boolean)
  verified!: boolean;

  @Field(() => Boolean, { description: 'The one that is written to.' })
  primary!: boolean;
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

  @Field(() => [Address])
  addresses!: readonly Address[];

  @Field(() => GraphQLJSONObject, { description: 'Strings, numbers and booleans by name.' })
  attributes!: object;

  @Field(() => [Preference], { description: 'What holds for every channel and category.' })
  preferences!: readonly Preference[];

  @Field(() => [TopicPreference])
  topics!: readonly TopicPreference[];

  @Field(() => [QuietWindow])
  quietHours!: readonly QuietWindow[];

  @Field(() => [Consent], { description: 'The last word on each channel and category.' })
  consents!: readonly Consent[];

  @Field(() => Unsubscriptions)
  unsubscribed!: Unsubscriptions;

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
  attributes: user.profile.attributes ?? {},
  addresses: user.addresses,
  devices: user.devices,
  ...wishesOf(user),
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

export const changeOf = ({ userId, user, cursor }: UserChanged): UserChange => ({
  user: userOf(userId, user),
  ...(cursor === undefined ? {} : { cursor }),
});

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

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'Strings, numbers and booleans by name, for segments.',
  })
  attributes?: Attributes | null;
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

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'What is named changes, null removes it, the others stay.',
  })
  attributes?: NonNullable<ProfileChanges['attributes']> | null;
}

@InputType()
export class AddressInput {
  @Field(() => ChannelEnum, { description: 'EMAIL or SMS.' })
  channel!: Channel;

  @Field(() => String, { description: 'A mailbox, or a number in E.164.' })
  address!: string;
}

/** @throws DomainError BAD_INPUT for a channel without addresses */
export const namedAddress = ({ channel, address }: AddressInput): NamedAddress => {
  const known = addressChannels.find((one) => one === channel);
  if (known) return { channel: known, address };
  throw new DomainError('BAD_INPUT', 'channel must be EMAIL or SMS', 'channel');
};

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
