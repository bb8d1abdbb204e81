import type { FastifyInstance } from 'fastify';

/** What the program knows about itself; a check is `ok` or says what is wrong, without secrets. */
export interface Health {
  readonly live: boolean;
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | (string & {})>>;
}

/** `/healthz`: restart me when it isn't 200. `/readyz`: send me nothing while it isn't 200. */
export const registerHealth = (fastify: FastifyInstance, health: () => Promise<Health>): void => {
  fastify.get('/healthz', async (_request, reply) => {
    const { live, checks } = await health();
    return reply.code(live ? 200 : 503).send({ live, checks });
  });
  fastify.get('/readyz', async (_request, reply) => {
    const { ready, checks } = await health();
    return reply.code(ready ? 200 : 503).send({ ready, checks });
  });
};
