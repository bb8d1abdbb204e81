import type { Category, Channel } from '../vocabulary.ts';
import type {
  Consent,
  NamedAddress,
  Preference,
  Profile,
  ProfileChanges,
  QuietHours,
  TopicPreference,
  UnsubscribeScope,
} from './events.ts';
import type { Device } from './state.ts';

type Cmd<T extends string, D extends object = object> = { readonly type: T } & Readonly<D>;

/** What a user asks for about some kinds of messages and some templates. */
export interface PreferenceChanges {
  readonly changes: readonly Preference[];
  readonly topics?: readonly TopicPreference[];
}

/** `source` says where the user, or whoever speaks for them, said so. */
export type UserCommand =
  | Cmd<'RegisterUser', { readonly userId: string; readonly profile: Profile }>
  /** Registers who is not there, in UTC and English unless told otherwise; updates who is. */
  | Cmd<'SaveUser', { readonly userId: string; readonly changes: ProfileChanges }>
  | Cmd<'UpdateUser', { readonly changes: ProfileChanges }>
  | Cmd<'AddAddress', NamedAddress & { readonly primary: boolean }>
  | Cmd<'RemoveAddress', NamedAddress>
  | Cmd<'VerifyAddress', NamedAddress & { readonly source: string }>
  | Cmd<'RegisterDevice', { readonly device: Device }>
  | Cmd<'RemoveDevice', { readonly deviceId: string; readonly reason: string }>
  /** Removes the devices whose token or endpoint a push service called dead. */
  | Cmd<'RemoveDeadTokens', { readonly tokens: readonly string[] }>
  | Cmd<'UpdatePreferences', PreferenceChanges & { readonly source: string }>
  /** No windows: no quiet hours. */
  | Cmd<'SetQuietHours', { readonly quietHours: QuietHours }>
  | Cmd<
      'RecordConsent',
      { readonly channel: Channel; readonly category: Category; readonly consent: Consent }
    >
  | Cmd<'Unsubscribe', { readonly from: UnsubscribeScope; readonly source: string }>
  | Cmd<'Resubscribe', { readonly to: UnsubscribeScope; readonly source: string }>
  | Cmd<'StopChannel', { readonly channel: Channel; readonly source: string }>
  | Cmd<'ResumeChannel', { readonly channel: Channel; readonly source: string }>;
