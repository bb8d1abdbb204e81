import { createHmac, timingSafeEqual } from 'node:crypto';

const macBytes = 16;

const macOf = (purpose: string, payload: string, secret: string): Buffer =>
  createHmac('sha256', secret)
    .update(`tidings/${purpose}/1\n${payload}`)
    .digest()
    .subarray(0, macBytes);

/**
 * A text with a signature, safe in a path, forgeable only with the secret; it never expires. One of another
 * purpose is never good for this one.
 */
export const signedToken = (purpose: string, payload: string, secret: string): string =>
  Buffer.concat([macOf(purpose, payload, secret), Buffer.from(payload)]).toString('base64url');

/** What was signed, or undefined when it wasn't by one of these secrets. */
export const readSignedToken = (
  purpose: string,
  token: string,
  secrets: readonly string[],
): string | undefined => {
  const signed = Buffer.from(token, 'base64url');
  // Base64url has several spellings of the same bytes; only ours is a token.
  if (signed.length <= macBytes || signed.toString('base64url') !== token) return undefined;
  const payload = signed.subarray(macBytes).toString();
  const mac = signed.subarray(0, macBytes);
  const isOurs = secrets.some((secret) => timingSafeEqual(mac, macOf(purpose, payload, secret)));
  return isOurs ? payload : undefined;
};
