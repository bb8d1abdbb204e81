import { createSecretKey } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import { type Identity, type Principal, roles } from '../graphql/principal.ts';

export type { Principal } from '../graphql/principal.ts';

const issuer = 'tidings';
const audience = 'tidings-api';
const day = 24 * 3_600;
/** No token is accepted longer than this after it was signed, whatever it says. */
export const longestLifetimeSeconds = 31 * day;
const clockToleranceSeconds = 5;

/** Signs a token that `verifyToken` accepts until `lifetimeSeconds` (at most 31 days) have passed. */
export const signToken = async (
  principal: Principal,
  secret: string,
  { now, lifetimeSeconds }: { readonly now: Date; readonly lifetimeSeconds: number },
): Promise<string> => {
  if (lifetimeSeconds <= 0 || lifetimeSeconds > longestLifetimeSeconds) {
    throw new DomainError('BAD_INPUT', 'a token lives at most 31 days', 'lifetimeSeconds');
  }
  const { role, clientId, userId } = principal;
  const claims = claimsSchema.parse({ role, sub: clientId, userId });
  const issuedAt = Math.floor(now.getTime() / 1_000);
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .sign(keyOf(secret));
};

const opaque = (field: string) =>
  z.string().refine((value) => {
    try {
      return checkIdentifier(value, field) === value;
    } catch {
      return false;
    }
  }, `${field} must be an opaque id`);

const claimsSchema = z
  .object({ role: z.enum(roles), sub: opaque('sub'), userId: opaque('userId').optional() })
  .refine(
    ({ role, userId }) => (role === 'user') === (userId !== undefined),
    'role user, and only that role, names a user',
  );

const keyOf = (secret: string) => createSecretKey(Buffer.from(secret));

/** A principal and how long its token speaks for it. */
export interface Verified {
  readonly principal: Principal;
  readonly expiresAt: Date;
}

const verify = async (token: string, secret: string, now: Date): Promise<Verified> => {
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), {
      algorithms: ['HS256'],
      issuer,
      audience,
      typ: 'JWT',
      requiredClaims: ['exp', 'sub', 'iat'],
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: longestLifetimeSeconds,
      currentDate: now,
    });
    const { role, sub: clientId, userId } = claimsSchema.parse(payload);
    return {
      principal: { role, clientId, ...(userId === undefined ? {} : { userId }) },
      expiresAt: new Date((payload.exp ?? 0) * 1_000),
    };
  } catch (cause) {
    const expired = cause instanceof Error && 'code' in cause && cause.code === 'ERR_JWT_EXPIRED';
    throw unauthenticated(expired ? 'the token has expired' : 'the token is not valid');
  }
};

/**
 * Who a token speaks for: HS256 only, our issuer and audience, `exp`, `sub` and `iat` required, five
 * seconds of clock tolerance (facts J1).
 *
 * @throws DomainError UNAUTHENTICATED
 */
export const verifyToken = async (token: string, secret: string, now: Date): Promise<Principal> =>
  (await verify(token, secret, now)).principal;

const unauthenticated = (why: string): DomainError =>
  new DomainError('UNAUTHENTICATED', `${why}; send Authorization: Bearer <token>`);

/** Reads Authorization headers. A token that was verified before isn't verified again until it ends. */
export interface Authenticator {
  /** Never throws: a missing or bad token is an identity that every rule turns away. */
  identify(authorization: string | undefined): Promise<Identity>;
  /** @throws DomainError UNAUTHENTICATED */
  verify(authorization: string | undefined): Promise<Verified>;
}

export const createAuthenticator = (secret: string, now: () => Date): Authenticator => {
  const known = new LRUCache<string, Verified>({ max: 1_000 });
  const authenticate = async (authorization: string | undefined): Promise<Verified> => {
    const token = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthenticated('no token was sent');
    const at = now();
    const before = known.get(token);
    if (before && before.expiresAt > at) return before;
    const verified = await verify(token, secret, at);
    known.set(token, verified);
    return verified;
  };
  return {
    verify: authenticate,
    identify: async (authorization) => {
      try {
        return (await authenticate(authorization)).principal;
      } catch (error) {
        if (error instanceof DomainError) return error;
        throw error;
      }
    },
  };
};
