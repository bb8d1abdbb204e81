import { type Category, type Channel, categories, channels } from '../vocabulary.ts';
import { type Address, primaryOf } from './addresses.ts';
import type { AddressChannel, Preference } from './events.ts';
import {
  type Device,
  preferenceKey,
  type RegisteredUser,
  topicKey,
  type Unsubscriptions,
} from './state.ts';

/** The address that messages over this channel go to. */
export const addressOf = (
  { addresses }: Pick<RegisteredUser, 'addresses'>,
  channel: AddressChannel,
): Address | undefined => primaryOf(addresses, channel);

/** The same on any channel; nothing where a channel knows no addresses. */
export const addressFor = (
  user: Pick<RegisteredUser, 'addresses'>,
  channel: Channel,
): string | undefined =>
  channel === 'email' || channel === 'sms' ? addressOf(user, channel)?.address : undefined;

/** Whether there is anywhere to send to. An inbox is always there. */
export const hasAddress = (
  of: Pick<RegisteredUser, 'addresses' | 'devices'>,
  channel: Channel,
): boolean => {
  switch (channel) {
    case 'email':
    case 'sms':
      return addressOf(of, channel) !== undefined;
    case 'push':
      return of.devices.length > 0;
    case 'in_app':
      return true;
  }
};

/** What a push service knows a device by. */
export const pushTokenOf = (device: Device): string =>
  device.platform === 'webpush' ? device.endpoint : device.token;

/** What a preference is asked for. */
export interface PreferenceQuestion {
  readonly channel: Channel;
  readonly category: Category;
  /** The template's name. */
  readonly topic?: string;
}

/** The most specific preference that was set for this; its key with `preference:` is that of `because`. */
export const preferenceFor = (
  { preferences }: Pick<RegisteredUser, 'preferences'>,
  { channel, category, topic }: PreferenceQuestion,
): { readonly key: string; readonly enabled: boolean } => {
  const general = preferenceKey(channel, category);
  const specific = topic === undefined ? [] : [topicKey(topic, channel), topicKey(topic)];
  const key = specific.find((one) => preferences[one] !== undefined) ?? general;
  return { key, enabled: preferences[key] ?? true };
};

/**
 * The widest thing that the user unsubscribed from and that covers this: `all`, a channel, a category or a
 * kind such as `marketing:email`. With `unsubscribed:` before it, it is the key of `because`.
 */
export const unsubscribedBy = (
  { unsubscribed }: { readonly unsubscribed: Unsubscriptions },
  channel: Channel,
  category: Category,
): string | undefined => {
  if (unsubscribed.all) return 'all';
  if (unsubscribed.channels.includes(channel)) return channel;
  if (unsubscribed.categories.includes(category)) return category;
  const kind = preferenceKey(channel, category);
  return unsubscribed.kinds?.includes(kind) ? kind : undefined;
};

/** What preferences and unsubscriptions together say: whether such a message is wanted. */
export const isEnabled = (
  user: Pick<RegisteredUser, 'preferences' | 'unsubscribed'>,
  channel: Channel,
  category: Category,
): boolean =>
  unsubscribedBy(user, channel, category) === undefined &&
  preferenceFor(user, { channel, category }).enabled;

/** Every channel and category with what holds for it, in a fixed order. */
export const allPreferences = (
  of: Pick<RegisteredUser, 'preferences' | 'unsubscribed'>,
): readonly Preference[] =>
  channels.flatMap((channel) =>
    categories.map((category) => ({
      channel,
      category,
      enabled: isEnabled(of, channel, category),
    })),
  );
