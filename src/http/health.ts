import type { FastifyInstance } from 'fastify';

/** What the program knows about itself; a check is `ok` or says what is wrong, without secrets. */
export interface Health {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | (string & {})>>;
}

/**
 * `/healthz`: restart me when it isn't 200; it asks nobody, so that a store that hangs doesn't end the
 * processes that wait for it. `/readyz`: send me nothing while it isn't 200.
 */
export const registerHealth = (fastify: FastifyInstance, health: () => Promise<Health>): void => {
  fastify.get('/healthz', () => ({ live: true }));
  fastify.get('/readyz', async (_request, reply) => {
    const { ready, checks } = await health();
    return reply.code(ready ? 200 : 503).send({ ready, checks });
  });
};
