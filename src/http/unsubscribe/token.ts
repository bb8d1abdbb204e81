import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Category, type Channel, categories, channels } from '../../domain/vocabulary.ts';

/** What an unsubscribe link names: one person, one channel, one kind of message. */
export interface Unsubscription {
  readonly userId: string;
  readonly channel: Channel;
  readonly category: Category;
}

const macBytes = 16;

const macOf = (payload: string, secret: string): Buffer =>
  createHmac('sha256', secret)
    .update(`tidings/unsubscribe/1\n${payload}`)
    .digest()
    .subarray(0, macBytes);

/**
 * The token of an unsubscribe link: at most 198 characters, safe in a path, forgeable only with the
 * secret. It never expires (facts L5) and may be used again and again.
 */
export const unsubscribeToken = (
  userId: string,
  channel: Channel,
  category: Category,
  secret: string,
): string => {
  const payload = `${channels.indexOf(channel)}${categories.indexOf(category)}${userId}`;
  const signed = Buffer.concat([macOf(payload, secret), Buffer.from(payload)]);
  return signed.toString('base64url');
};

/** What a token names, or undefined when it isn't ours. */
export const readUnsubscribeToken = (
  token: string,
  ...secrets: readonly string[]
): Unsubscription | undefined => {
  const signed = Buffer.from(token, 'base64url');
  // Base64url has several spellings of the same bytes; only ours is a token.
  if (signed.length <= macBytes || signed.toString('base64url') !== token) return undefined;
  const payload = signed.subarray(macBytes).toString();
  const mac = signed.subarray(0, macBytes);
  if (!secrets.some((secret) => timingSafeEqual(mac, macOf(payload, secret)))) return undefined;
  const channel = channels[Number(payload[0])];
  const category = categories[Number(payload[1])];
  return channel && category ? { userId: payload.slice(2), channel, category } : undefined;
};
