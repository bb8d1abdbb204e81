import { DomainError } from '../domain/errors.ts';

export const roles = ['admin', 'service', 'user'] as const;
export type Role = (typeof roles)[number];

/** Who asks, as a verified token says. */
export interface Principal {
  /** `admin` may do everything, `service` sends and reads, `user` sees what is about itself. */
  readonly role: Role;
  /** The token's subject; the scope of idempotency keys. */
  readonly clientId: string;
  /** The user that a token of role `user` speaks for. */
  readonly userId?: string;
}

/** Somebody, or why nobody. */
export type Identity = Principal | DomainError;

/**
 * The principal, when its role is one of those; an admin always passes. Every resolver and route
 * calls this before anything else: what has no rule is open to nobody (facts Q9).
 *
 * @throws DomainError UNAUTHENTICATED, FORBIDDEN
 */
export const allow = (identity: Identity, ...allowed: readonly Role[]): Principal => {
  if (identity instanceof DomainError) throw identity;
  if (identity.role === 'admin' || allowed.includes(identity.role)) return identity;
  throw new DomainError('FORBIDDEN', `a token of role ${identity.role} may not do this`);
};

/**
 * Like `allow` for what is about one user: role `user` passes for itself only.
 *
 * @throws DomainError UNAUTHENTICATED, FORBIDDEN
 */
export const allowFor = (
  identity: Identity,
  userId: string,
  ...allowed: readonly Role[]
): Principal => {
  const principal = allow(identity, 'user', ...allowed);
  if (principal.role === 'user' && principal.userId !== userId) {
    throw new DomainError('FORBIDDEN', 'this token speaks for another user', 'userId');
  }
  return principal;
};

/** Whether what is about this user may be shown; role `user` sees only itself. */
export const maySee = (principal: Principal, userId: string): boolean =>
  principal.role !== 'user' || principal.userId === userId;

/** The name under which the log remembers who did it. */
export const actorOf = ({ role, clientId, userId }: Principal): string =>
  role === 'user' ? `user:${userId ?? clientId}` : `client:${clientId}`;
