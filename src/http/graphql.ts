import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, preHandlerHookHandler } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import type { ApiContext } from '../graphql/context.ts';
import { isUnexpected, presentError, rootOf } from '../graphql/errors.ts';
import { parseOptions, validationRules } from '../graphql/limits.ts';
import { consolePage } from './console/page.ts';
import { loggable } from './errors.ts';
import { sendPage } from './page.ts';
import type { ContextOf } from './request.ts';

/** Bodies up to 2 MB, so that a request may name 10,000 users. */
export const graphqlBodyLimit = 2 * 1024 * 1024;

export interface GraphqlEdge {
  readonly schema: GraphQLSchema;
  readonly contextOf: ContextOf;
  readonly development: boolean;
  readonly logger: Logger;
}

/** Serves queries and mutations at `/graphql`, and in development the console to a browser. */
export const registerGraphql = async (
  fastify: FastifyInstance,
  { schema, contextOf, development, logger }: GraphqlEdge,
): Promise<{ stop(): Promise<void> }> => {
  const apollo = new ApolloServer<ApiContext>({
    schema,
    introspection: development,
    hideSchemaDetailsFromClientErrors: !development,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions,
    // Apollo itself refuses introspection where it is off.
    validationRules: [...validationRules({ introspection: true })],
    logger: logger.child({ part: 'apollo' }),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      remembering(logger),
    ],
    formatError: (formatted, error) => {
      if (!(error instanceof GraphQLError)) return formatted;
      const { correlationId } = error.extensions;
      return presentError(error, typeof correlationId === 'string' ? correlationId : undefined);
    },
  });
  await apollo.start();

  fastify.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    bodyLimit: graphqlBodyLimit,
    ...(development ? { preHandler: showConsole } : {}),
    handler: fastifyApolloHandler(apollo, { context: contextOf }),
  });
  return apollo;
};

/** Gives an unexpected error the correlation id of its request, and tells the log. */
const remembering = (logger: Logger): ApolloServerPlugin<ApiContext> => ({
  requestDidStart: () =>
    Promise.resolve({
      didEncounterErrors: ({ errors, contextValue: { correlationId } }) => {
        for (const error of errors.filter(isUnexpected)) {
          error.extensions.correlationId = correlationId;
          logger.error(
            { path: error.path, correlationId, error: loggable(rootOf(error)) },
            'an operation failed',
          );
        }
        return Promise.resolve();
      },
    }),
});

/** A browser that comes by hand gets the console; clients ask for JSON. */
const showConsole: preHandlerHookHandler = (request, reply, done) => {
  if (request.method === 'GET' && request.headers.accept?.includes('text/html')) {
    sendPage(reply, consolePage);
  } else {
    done();
  }
};
