import type { NotificationEventOf } from '../domain/notification/events.ts';
import { addressOf, pushTokenOf } from '../domain/user/questions.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { Category, Channel } from '../domain/vocabulary.ts';
import type { RenderedMessage } from './providers/provider.ts';
import type { RenderedParts } from './render.ts';

/** What a notification asked for. */
export type Request = NotificationEventOf<'NotificationRequested'>['data'];

/** Addresses that a message carries so that news and wishes find their way back. */
export interface Links {
  /** One click, no login (RFC 8058). */
  unsubscribe(userId: string, channel: Channel, category: Category): string;
  /** The page on which the reader chooses what comes. */
  preferences(userId: string): string;
  /** The pixel that tells that an email was opened. */
  opened(notificationId: string): string;
  /** Leads on to `url` and tells that it was followed. */
  clicked(notificationId: string, url: string): string;
  /** Where a provider that is told so with each message reports, with our id. */
  statusCallback(provider: string, notificationId: string, attempt: number): string;
  /** Where a device acknowledges, and the token that lets it. */
  deviceAck(notificationId: string): { readonly url: string; readonly token: string };
}

export interface Sender {
  readonly address: string;
  readonly name: string;
}

/** The message for the provider. The user has an address for the channel: the policy saw to it. */
export const compose = (
  request: Request,
  { attempt, provider }: { readonly attempt: number; readonly provider: string },
  user: RegisteredUser,
  parts: RenderedParts,
  { links, sender }: { readonly links: Links; readonly sender: Sender },
): RenderedMessage => {
  const { notificationId, channel, category, userId } = request;
  const part = (name: string): string => parts[name] ?? '';
  const common = { notificationId, attempt };
  switch (channel) {
    case 'email': {
      const { name } = user.profile;
      const { address = '' } = addressOf(user, channel) ?? {};
      return {
        ...common,
        channel,
        to: { address, ...(name === undefined ? {} : { name }) },
        from: sender,
        subject: part('subject'),
        ...(parts['html'] === undefined ? {} : { html: parts['html'] }),
        text: part('text'),
        category,
        ...(category === 'marketing'
          ? { unsubscribeUrl: links.unsubscribe(userId, channel, category) }
          : {}),
      };
    }
    case 'sms': {
      const statusCallbackUrl = links.statusCallback(provider, notificationId, attempt);
      return {
        ...common,
        channel,
        to: addressOf(user, channel)?.address ?? '',
        body: part('body'),
        category,
        statusCallbackUrl,
      };
    }
    case 'push': {
      const { url, token } = links.deviceAck(notificationId);
      const devices = user.devices.map((device) => ({
        platform: device.platform,
        token: pushTokenOf(device),
        ...(device.platform === 'webpush' ? { keys: device.keys } : {}),
      }));
      const own = { notificationId, ackUrl: url, ackToken: token };
      const data = { ...dataIn(parts), ...own };
      return { ...common, channel, devices, title: part('title'), body: part('body'), data };
    }
    case 'in_app':
      return {
        ...common,
        channel,
        userId,
        title: part('title'),
        body: part('body'),
        ...(parts['actionUrl'] === undefined ? {} : { actionUrl: parts['actionUrl'] }),
      };
  }
};

/** Data of a push message are parts of their own: `data.orderId`. */
const dataIn = (parts: RenderedParts): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([name, text]) =>
      name.startsWith('data.') ? [[name.slice('data.'.length), text]] : [],
    ),
  );
