import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { ApiPorts } from '../graphql/context.ts';
import { buildTidingsSchema } from '../graphql/schema.ts';
import { createAuthenticator } from './auth.ts';
import { createErrorMapper, httpError } from './errors.ts';
import { registerGraphql } from './graphql.ts';
import { type Health, registerHealth } from './health.ts';
import { registerHome } from './home.ts';
import { correlationIdOf, createContextOf } from './request.ts';
import { registerBroadcasts } from './rest/broadcasts.ts';
import { openApi } from './rest/openapi.ts';
import { registerNotifications } from './rest/notifications.ts';
import { type MetricsEdge, registerMetrics } from './metrics.ts';
import { registerPreferencesPage } from './preferences/route.ts';
import { registerPreferences } from './rest/preferences.ts';
import { registerUserImport, registerUsers } from './rest/users.ts';
import { createMethodFinder } from './routes.ts';
import { createSockets } from './sockets.ts';
import { registerTracking } from './tracking/route.ts';
import { registerUnsubscribe } from './unsubscribe/route.ts';
import { registerWebhooks } from './webhooks.ts';
import type { WebhookAccounts } from './webhooks/readers.ts';

/** What signs the links in messages. */
interface LinkSecrets {
  readonly unsubscribe: string;
  readonly preferences: string;
  readonly tracking: string;
}

/** Everything that the edge needs; it opens no connection to a store itself. */
export interface ApiDependencies extends ApiPorts {
  readonly secrets: LinkSecrets & {
    /** Signs tokens. */
    readonly jwt: string;
    /** Signs what a device acknowledges with. */
    readonly deviceAck: string;
    /** What links of before were signed with. */
    readonly older?: readonly LinkSecrets[];
  };
  /** Read at every call; a provider without an account gets a 404. */
  readonly webhooks: WebhookAccounts;
  /** Carries out what text messages that come back want. */
  /** What the outside calls this server, for instance `http://127.0.0.1:4000`; known after `listen`. */
  readonly publicUrl: () => string;
  /** Introspection, the console at `/graphql` and a page at `/`. */
  readonly development: boolean;
  readonly health: () => Promise<Health>;
  readonly metrics: MetricsEdge;
  readonly logger: Logger;
}

export interface Api {
  /** Port 0 takes a free one. Returns the server's URL. */
  listen(port: number, host: string): Promise<string>;
  /** Takes no more, ends the sockets, finishes what is under way; within five seconds. */
  close(): Promise<void>;
}

const bodyLimit = 512 * 1024;
/** What is still under way then is cut off. */
const patienceMs = 3_500;
const sweepMs = 50;

/** The HTTP server: GraphQL, REST, webhooks, unsubscribe links and health on one port. */
export const createApi = async (dependencies: ApiDependencies): Promise<Api> => {
  const { logger, development, notificationCommands, userCommands, secrets } = dependencies;
  const now = () => dependencies.now();
  const schema = await buildTidingsSchema();
  const authenticator = createAuthenticator(secrets.jwt, now);
  const ports = portsOf(dependencies);
  const contextOf = createContextOf(ports, authenticator);

  const fastify = Fastify({
    bodyLimit,
    logger: false,
    trustProxy: false,
    // An upload of a list takes as long as its rows take to be stored.
    requestTimeout: 120_000,
    genReqId: ({ headers }) => correlationIdOf(headers),
    // The token of a tracked link holds the link.
    routerOptions: { maxParamLength: 4_096 },
  });
  const methodsOf = createMethodFinder(fastify);
  answerErrors(fastify, logger, methodsOf);
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ 'x-correlation-id': request.id, 'x-content-type-options': 'nosniff' });
    done();
  });

  const apollo = await registerGraphql(fastify, { schema, contextOf, development, logger });
  registerNotifications(fastify, contextOf);
  registerPreferences(fastify, contextOf);
  registerUsers(fastify, contextOf);
  await registerUserImport(fastify, contextOf);
  await registerBroadcasts(fastify, contextOf);
  registerHealth(fastify, dependencies.health);
  registerMetrics(fastify, dependencies.metrics);
  fastify.get('/openapi.json', () => openApi);
  if (development) registerHome(fastify);
  const everOf = (link: keyof LinkSecrets) =>
    [secrets, ...(secrets.older ?? [])].map((one) => one[link]);
  await registerUnsubscribe(fastify, { userCommands, secrets: everOf('unsubscribe') });
  await registerPreferencesPage(fastify, { ...ports, secrets: everOf('preferences') });
  registerTracking(fastify, {
    notificationCommands,
    metrics: dependencies.metrics,
    secrets: everOf('tracking'),
    now,
    logger,
  });
  await registerWebhooks(fastify, {
    accounts: dependencies.webhooks,
    notificationCommands,
    inboundTexts: dependencies.inboundTexts,
    deviceSecret: secrets.deviceAck,
    publicUrl: dependencies.publicUrl,
    metrics: dependencies.metrics,
    now,
    logger,
  });

  const sockets = createSockets({
    schema,
    ports,
    authenticator,
    development,
    logger,
  });
  fastify.server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?')[0] === '/graphql') sockets.upgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });

  return {
    listen: (port, host) => fastify.listen({ port, host }),
    close: async () => {
      const cut = setTimeout(() => fastify.server.closeAllConnections(), patienceMs);
      // A connection that was busy when the server stopped would else be kept alive.
      const sweep = setInterval(() => fastify.server.closeIdleConnections(), sweepMs);
      await Promise.all([sockets.close(), fastify.close()]);
      await apollo.stop();
      clearTimeout(cut);
      clearInterval(sweep);
    },
  };
};

/** What resolvers get: none of the secrets. */
const portsOf = (dependencies: ApiDependencies): ApiPorts => ({
  requestNotifications: dependencies.requestNotifications,
  notificationCommands: dependencies.notificationCommands,
  userCommands: dependencies.userCommands,
  importUsers: dependencies.importUsers,
  suppressionCommands: dependencies.suppressionCommands,
  suppressions: dependencies.suppressions,
  inboundTexts: dependencies.inboundTexts,
  unclearTexts: dependencies.unclearTexts,
  bodyOfText: (textId) => dependencies.bodyOfText(textId),
  hashesOf: dependencies.hashesOf,
  templateCommands: dependencies.templateCommands,
  segmentCommands: dependencies.segmentCommands,
  broadcastCommands: dependencies.broadcastCommands,
  lists: dependencies.lists,
  layoutCommands: dependencies.layoutCommands,
  previewTemplate: dependencies.previewTemplate,
  notifications: dependencies.notifications,
  users: dependencies.users,
  templates: dependencies.templates,
  layouts: dependencies.layouts,
  analytics: dependencies.analytics,
  segments: dependencies.segments,
  audience: dependencies.audience,
  broadcasts: dependencies.broadcasts,
  live: dependencies.live,
  providerReports: () => dependencies.providerReports(),
  now: () => dependencies.now(),
});

/** Every error is JSON with a code: GraphQL's shape at `/graphql`, `{error}` everywhere else. */
const answerErrors = (
  fastify: FastifyInstance,
  logger: Logger,
  methodsOf: (path: string) => readonly string[],
): void => {
  const mapError = createErrorMapper(logger);
  fastify.setErrorHandler((thrown, request, reply) => {
    const { url: route = 'unknown', bodyLimit: limit } = request.routeOptions;
    const where = { route, bodyLimit: limit, correlationId: request.id };
    const { status, body } = mapError(thrown, where);
    if (status === 401) void reply.header('www-authenticate', 'Bearer realm="tidings"');
    if (status === 503) void reply.header('retry-after', '5');
    const { message, ...extensions } = body.error;
    return reply
      .code(status)
      .send(route === '/graphql' ? { errors: [{ message, extensions }] } : body);
  });
  fastify.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url.split('?')[0] ?? '');
    const { status, body } =
      allowed.length > 0
        ? httpError(405, 'METHOD_NOT_ALLOWED', `allowed here: ${allowed.join(', ')}`)
        : httpError(404, 'NOT_FOUND', 'there is nothing here');
    if (allowed.length > 0) void reply.header('allow', allowed.join(', '));
    return reply.code(status).send(body);
  });
};
