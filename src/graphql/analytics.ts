import { GraphQLDateTime } from 'graphql-scalars';
import { Arg, Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import { DomainError } from '../domain/errors.ts';
import type { Category, Channel } from '../domain/vocabulary.ts';
import type {
  AnalyticsCounts,
  AnalyticsDimension,
  AnalyticsInterval,
  AnalyticsRow as Row,
} from '../projections/analytics.ts';
import type { ApiContext } from './context.ts';
import { allow } from './principal.ts';
import { CategoryEnum, ChannelEnum, DimensionEnum, IntervalEnum } from './vocabulary.ts';

@ObjectType({ simpleResolvers: true, description: 'Counts of one bucket and group.' })
export class AnalyticsRow implements AnalyticsCounts {
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'The start of the hour or day, UTC.',
  })
  bucket?: Date;

  @Field(() => ChannelEnum, { nullable: true })
  channel?: Channel;

  @Field(() => String, { nullable: true })
  template?: string;

  @Field(() => CategoryEnum, { nullable: true })
  category?: Category;

  @Field(() => String, {
    nullable: true,
    description: 'Empty for what happens before a provider is chosen.',
  })
  provider?: string;

  @Field(() => Int)
  requested!: number;

  @Field(() => Int)
  suppressed!: number;

  @Field(() => Int)
  deferred!: number;

  @Field(() => Int)
  sent!: number;

  @Field(() => Int)
  failedAttempts!: number;

  @Field(() => Int)
  unknownOutcomes!: number;

  @Field(() => Int)
  delivered!: number;

  @Field(() => Int)
  opened!: number;

  @Field(() => Int)
  clicked!: number;

  @Field(() => Int)
  bounced!: number;

  @Field(() => Int)
  complained!: number;

  @Field(() => Int)
  deadLettered!: number;

  @Field(() => Int)
  cancelled!: number;

  @Field(() => Int)
  expired!: number;
}

const longestRangeMs = 400 * 24 * 3_600_000;

@Resolver()
export class AnalyticsResolver {
  @Query(() => [AnalyticsRow], {
    description:
      'Counts from `from` until before `to`, by whole hours (days when split by day), at most 400 days. Roles: service.',
  })
  async analytics(
    @Arg('from', () => GraphQLDateTime) from: Date,
    @Arg('to', () => GraphQLDateTime) to: Date,
    @Arg('interval', () => IntervalEnum, { nullable: true })
    interval: AnalyticsInterval | null | undefined,
    @Arg('groupBy', () => [DimensionEnum], { defaultValue: [] })
    groupBy: readonly AnalyticsDimension[],
    @Ctx() context: ApiContext,
  ): Promise<readonly Row[]> {
    allow(context.identity, 'service');
    const span = to.getTime() - from.getTime();
    if (span <= 0) throw new DomainError('BAD_INPUT', 'to must be after from', 'to');
    if (span > longestRangeMs) {
      throw new DomainError('BAD_INPUT', 'the range may be at most 400 days', 'to');
    }
    return context.ports.analytics.sums({
      from,
      until: to,
      groupBy: [...new Set(groupBy)],
      ...(interval ? { interval } : {}),
    });
  }
}
