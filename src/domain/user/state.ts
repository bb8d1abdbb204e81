import type { EventRef } from '../decider.ts';
import type { Category, Channel } from '../vocabulary.ts';
import {
  type Addresses,
  withAddress,
  withAddresses,
  withoutAddress,
  withPrimary,
  withVerified,
} from './addresses.ts';
import type {
  Consent,
  Profile,
  ProfileChanges,
  QuietHours,
  TokenDevice,
  UserEvent,
  WebPushSubscription,
} from './events.ts';

/** Where push messages go. */
export type Device = TokenDevice | (WebPushSubscription & { readonly platform: 'webpush' });
export type Platform = Device['platform'];

/** `marketing:email`, `topic:welcome` or `topic:welcome:email` → false and so on; what is absent is enabled. */
export type Preferences = Readonly<Record<string, boolean>>;

/** What a user wants no more of. */
export interface Unsubscriptions {
  readonly all?: true;
  readonly channels: readonly Channel[];
  readonly categories: readonly Category[];
  /** `marketing:email` and so on; none when absent. */
  readonly kinds?: readonly string[];
}

/** What is known of a user from registration on. */
export interface RegisteredUser {
  readonly status: 'registered';
  readonly profile: Profile;
  readonly addresses: Addresses;
  readonly devices: readonly Device[];
  readonly preferences: Preferences;
  readonly quietHours?: QuietHours;
  /** By `marketing:sms` and so on: the last that was said. */
  readonly consents: Readonly<Record<string, Consent>>;
  readonly unsubscribed: Unsubscriptions;
  /** Channels on which the user said STOP. */
  readonly stopped: readonly Channel[];
  /** Nothing about this person is kept any more. */
  readonly erased?: true;
  /**
   * The event that made each fact so: `preference:marketing:email`, `preference:topic:welcome`,
   * `consent:marketing:sms`, `quietHours`, `unsubscribed:all`, `unsubscribed:email`,
   * `unsubscribed:marketing:email`, `stopped:sms`, …
   */
  readonly because: Readonly<Record<string, EventRef>>;
}

export type UserState = { readonly status: 'none' } | RegisteredUser;

export const preferenceKey = (channel: Channel, category: Category): string =>
  `${category}:${channel}`;

export const topicKey = (topic: string, channel?: Channel): string =>
  channel === undefined ? `topic:${topic}` : `topic:${topic}:${channel}`;

export const evolve = (state: UserState, event: UserEvent, at: EventRef): UserState => {
  if (event.type === 'UserRegistered') {
    const { userId: _, ...profile } = event.data;
    const addresses = withProfileAddresses([], profile);
    const unsubscribed = { channels: [], categories: [] };
    const known = { devices: [], preferences: {}, consents: {}, stopped: [], because: {} };
    return { status: 'registered', profile, addresses, unsubscribed, ...known };
  }
  return state.status === 'none' ? state : evolveRegistered(state, event, at);
};

const evolveRegistered = (
  state: RegisteredUser,
  event: Exclude<UserEvent, { type: 'UserRegistered' }>,
  at: EventRef,
): RegisteredUser => {
  const because = (...facts: readonly string[]) => ({
    because: { ...state.because, ...Object.fromEntries(facts.map((fact) => [fact, at])) },
  });
  switch (event.type) {
    case 'UserUpdated': {
      const addresses = withProfileAddresses(state.addresses, event.data);
      const profile = withAddresses(withChanges(state.profile, event.data), addresses);
      return { ...state, profile, addresses };
    }
    case 'AddressAdded':
      return readdressed(state, withAddress(state.addresses, event.data, event.data.primary));
    case 'AddressRemoved':
      return readdressed(state, withoutAddress(state.addresses, event.data));
    case 'AddressVerified':
      return { ...state, addresses: withVerified(state.addresses, event.data) };
    case 'DeviceRegistered':
      return withDevice(state, event.data);
    case 'WebPushRegistered':
      return withDevice(state, { ...event.data, platform: 'webpush' });
    case 'DeviceRemoved':
      return { ...state, devices: otherDevices(state, event.data.deviceId) };
    case 'PreferencesUpdated':
      return preferring(
        state,
        event.data.changes.map((c) => [preferenceKey(c.channel, c.category), c.enabled]),
        because,
      );
    case 'TopicPreferencesUpdated':
      return preferring(
        state,
        event.data.changes.map((c) => [topicKey(c.topic, c.channel), c.enabled]),
        because,
      );
    case 'QuietHoursSet': {
      const { quietHours: _, ...rest } = state;
      const { windows } = event.data;
      return {
        ...rest,
        ...(windows.length > 0 && { quietHours: { windows } }),
        ...because('quietHours'),
      };
    }
    case 'ConsentRecorded': {
      const { channel, category, ...consent } = event.data;
      const key = preferenceKey(channel, category);
      const consents = { ...state.consents, [key]: consent };
      return { ...state, consents, ...because(`consent:${key}`) };
    }
    case 'Unsubscribed': {
      const unsubscribed = unsubscribedFrom(state.unsubscribed, event.data);
      return { ...state, unsubscribed, ...because(`unsubscribed:${scopeName(event.data)}`) };
    }
    case 'Resubscribed': {
      const unsubscribed = subscribedTo(state.unsubscribed, event.data);
      return { ...state, unsubscribed, ...because(`unsubscribed:${scopeName(event.data)}`) };
    }
    case 'ChannelStopped': {
      const { channel } = event.data;
      return { ...state, stopped: added(state.stopped, channel), ...because(`stopped:${channel}`) };
    }
    case 'ChannelResumed': {
      const { channel } = event.data;
      const stopped = without(state.stopped, channel);
      return { ...state, stopped, ...because(`stopped:${channel}`) };
    }
    default:
      return state;
  }
};

const withProfileAddresses = (
  all: Addresses,
  { email, phone }: Pick<ProfileChanges, 'email' | 'phone'>,
): Addresses => {
  const mailed = email === undefined ? all : withPrimary(all, 'email', email);
  return phone === undefined ? mailed : withPrimary(mailed, 'sms', phone);
};

const readdressed = (state: RegisteredUser, addresses: Addresses): RegisteredUser => ({
  ...state,
  addresses,
  profile: withAddresses(state.profile, addresses),
});

export const withoutNulls = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

const withChanges = (before: Profile, changes: ProfileChanges): Profile => {
  const { attributes, ...rest } = changes;
  const merged = attributes && withoutNulls({ ...before.attributes, ...attributes });
  const profile = withoutNulls({ ...before, ...rest }) as Profile;
  return merged
    ? { ...profile, attributes: merged as NonNullable<Profile['attributes']> }
    : profile;
};

const otherDevices = (state: RegisteredUser, deviceId: string): readonly Device[] =>
  state.devices.filter((device) => device.deviceId !== deviceId);

const withDevice = (state: RegisteredUser, device: Device): RegisteredUser => ({
  ...state,
  devices: [...otherDevices(state, device.deviceId), device],
});

const preferring = (
  state: RegisteredUser,
  changes: readonly (readonly [key: string, enabled: boolean])[],
  because: (...facts: readonly string[]) => Pick<RegisteredUser, 'because'>,
): RegisteredUser => ({
  ...state,
  preferences: { ...state.preferences, ...Object.fromEntries(changes) },
  ...because(...changes.map(([key]) => `preference:${key}`)),
});

type Scoped = Extract<UserEvent, { type: 'Unsubscribed' }>['data'];

const scopeName = ({ scope, channel, category }: Scoped): string => {
  if (scope === 'kind' && channel && category) return preferenceKey(channel, category);
  return channel ?? category ?? scope;
};

const added = <T>(list: readonly T[], item: T): readonly T[] =>
  list.includes(item) ? list : [...list, item];

const without = <T>(list: readonly T[], item: unknown): readonly T[] =>
  list.filter((one) => one !== item);

const unsubscribedFrom = (before: Unsubscriptions, from: Scoped): Unsubscriptions => {
  const { scope, channel, category } = from;
  if (scope === 'all') return { ...before, all: true };
  if (scope === 'kind') return { ...before, kinds: added(before.kinds ?? [], scopeName(from)) };
  return {
    ...before,
    ...(channel && { channels: added(before.channels, channel) }),
    ...(category && { categories: added(before.categories, category) }),
  };
};

const subscribedTo = (before: Unsubscriptions, to: Scoped): Unsubscriptions => {
  if (to.scope === 'all') return { channels: [], categories: [] };
  if (to.scope === 'kind') return { ...before, kinds: without(before.kinds ?? [], scopeName(to)) };
  return {
    ...before,
    channels: without(before.channels, to.channel),
    categories: without(before.categories, to.category),
  };
};
