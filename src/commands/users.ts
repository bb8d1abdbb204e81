import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { PreferenceChanges, UserCommand } from '../domain/user/commands.ts';
import type {
  Consent,
  NamedAddress,
  Profile,
  ProfileChanges,
  QuietHours,
  UnsubscribeScope,
} from '../domain/user/events.ts';
import type { Device, RegisteredUser } from '../domain/user/state.ts';
import type { Category, Channel } from '../domain/vocabulary.ts';
import { users } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import { checkAddress, checkDevice, checkProfile } from './userInput.ts';
import { checkConsent, checkQuietHours } from './wishInput.ts';

/** A user as it is after the command, with the cursor to follow from. */
export interface UserChanged {
  readonly userId: string;
  readonly user: RegisteredUser;
  /** What happened; empty when it was so already. */
  readonly events: readonly string[];
  readonly cursor?: string;
}

type Changing<A extends readonly unknown[]> = (
  userId: string,
  ...args: [...A, context: CommandContext]
) => Promise<UserChanged>;

/**
 * The write API of users. Every function may be repeated; a repeat changes nothing. `source` says where
 * the user said so: `api`, `unsubscribe link`, …
 *
 * @throws DomainError UNKNOWN_USER, BAD_INPUT
 */
export interface UserCommands {
  /** @throws DomainError USER_EXISTS when registered with other details; ID_LOOKS_PERSONAL */
  readonly register: Changing<[profile: Profile]>;
  /** Registers who is not there, updates who is. @throws DomainError ID_LOOKS_PERSONAL */
  readonly save: Changing<[changes: ProfileChanges]>;
  readonly update: Changing<[changes: ProfileChanges]>;
  readonly addAddress: Changing<[address: NamedAddress, primary: boolean]>;
  readonly removeAddress: Changing<[address: NamedAddress]>;
  /** @throws DomainError NO_ADDRESS */
  readonly verifyAddress: Changing<[address: NamedAddress, source: string]>;
  readonly registerDevice: Changing<[device: Device]>;
  readonly removeDevice: Changing<[deviceId: string, reason: string]>;
  /** Removes the devices whose tokens a provider called dead. */
  readonly removeDeadTokens: Changing<[tokens: readonly string[]]>;
  /** @throws DomainError UNSUBSCRIBED, UNKNOWN_TEMPLATE, REQUIRED_TOPIC */
  readonly updatePreferences: Changing<[changes: PreferenceChanges, source: string]>;
  /** No windows: no quiet hours. */
  readonly setQuietHours: Changing<[quietHours: QuietHours]>;
  readonly recordConsent: Changing<[channel: Channel, category: Category, consent: Consent]>;
  readonly unsubscribe: Changing<[from: UnsubscribeScope, source: string]>;
  /** @throws DomainError UNSUBSCRIBED from everything, when it is to be lifted for a part only */
  readonly resubscribe: Changing<[to: UnsubscribeScope, source: string]>;
  readonly stopChannel: Changing<[channel: Channel, source: string]>;
  readonly resumeChannel: Changing<[channel: Channel, source: string]>;
}

/** What the commands of users ask of templates. */
export interface TopicPorts {
  /** Whether readers can't switch this template off; undefined when there is no such template. */
  isRequired(template: string): Promise<boolean | undefined>;
}

export const createUserCommands = (execute: Execute, topics: TopicPorts): UserCommands => {
  const change = async (userId: string, command: UserCommand, context: CommandContext) => {
    checkIdentifier(userId, 'userId');
    const { state, events, cursor } = await execute(users, userId, [command], context);
    if (state.status === 'none') throw new DomainError('UNKNOWN_USER', 'no such user', 'userId');
    const types = events.map(({ type }) => type);
    return { userId, user: state, events: types, ...(cursor === undefined ? {} : { cursor }) };
  };

  const checkTopics = async ({ topics: wanted = [] }: PreferenceChanges): Promise<void> => {
    for (const { topic, enabled } of wanted) {
      const required = await topics.isRequired(topic);
      const name = JSON.stringify(topic.slice(0, 64));
      if (required === undefined) {
        throw new DomainError('UNKNOWN_TEMPLATE', `there is no template ${name}`, 'topics');
      }
      if (required && !enabled) {
        throw new DomainError('REQUIRED_TOPIC', `${name} can't be switched off`, 'topics');
      }
    }
  };

  return {
    register: async (userId, profile, context) => {
      checkProfile(profile);
      return change(userId, { type: 'RegisterUser', userId, profile }, context);
    },
    save: async (userId, changes, context) => {
      checkProfile(changes);
      return change(userId, { type: 'SaveUser', userId, changes }, context);
    },
    update: async (userId, changes, context) => {
      checkProfile(changes);
      return change(userId, { type: 'UpdateUser', changes }, context);
    },
    addAddress: async (userId, address, primary, context) => {
      checkAddress(address);
      return change(userId, { type: 'AddAddress', ...address, primary }, context);
    },
    removeAddress: (userId, address, context) =>
      change(userId, { type: 'RemoveAddress', ...address }, context),
    verifyAddress: (userId, address, source, context) =>
      change(userId, { type: 'VerifyAddress', ...address, source }, context),
    registerDevice: async (userId, device, context) => {
      checkDevice(device);
      return change(userId, { type: 'RegisterDevice', device }, context);
    },
    removeDevice: (userId, deviceId, reason, context) =>
      change(userId, { type: 'RemoveDevice', deviceId, reason }, context),
    removeDeadTokens: (userId, tokens, context) =>
      change(userId, { type: 'RemoveDeadTokens', tokens }, context),
    updatePreferences: async (userId, changes, source, context) => {
      await checkTopics(changes);
      return change(userId, { type: 'UpdatePreferences', ...changes, source }, context);
    },
    setQuietHours: async (userId, quietHours, context) => {
      checkQuietHours(quietHours);
      return change(userId, { type: 'SetQuietHours', quietHours }, context);
    },
    recordConsent: async (userId, channel, category, consent, context) => {
      checkConsent(consent);
      return change(userId, { type: 'RecordConsent', channel, category, consent }, context);
    },
    unsubscribe: (userId, from, source, context) =>
      change(userId, { type: 'Unsubscribe', from, source }, context),
    resubscribe: (userId, to, source, context) =>
      change(userId, { type: 'Resubscribe', to, source }, context),
    stopChannel: (userId, channel, source, context) =>
      change(userId, { type: 'StopChannel', channel, source }, context),
    resumeChannel: (userId, channel, source, context) =>
      change(userId, { type: 'ResumeChannel', channel, source }, context),
  };
};
