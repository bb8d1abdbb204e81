import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchema, type PubSub } from 'type-graphql';
import { AnalyticsResolver } from './analytics.ts';
import { BroadcastResolver } from './broadcasts/resolver.ts';
import { InboundTextResolver } from './inboundTexts.ts';
import { RequestResolver } from './notifications/requests.ts';
import { DeadLetterResolver } from './notifications/deadLetters.ts';
import { NotificationResolver } from './notifications/resolver.ts';
import { SubscriptionResolver } from './notifications/subscriptions.ts';
import { ProviderResolver } from './providers.ts';
import { SegmentResolver } from './segments/resolver.ts';
import { LayoutResolver } from './templates/layouts.ts';
import { TemplatePreviewResolver } from './templates/preview.ts';
import { TemplateResolver } from './templates/resolver.ts';
import { SuppressionResolver } from './suppressions.ts';
import { UserResolver } from './users/resolver.ts';
import { WishResolver } from './users/wishes.ts';

// type-graphql asks for one although every subscription brings its own source.
const noPubSub: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error('subscriptions follow the log');
  },
};

/** The schema, with resolvers that take everything they need from an `ApiContext`. */
export const buildTidingsSchema = (): Promise<GraphQLSchema> =>
  buildSchema({
    resolvers: [
      RequestResolver,
      NotificationResolver,
      DeadLetterResolver,
      SubscriptionResolver,
      UserResolver,
      WishResolver,
      SuppressionResolver,
      InboundTextResolver,
      TemplateResolver,
      TemplatePreviewResolver,
      LayoutResolver,
      AnalyticsResolver,
      SegmentResolver,
      BroadcastResolver,
      ProviderResolver,
    ],
    pubSub: noPubSub,
    validate: false,
  });

/** The schema as it is committed: sorted, so that a diff shows what changed. */
export const printTidingsSchema = (schema: GraphQLSchema): string =>
  `${printSchema(lexicographicSortSchema(schema))}\n`;
