import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../domain/errors.ts';

/** @throws DomainError BAD_INPUT when there are several */
export const keyOf = ({ headers }: FastifyRequest): string | undefined => {
  const key = headers['idempotency-key'];
  if (key === undefined || typeof key === 'string') return key;
  throw new DomainError('BAD_INPUT', 'send one Idempotency-Key', 'Idempotency-Key');
};
