import { GraphQLDateTime } from 'graphql-scalars';
import { Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import type { BreakerState } from '../domain/providerReport.ts';
import type { Channel } from '../domain/vocabulary.ts';
import type { ApiContext } from './context.ts';
import { allow } from './principal.ts';
import { BreakerStateEnum, ChannelEnum } from './vocabulary.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'What its calls came to since the dispatchers started.',
})
export class ProviderCounts {
  @Field(() => Int)
  accepted!: number;

  @Field(() => Int, { description: 'Certainly not accepted, and tried again or elsewhere.' })
  deferred!: number;

  @Field(() => Int, { description: 'Refused for good.' })
  rejected!: number;

  @Field(() => Int, { description: 'No answer: accepted or not, nobody knows.' })
  unknown!: number;
}

@ObjectType({ simpleResolvers: true, description: 'A provider as one dispatcher knows it.' })
export class Provider {
  @Field(() => String)
  name!: string;

  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => BreakerStateEnum)
  breaker!: BreakerState;

  @Field(() => GraphQLDateTime, { description: 'When the breaker got into this state.' })
  since!: Date;

  @Field(() => ProviderCounts)
  counts!: ProviderCounts;

  @Field(() => String, { nullable: true, description: 'Of the last call that was not accepted.' })
  lastError?: string;
}

@Resolver()
export class ProviderResolver {
  @Query(() => [Provider], {
    description:
      'How the providers are doing, one entry for each dispatcher that uses it; at most a few seconds old. Roles: admin.',
  })
  async providers(@Ctx() context: ApiContext): Promise<readonly Provider[]> {
    allow(context.identity);
    const reports = await context.ports.providerReports();
    return reports.map(({ provider, channel, breaker, since, counts, lastError }) => ({
      name: provider,
      channel,
      breaker,
      since,
      counts,
      ...(lastError === undefined ? {} : { lastError }),
    }));
  }
}
