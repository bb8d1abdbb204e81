import { IANAZone } from 'luxon';
import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type {
  Device,
  Preference,
  Profile,
  ProfileChanges,
  RegisteredUser,
  UserCommand,
} from '../domain/user/user.ts';
import { users } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';

/** A user as it is after the command, with the cursor to follow from. */
export interface UserChanged {
  readonly userId: string;
  readonly user: RegisteredUser;
  readonly cursor?: string;
}

/** The write API of users. Every function may be repeated; a repeat changes nothing. */
export interface UserCommands {
  /** @throws DomainError USER_EXISTS when registered with other details; BAD_INPUT; ID_LOOKS_PERSONAL */
  register(userId: string, profile: Profile, context: CommandContext): Promise<UserChanged>;
  /** @throws DomainError UNKNOWN_USER, BAD_INPUT */
  update(userId: string, changes: ProfileChanges, context: CommandContext): Promise<UserChanged>;
  registerDevice(userId: string, device: Device, context: CommandContext): Promise<UserChanged>;
  removeDevice(
    userId: string,
    deviceId: string,
    reason: string,
    context: CommandContext,
  ): Promise<UserChanged>;
  /** Removes the devices whose tokens a provider called dead. */
  removeDeadTokens(
    userId: string,
    tokens: readonly string[],
    context: CommandContext,
  ): Promise<UserChanged>;
  /** `source` says where the user said so: `api`, `unsubscribe link`, … */
  updatePreferences(
    userId: string,
    changes: readonly Preference[],
    source: string,
    context: CommandContext,
  ): Promise<UserChanged>;
}

export const createUserCommands = (execute: Execute): UserCommands => {
  const change = async (userId: string, command: UserCommand, context: CommandContext) => {
    checkIdentifier(userId, 'userId');
    const { state, cursor } = await execute(users, userId, [command], context);
    if (state.status === 'none') throw new DomainError('UNKNOWN_USER', 'no such user', 'userId');
    return { userId, user: state, ...(cursor === undefined ? {} : { cursor }) };
  };
  return {
    register: (userId, profile, context) => {
      checkProfile(profile);
      return change(userId, { type: 'RegisterUser', userId, profile }, context);
    },
    update: (userId, changes, context) => {
      checkProfile(changes);
      return change(userId, { type: 'UpdateUser', changes }, context);
    },
    registerDevice: (userId, device, context) => {
      checkIdentifier(device.deviceId, 'deviceId');
      if (!/^[\x21-\x7e]{1,4096}$/.test(device.token))
        throw bad('token', 'must be printable ASCII');
      return change(userId, { type: 'RegisterDevice', ...device }, context);
    },
    removeDevice: (userId, deviceId, reason, context) =>
      change(userId, { type: 'RemoveDevice', deviceId, reason }, context),
    removeDeadTokens: (userId, tokens, context) =>
      change(userId, { type: 'RemoveDeadTokens', tokens }, context),
    updatePreferences: (userId, changes, source, context) =>
      change(userId, { type: 'UpdatePreferences', changes, source }, context),
  };
};

const bad = (field: string, what: string): DomainError =>
  new DomainError('BAD_INPUT', `${field} ${what}`, field);

const control = /[\p{Cc}\u2028\u2029]/u;
// One address, no display name, no list, nothing that a mail header could be split by (facts H3, H4).
const oneAddress = /^[^\s@<>(),;:"[\]\\]{1,64}@[^\s@<>(),;:"[\]\\]{1,255}$/u;

const checkProfile = (profile: ProfileChanges): void => {
  const { name, email, phone, timezone, locale } = profile;
  if (name != null && (name.length > 256 || control.test(name))) {
    throw bad('name', 'must have at most 256 characters, none of them a control character');
  }
  if (email != null && (!oneAddress.test(email) || control.test(email))) {
    throw bad('email', 'must be one email address');
  }
  if (phone != null && !/^\+[1-9]\d{6,14}$/.test(phone)) {
    throw bad('phone', 'must be in E.164 form, such as +4915112345678');
  }
  if (timezone !== undefined && !IANAZone.isValidZone(timezone)) {
    throw bad('timezone', 'must be an IANA time zone, such as Europe/Berlin');
  }
  if (locale !== undefined && !isLocale(locale))
    throw bad('locale', 'must be a BCP 47 tag, such as de-AT');
};

const isLocale = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
};
