import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { ApiContext, ApiPorts } from '../graphql/context.ts';
import type { Authenticator } from './auth.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The caller's `x-correlation-id` when it is a UUID, else a new one. */
export const correlationIdOf = (headers: FastifyRequest['headers']): string => {
  const given = headers['x-correlation-id'];
  return typeof given === 'string' && uuid.test(given) ? given.toLowerCase() : randomUUID();
};

/** Who asks, under which correlation id, of what: the same for GraphQL and REST. */
export const createContextOf =
  (ports: ApiPorts, authenticator: Authenticator) =>
  async (request: FastifyRequest): Promise<ApiContext> => ({
    ports,
    identity: await authenticator.identify(request.headers.authorization),
    correlationId: request.id,
  });

export type ContextOf = ReturnType<typeof createContextOf>;
