import type { Event } from '../decider.ts';
import type { SchemasOf } from '../schema.ts';
import type { Category, Channel, Instant, Scalar } from '../vocabulary.ts';

export const userStream = (userId: string): string => `user-${userId}`;

/** What an integration knows of a user beside that, for segments and templates: `plan`, `seats`, … */
export type Attributes = Readonly<Record<string, Scalar>>;

/** Who a user is and in whose words; `null` in a change removes a value. */
export interface Profile {
  readonly name?: string;
  /** The primary address; all of them are in the state's `addresses`. */
  readonly email?: string;
  /** The primary number, E.164, for instance +4915112345678. */
  readonly phone?: string;
  /** IANA time zone. */
  readonly timezone: string;
  /** BCP 47. */
  readonly locale: string;
  readonly attributes?: Attributes;
}

export type ProfileChanges = {
  readonly [F in Exclude<keyof Profile, 'attributes'>]?:
    Profile[F] | (F extends 'timezone' | 'locale' ? never : null);
} & {
  /** What is named is changed, the others stay. */
  readonly attributes?: Readonly<Record<string, Scalar | null>>;
};

/** Channels on which a user may have several addresses. */
export const addressChannels = ['email', 'sms'] as const;
export type AddressChannel = (typeof addressChannels)[number];

export interface NamedAddress {
  readonly channel: AddressChannel;
  /** A mailbox, or a number in E.164. */
  readonly address: string;
}

/** Platforms that know a device by a token. */
export type TokenPlatform = 'fcm' | 'apns';

export interface TokenDevice {
  readonly deviceId: string;
  readonly platform: TokenPlatform;
  readonly token: string;
}

/** A browser's subscription as `PushSubscription.toJSON()` gives it (RFC 8030, RFC 8291). */
export interface WebPushSubscription {
  readonly deviceId: string;
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface Preference {
  readonly channel: Channel;
  readonly category: Category;
  readonly enabled: boolean;
}

/** For one template, over one channel or, without it, over all of them. */
export interface TopicPreference {
  readonly topic: string;
  readonly channel?: Channel;
  readonly enabled: boolean;
}

/** One time of the day, on the days on which it starts. */
export interface QuietWindow {
  /** ISO weekdays, 1 is Monday. */
  readonly days: readonly number[];
  /** HH:mm, in the user's zone. */
  readonly from: string;
  /** HH:mm; at or before `from` it is on the next day. */
  readonly to: string;
}

export interface QuietHours {
  readonly windows: readonly QuietWindow[];
}

/** What somebody agreed to, or took back, and how it can be shown (facts G21). */
export interface Consent {
  readonly given: boolean;
  /** The exact words that were agreed to. */
  readonly wording: string;
  /** Where it was said: `signup form`, `phone`, … */
  readonly source: string;
  /** When it was said. */
  readonly at: Instant;
  /** What proves it. */
  readonly evidence?: string;
  /** From then on it no longer holds (implied consent, facts L25). */
  readonly expiresAt?: Instant;
  /** The words say that it is noted whether messages are opened and links followed. */
  readonly tracking?: boolean;
}

/** What somebody wants no more of. */
export type UnsubscribeScope =
  | { readonly scope: 'all' }
  | { readonly scope: 'channel'; readonly channel: Channel }
  | { readonly scope: 'category'; readonly category: Category }
  /** One category over one channel, whatever was said about single templates. */
  | { readonly scope: 'kind'; readonly channel: Channel; readonly category: Category };

/** A scope as it is stored; `source` says where it was said: `unsubscribe link`, `api`, … */
interface Scoped {
  readonly scope: UnsubscribeScope['scope'];
  readonly channel?: Channel;
  readonly category?: Category;
  readonly source: string;
}

export type UserEvent =
  | Event<'UserRegistered', Profile & { readonly userId: string }>
  | Event<'UserUpdated', ProfileChanges>
  | Event<'AddressAdded', NamedAddress & { readonly primary: boolean }>
  | Event<'AddressRemoved', NamedAddress>
  | Event<'AddressVerified', NamedAddress & { readonly source: string }>
  | Event<'DeviceRegistered', TokenDevice>
  | Event<'WebPushRegistered', WebPushSubscription>
  | Event<'DeviceRemoved', { readonly deviceId: string; readonly reason: string }>
  | Event<
      'PreferencesUpdated',
      { readonly changes: readonly Preference[]; readonly source: string }
    >
  | Event<
      'TopicPreferencesUpdated',
      { readonly changes: readonly TopicPreference[]; readonly source: string }
    >
  | Event<'QuietHoursSet', QuietHours>
  | Event<'ConsentRecorded', Consent & { readonly channel: Channel; readonly category: Category }>
  | Event<'Unsubscribed', Scoped>
  | Event<'Resubscribed', Scoped>
  | Event<'ChannelStopped', { readonly channel: Channel; readonly source: string }>
  | Event<'ChannelResumed', { readonly channel: Channel; readonly source: string }>;

const profile = {
  name: 'contact',
  email: 'contact',
  phone: 'contact',
  timezone: 'none',
  locale: 'none',
  attributes: 'contact',
} as const;
const address = { channel: 'none', address: 'contact' } as const;
const scoped = { scope: 'none', channel: 'none', category: 'none', source: 'none' } as const;
// Version 2 adds what may be absent: `attributes`, `tracking`.
const unchanged = { 1: (data: Record<string, unknown>) => data };

export const userSchemas: SchemasOf<UserEvent> = {
  UserRegistered: {
    version: 2,
    fields: { userId: 'identifier', ...profile },
    upcasters: unchanged,
  },
  UserUpdated: { version: 2, fields: profile, upcasters: unchanged },
  AddressAdded: { version: 1, fields: { ...address, primary: 'none' } },
  AddressRemoved: { version: 1, fields: address },
  AddressVerified: { version: 1, fields: { ...address, source: 'none' } },
  DeviceRegistered: {
    version: 1,
    fields: { deviceId: 'identifier', platform: 'none', token: 'contact' },
  },
  WebPushRegistered: {
    version: 1,
    fields: { deviceId: 'identifier', endpoint: 'contact', keys: 'contact' },
  },
  DeviceRemoved: { version: 1, fields: { deviceId: 'identifier', reason: 'none' } },
  PreferencesUpdated: { version: 1, fields: { changes: 'none', source: 'none' } },
  TopicPreferencesUpdated: { version: 1, fields: { changes: 'none', source: 'none' } },
  QuietHoursSet: { version: 1, fields: { windows: 'none' } },
  ConsentRecorded: {
    version: 2,
    fields: {
      channel: 'none',
      category: 'none',
      given: 'none',
      wording: 'content',
      source: 'none',
      at: 'none',
      evidence: 'content',
      expiresAt: 'none',
      tracking: 'none',
    },
    upcasters: unchanged,
  },
  Unsubscribed: { version: 1, fields: scoped },
  Resubscribed: { version: 1, fields: scoped },
  ChannelStopped: { version: 1, fields: { channel: 'none', source: 'none' } },
  ChannelResumed: { version: 1, fields: { channel: 'none', source: 'none' } },
};
