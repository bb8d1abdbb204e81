import { type Category, type Channel, categories, channels } from '../../domain/vocabulary.ts';
import { readSignedToken, signedToken } from '../signedToken.ts';

/** What an unsubscribe link names: one person, one channel, one kind of message. */
export interface Unsubscription {
  readonly userId: string;
  readonly channel: Channel;
  readonly category: Category;
}

const purpose = 'unsubscribe';

/**
 * The token of an unsubscribe link: at most 198 characters, safe in a path, forgeable only with the
 * secret. It never expires (facts L5) and may be used again and again.
 */
export const unsubscribeToken = (
  userId: string,
  channel: Channel,
  category: Category,
  secret: string,
): string =>
  signedToken(
    purpose,
    `${channels.indexOf(channel)}${categories.indexOf(category)}${userId}`,
    secret,
  );

/** What a token names, or undefined when it isn't ours. */
export const readUnsubscribeToken = (
  token: string,
  ...secrets: readonly string[]
): Unsubscription | undefined => {
  const payload = readSignedToken(purpose, token, secrets);
  if (payload === undefined) return undefined;
  const channel = channels[Number(payload[0])];
  const category = categories[Number(payload[1])];
  return channel && category ? { userId: payload.slice(2), channel, category } : undefined;
};
