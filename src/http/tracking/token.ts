import { readSignedToken, signedToken } from '../signedToken.ts';

/** Names one notification, as the picture in its email. */
export const openToken = (notificationId: string, secret: string): string =>
  signedToken('open', notificationId, secret);

/** Names one notification and the link in its email that it stands for. */
export const clickToken = (notificationId: string, url: string, secret: string): string =>
  signedToken('click', `${notificationId}\n${url}`, secret);

/** The notification of a picture, or undefined when the token isn't ours. */
export const readOpenToken = (token: string, secrets: readonly string[]): string | undefined =>
  readSignedToken('open', token, secrets);

/** What a followed link stands for, or undefined when the token isn't ours. */
export const readClickToken = (
  token: string,
  secrets: readonly string[],
): { readonly notificationId: string; readonly url: string } | undefined => {
  const payload = readSignedToken('click', token, secrets);
  if (payload === undefined) return undefined;
  const end = payload.indexOf('\n');
  return { notificationId: payload.slice(0, end), url: payload.slice(end + 1) };
};
