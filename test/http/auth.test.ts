import { createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import {
  createAuthenticator,
  type Principal,
  signToken,
  verifyToken,
} from '../../src/http/auth.ts';

const secret = 'a secret of the test that is long enough';
const now = new Date('2027-01-01T00:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
const service: Principal = { role: 'service', clientId: 'shop' };
const seconds = Math.floor(now.getTime() / 1_000);
const good = {
  iss: 'tidings',
  aud: 'tidings-api',
  sub: 'shop',
  role: 'service',
  iat: seconds,
  exp: seconds + 60,
};

const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of any claims, signed rightly. */
const forge = (
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = { alg: 'HS256', typ: 'JWT' },
  key = secret,
): string => {
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
};

const without = (claim: keyof typeof good) =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== claim));

describe('a token', () => {
  test.each<Principal>([
    service,
    { role: 'admin', clientId: 'operator' },
    { role: 'user', clientId: 'inbox', userId: 'ada' },
  ])('of role $role comes back as the principal it was signed for', async (principal) => {
    const token = await signToken(principal, secret, { now, lifetimeSeconds: 60 });
    await expect(verifyToken(token, secret, later(59))).resolves.toEqual(principal);
  });

  test('ends when its time is over', async () => {
    const token = await signToken(service, secret, { now, lifetimeSeconds: 60 });
    await expect(verifyToken(token, secret, later(66))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('expired'),
    });
  });

  test.each([
    ['no expiry', forge(without('exp'))],
    ['no subject', forge(without('sub'))],
    ['no time of issue', forge(without('iat'))],
    ['no issuer', forge(without('iss'))],
    ['no audience', forge(without('aud'))],
    ['no role', forge(without('role'))],
    ['another issuer', forge({ ...good, iss: 'someone' })],
    ['another audience', forge({ ...good, aud: 'elsewhere' })],
    ['an unknown role', forge({ ...good, role: 'root' })],
    ['role user and no user', forge({ ...good, role: 'user' })],
    ['role service and a user', forge({ ...good, userId: 'ada' })],
    ['a subject that is an address', forge({ ...good, sub: 'a@b.c' })],
    ['a time of issue to come', forge({ ...good, iat: seconds + 3_600, exp: seconds + 7_200 })],
    ['a start to come', forge({ ...good, nbf: seconds + 3_600 })],
    ['a life of more than 31 days', forge({ ...good, iat: seconds - 32 * 86_400 })],
    [
      'another secret',
      forge(good, { alg: 'HS256', typ: 'JWT' }, 'another secret that is long too'),
    ],
    ['another type', forge(good, { alg: 'HS256', typ: 'at+jwt' })],
    ['no type', forge(good, { alg: 'HS256' })],
    ['algorithm none', `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(good)}.`],
    ['algorithm HS512 in its header', forge(good, { alg: 'HS512', typ: 'JWT' })],
    ['a critical extension', forge(good, { alg: 'HS256', typ: 'JWT', crit: ['x'], x: 1 })],
    ['two parts', forge(good).split('.').slice(0, 2).join('.')],
    ['a changed claim', forge(good).replace(encoded(good), encoded({ ...good, role: 'admin' }))],
    ['no text', ''],
    ['nonsense', 'nonsense'],
  ])('with %s is refused', async (_what, token) => {
    await expect(verifyToken(token, secret, now)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  test('signed by a private key is refused', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const token = await new SignJWT(good)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .sign(privateKey);
    await expect(verifyToken(token, secret, now)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  test('is not signed for longer than 31 days', async () => {
    const options = { now, lifetimeSeconds: 32 * 86_400 };
    await expect(signToken(service, secret, options)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});

describe('an authenticator', () => {
  test('turns away a token that it knew, once it has expired', async () => {
    let at = now;
    const authenticator = createAuthenticator(secret, () => at);
    const token = await signToken(service, secret, { now, lifetimeSeconds: 60 });
    await expect(authenticator.identify(`Bearer ${token}`)).resolves.toEqual(service);
    await expect(authenticator.identify(`bearer ${token}`)).resolves.toEqual(service);
    at = later(66);
    await expect(authenticator.identify(`Bearer ${token}`)).resolves.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  test.each([undefined, '', 'Basic abc', 'Bearer', 'Bearer a b'])(
    'takes %p for nobody',
    async (header) => {
      const authenticator = createAuthenticator(secret, () => now);
      await expect(authenticator.identify(header)).resolves.toMatchObject({
        code: 'UNAUTHENTICATED',
      });
    },
  );
});
