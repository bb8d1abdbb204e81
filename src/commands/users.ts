import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { UserCommand } from '../domain/user/commands.ts';
import type { Preference, Profile, ProfileChanges } from '../domain/user/events.ts';
import type { Device, RegisteredUser } from '../domain/user/state.ts';
import { users } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import { checkDevice, checkProfile } from './userInput.ts';

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
      checkDevice(device);
      return change(userId, { type: 'RegisterDevice', device }, context);
    },
    removeDevice: (userId, deviceId, reason, context) =>
      change(userId, { type: 'RemoveDevice', deviceId, reason }, context),
    removeDeadTokens: (userId, tokens, context) =>
      change(userId, { type: 'RemoveDeadTokens', tokens }, context),
    updatePreferences: (userId, changes, source, context) =>
      change(userId, { type: 'UpdatePreferences', changes, source }, context),
  };
};
