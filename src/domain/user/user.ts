import type { Decider, Event } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { SchemasOf } from '../schema.ts';
import { type Category, type Channel, categories, channels } from '../vocabulary.ts';

export const userStream = (userId: string): string => `user-${userId}`;

/** How a user is reached and in whose words; `null` in a change removes a value. */
export interface Profile {
  readonly name?: string;
  readonly email?: string;
  /** E.164, for instance +4915112345678. */
  readonly phone?: string;
  /** IANA time zone. */
  readonly timezone: string;
  /** BCP 47. */
  readonly locale: string;
}

export type ProfileChanges = {
  readonly [F in keyof Profile]?: Profile[F] | (F extends 'timezone' | 'locale' ? never : null);
};

export interface Preference {
  readonly channel: Channel;
  readonly category: Category;
  readonly enabled: boolean;
}

export type Platform = 'fcm';

export type UserEvent =
  | Event<'UserRegistered', Profile & { readonly userId: string }>
  | Event<'UserUpdated', ProfileChanges>
  | Event<
      'DeviceRegistered',
      { readonly deviceId: string; readonly platform: Platform; readonly token: string }
    >
  | Event<'DeviceRemoved', { readonly deviceId: string; readonly reason: string }>
  | Event<
      'PreferencesUpdated',
      { readonly changes: readonly Preference[]; readonly source: string }
    >;

const profile = {
  name: 'contact',
  email: 'contact',
  phone: 'contact',
  timezone: 'none',
  locale: 'none',
} as const;

export const userSchemas: SchemasOf<UserEvent> = {
  UserRegistered: { version: 1, fields: { userId: 'identifier', ...profile } },
  UserUpdated: { version: 1, fields: profile },
  DeviceRegistered: {
    version: 1,
    fields: { deviceId: 'identifier', platform: 'none', token: 'contact' },
  },
  DeviceRemoved: { version: 1, fields: { deviceId: 'identifier', reason: 'none' } },
  PreferencesUpdated: { version: 1, fields: { changes: 'none', source: 'none' } },
};

export interface Device {
  readonly deviceId: string;
  readonly platform: Platform;
  readonly token: string;
}

/** `marketing:email` → false and so on; what is absent is enabled (the seed's default). */
export type Preferences = Readonly<Record<string, boolean>>;

export const preferenceKey = (channel: Channel, category: Category): string =>
  `${category}:${channel}`;

export type UserState =
  | { readonly status: 'none' }
  | {
      readonly status: 'registered';
      readonly profile: Profile;
      readonly devices: readonly Device[];
      readonly preferences: Preferences;
    };

export type RegisteredUser = Extract<UserState, { status: 'registered' }>;

const evolve = (state: UserState, event: UserEvent): UserState => {
  if (event.type === 'UserRegistered') {
    const { userId: _, ...registered } = event.data;
    return { status: 'registered', profile: registered, devices: [], preferences: {} };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'UserUpdated':
      return { ...state, profile: changed(state.profile, event.data) };
    case 'DeviceRegistered': {
      const others = state.devices.filter((d) => d.deviceId !== event.data.deviceId);
      return { ...state, devices: [...others, event.data] };
    }
    case 'DeviceRemoved': {
      const devices = state.devices.filter((d) => d.deviceId !== event.data.deviceId);
      return { ...state, devices };
    }
    case 'PreferencesUpdated':
      return { ...state, preferences: withChanges(state.preferences, event.data.changes) };
    default:
      return state;
  }
};

const changed = (before: Profile, changes: ProfileChanges): Profile => {
  const entries = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as unknown as Profile;
};

const withChanges = (before: Preferences, changes: readonly Preference[]): Preferences => ({
  ...before,
  ...Object.fromEntries(changes.map((c) => [preferenceKey(c.channel, c.category), c.enabled])),
});

export type UserCommand =
  | { readonly type: 'RegisterUser'; readonly userId: string; readonly profile: Profile }
  | { readonly type: 'UpdateUser'; readonly changes: ProfileChanges }
  | ({ readonly type: 'RegisterDevice' } & Device)
  | { readonly type: 'RemoveDevice'; readonly deviceId: string; readonly reason: string }
  | { readonly type: 'RemoveDeadTokens'; readonly tokens: readonly string[] }
  | {
      readonly type: 'UpdatePreferences';
      readonly changes: readonly Preference[];
      readonly source: string;
    };

const decide = (command: UserCommand, state: UserState): readonly UserEvent[] => {
  if (command.type === 'RegisterUser') {
    const { userId, profile: wanted } = command;
    if (state.status === 'none') {
      return [{ type: 'UserRegistered', data: { userId, ...wanted } }];
    }
    if (differences(state.profile, wanted) === undefined) return [];
    throw new DomainError(
      'USER_EXISTS',
      `user ${userId} is registered with other details`,
      'userId',
    );
  }
  if (state.status === 'none') {
    throw new DomainError('UNKNOWN_USER', 'there is no such user', 'userId');
  }
  switch (command.type) {
    case 'UpdateUser': {
      const changes = differences(state.profile, command.changes);
      return changes ? [{ type: 'UserUpdated', data: changes }] : [];
    }
    case 'RegisterDevice': {
      const { deviceId, platform, token } = command;
      const known = state.devices.some((d) => d.deviceId === deviceId && d.token === token);
      return known ? [] : [{ type: 'DeviceRegistered', data: { deviceId, platform, token } }];
    }
    case 'RemoveDevice': {
      const { deviceId, reason } = command;
      const known = state.devices.some((d) => d.deviceId === deviceId);
      return known ? [{ type: 'DeviceRemoved', data: { deviceId, reason } }] : [];
    }
    case 'RemoveDeadTokens':
      return state.devices
        .filter((d) => command.tokens.includes(d.token))
        .map(({ deviceId }) => ({
          type: 'DeviceRemoved',
          data: { deviceId, reason: 'the provider says that the token is dead' },
        }));
    case 'UpdatePreferences': {
      const wanted = new Map(command.changes.map((c) => [preferenceKey(c.channel, c.category), c]));
      const news = [...wanted.values()].filter(
        (c) => isEnabled(state, c.channel, c.category) !== c.enabled,
      );
      const { source } = command;
      return news.length > 0
        ? [{ type: 'PreferencesUpdated', data: { changes: news, source } }]
        : [];
    }
  }
};

/** The part of the changes that changes anything, or undefined. */
const differences = (before: Profile, wanted: ProfileChanges): ProfileChanges | undefined => {
  const entries = Object.entries(wanted).filter(
    ([field, value]) => (before[field as keyof Profile] ?? null) !== (value ?? null),
  );
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};

export const user: Decider<UserState, UserCommand, UserEvent> = {
  initialState: { status: 'none' },
  decide,
  evolve,
};

export const isEnabled = (
  { preferences }: Pick<RegisteredUser, 'preferences'>,
  channel: Channel,
  category: Category,
): boolean => preferences[preferenceKey(channel, category)] ?? true;

/** Every channel and category with its setting, in a fixed order. */
export const allPreferences = (of: Pick<RegisteredUser, 'preferences'>): readonly Preference[] =>
  channels.flatMap((channel) =>
    categories.map((category) => ({
      channel,
      category,
      enabled: isEnabled(of, channel, category),
    })),
  );

/** Whether there is anywhere to send to. An inbox is always there. */
export const hasAddress = (of: Pick<RegisteredUser, 'profile' | 'devices'>, channel: Channel) => {
  switch (channel) {
    case 'email':
      return of.profile.email !== undefined;
    case 'sms':
      return of.profile.phone !== undefined;
    case 'push':
      return of.devices.length > 0;
    case 'in_app':
      return true;
  }
};
