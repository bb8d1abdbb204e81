import { readSignedToken, signedToken } from '../signedToken.ts';

const purpose = 'preferences';

/** The token of the link to somebody's preference page: at most 192 characters, and it never expires. */
export const preferencesToken = (userId: string, secret: string): string =>
  signedToken(purpose, userId, secret);

/** Whose page it is, or undefined when the token isn't ours. */
export const readPreferencesToken = (
  token: string,
  secrets: readonly string[],
): string | undefined => readSignedToken(purpose, token, secrets);
