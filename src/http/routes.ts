import type { FastifyInstance } from 'fastify';

/**
 * Remembers the routes that are registered from now on.
 *
 * @returns the methods that a path answers to, for a 405 that says so
 */
export const createMethodFinder = (
  fastify: FastifyInstance,
): ((path: string) => readonly string[]) => {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  fastify.addHook('onRoute', ({ url, method }) => {
    const pattern = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
    routes.push({ pattern: new RegExp(`^${pattern}$`), methods: [method].flat() });
  });
  return (path) => [
    ...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap((r) => r.methods)),
  ];
};
