import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import { findAddress } from './addresses.ts';
import type { UserCommand } from './commands.ts';
import type { Attributes, ProfileChanges, UnsubscribeScope, UserEvent } from './events.ts';
import { decidePreferences } from './preferences.ts';
import { pushTokenOf } from './questions.ts';
import {
  type Device,
  evolve,
  preferenceKey,
  type RegisteredUser,
  type Unsubscriptions,
  type UserState,
  withoutNulls,
} from './state.ts';

/** A person who gets messages: how to reach them, and what they want, allow and forbid. */
export const user: Decider<UserState, UserCommand, UserEvent> = {
  initialState: { status: 'none' },
  evolve,
  decide: (command, state) => {
    if (command.type === 'RegisterUser') return register(command, state);
    if (command.type === 'SaveUser') return save(command, state);
    if (state.status === 'none') {
      throw new DomainError('UNKNOWN_USER', 'there is no such user', 'userId');
    }
    return decideRegistered(command, state);
  },
};

const register = (
  { userId, profile }: Extract<UserCommand, { type: 'RegisterUser' }>,
  state: UserState,
): readonly UserEvent[] => {
  if (state.status === 'none') return [{ type: 'UserRegistered', data: { userId, ...profile } }];
  if (!differences(state, profile)) return [];
  throw new DomainError('USER_EXISTS', `user ${userId} is registered with other details`, 'userId');
};

const save = (
  { userId, changes }: Extract<UserCommand, { type: 'SaveUser' }>,
  state: UserState,
): readonly UserEvent[] => {
  if (state.status === 'none') {
    const { attributes, ...rest } = changes;
    const profile = { timezone: 'UTC', locale: 'en', ...withoutNulls(rest) };
    const about = attributes && { attributes: withoutNulls(attributes) as Attributes };
    return [{ type: 'UserRegistered', data: { userId, ...profile, ...about } }];
  }
  const news = differences(state, changes);
  return news ? [{ type: 'UserUpdated', data: news }] : [];
};

const decideRegistered = (
  command: Exclude<UserCommand, { readonly userId: string }>,
  state: RegisteredUser,
): readonly UserEvent[] => {
  switch (command.type) {
    case 'UpdateUser': {
      const changes = differences(state, command.changes);
      return changes ? [{ type: 'UserUpdated', data: changes }] : [];
    }
    case 'AddAddress': {
      const { channel, address, primary } = command;
      const known = findAddress(state.addresses, command);
      if (known && (known.primary || !primary)) return [];
      return [{ type: 'AddressAdded', data: { channel, address, primary } }];
    }
    case 'RemoveAddress': {
      const { channel, address } = command;
      const known = findAddress(state.addresses, command);
      return known ? [{ type: 'AddressRemoved', data: { channel, address } }] : [];
    }
    case 'VerifyAddress': {
      const { channel, address, source } = command;
      const known = findAddress(state.addresses, command);
      if (!known) throw new DomainError('NO_ADDRESS', 'the user has no such address', 'address');
      return known.verified
        ? []
        : [{ type: 'AddressVerified', data: { channel, address, source } }];
    }
    case 'RegisterDevice':
      return registerDevice(command.device, state);
    case 'RemoveDevice': {
      const { deviceId, reason } = command;
      const known = state.devices.some((device) => device.deviceId === deviceId);
      return known ? [{ type: 'DeviceRemoved', data: { deviceId, reason } }] : [];
    }
    case 'RemoveDeadTokens':
      return state.devices
        .filter((device) => command.tokens.includes(pushTokenOf(device)))
        .map(({ deviceId }) => ({
          type: 'DeviceRemoved',
          data: { deviceId, reason: 'the provider says that the token is dead' },
        }));
    case 'UpdatePreferences':
      return decidePreferences(command, state);
    case 'SetQuietHours': {
      const { windows } = command.quietHours;
      if (isSame(windows, state.quietHours?.windows ?? [])) return [];
      return [{ type: 'QuietHoursSet', data: { windows } }];
    }
    case 'RecordConsent':
      return recordConsent(command, state);
    case 'Unsubscribe': {
      const { from, source } = command;
      return covers(state.unsubscribed, from)
        ? []
        : [{ type: 'Unsubscribed', data: { ...from, source } }];
    }
    case 'Resubscribe':
      return resubscribe(command, state);
    case 'StopChannel': {
      const { channel, source } = command;
      const stopped = state.stopped.includes(channel);
      return stopped ? [] : [{ type: 'ChannelStopped', data: { channel, source } }];
    }
    case 'ResumeChannel': {
      const { channel, source } = command;
      const stopped = state.stopped.includes(channel);
      return stopped ? [{ type: 'ChannelResumed', data: { channel, source } }] : [];
    }
  }
};

/** The part of the changes that changes anything, or undefined. */
const differences = (
  { profile, addresses }: RegisteredUser,
  { attributes = {}, ...wanted }: ProfileChanges,
): ProfileChanges | undefined => {
  const news = changed(profile, wanted);
  // An address that is there, though not as the primary one, is not removed by being absent there.
  const none = (field: 'email' | 'phone', channel: 'email' | 'sms') =>
    wanted[field] === null && addresses.some((one) => one.channel === channel);
  const newAttributes = changed(profile.attributes ?? {}, attributes);
  const changes = {
    ...news,
    ...(none('email', 'email') && { email: null }),
    ...(none('phone', 'sms') && { phone: null }),
    ...(Object.keys(newAttributes).length > 0 && { attributes: newAttributes }),
  };
  return Object.keys(changes).length > 0 ? (changes as ProfileChanges) : undefined;
};

const changed = (before: object, wanted: object): Readonly<Record<string, unknown>> => {
  const known = before as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => (known[field] ?? null) !== (value ?? null)),
  );
};

const registerDevice = (device: Device, { devices }: RegisteredUser): readonly UserEvent[] => {
  const before = devices.find(({ deviceId }) => deviceId === device.deviceId);
  if (before && isSame(before, device)) return [];
  if (device.platform !== 'webpush') return [{ type: 'DeviceRegistered', data: device }];
  const { deviceId, endpoint, keys } = device;
  return [{ type: 'WebPushRegistered', data: { deviceId, endpoint, keys } }];
};

const recordConsent = (
  { channel, category, consent }: Extract<UserCommand, { type: 'RecordConsent' }>,
  state: RegisteredUser,
): readonly UserEvent[] => {
  const before = state.consents[preferenceKey(channel, category)];
  // Said again in the same words, it is the same consent; what was said before the last word is not news.
  if (before && (before.at > consent.at || isSame({ ...before, at: consent.at }, consent))) {
    return [];
  }
  return [{ type: 'ConsentRecorded', data: { channel, category, ...consent } }];
};

const resubscribe = (
  { to, source }: Extract<UserCommand, { type: 'Resubscribe' }>,
  { unsubscribed }: RegisteredUser,
): readonly UserEvent[] => {
  const { all, channels, categories, kinds = [] } = unsubscribed;
  const resubscribed: UserEvent = { type: 'Resubscribed', data: { ...to, source } };
  if (to.scope === 'all') {
    const any = all || channels.length + categories.length + kinds.length > 0;
    return any ? [resubscribed] : [];
  }
  if (all) {
    const message = 'the user unsubscribed from everything; subscribe to everything again first';
    throw new DomainError('UNSUBSCRIBED', message, 'scope');
  }
  return covers(unsubscribed, to) ? [resubscribed] : [];
};

/** Whether this very thing, or everything, was unsubscribed from. */
const covers = (
  { all, channels, categories, kinds = [] }: Unsubscriptions,
  scope: UnsubscribeScope,
): boolean => {
  if (all) return true;
  switch (scope.scope) {
    case 'all':
      return false;
    case 'channel':
      return channels.includes(scope.channel);
    case 'category':
      return categories.includes(scope.category);
    case 'kind':
      return kinds.includes(preferenceKey(scope.channel, scope.category));
  }
};

/** Whether two plain values are equal, whatever the order of their fields. */
const isSame = (a: unknown, b: unknown): boolean => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => isSame(value, right.get(key)));
};
