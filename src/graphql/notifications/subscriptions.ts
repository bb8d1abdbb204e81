import { GraphQLDateTime } from 'graphql-scalars';
import {
  Arg,
  Field,
  ID,
  InputType,
  Int,
  ObjectType,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from 'type-graphql';
import type { NotificationEvent } from '../../domain/notification/events.ts';
import type { Category, Channel } from '../../domain/vocabulary.ts';
import type { LiveUpdate } from '../../projections/live.ts';
import type { NotificationStatus } from '../../projections/notifications.ts';
import type { ApiContext } from '../context.ts';
import { given } from '../given.ts';
import { allow, allowFor } from '../principal.ts';
import { CategoryEnum, ChannelEnum, EventTypeEnum, StatusEnum } from '../vocabulary.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'One change of one notification, as it happens.',
})
export class NotificationUpdate {
  @Field(() => ID)
  notificationId!: string;

  @Field(() => ID)
  userId!: string;

  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => String)
  template!: string;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => EventTypeEnum, { description: 'What happened.' })
  type!: NotificationEvent['type'];

  @Field(() => StatusEnum, { description: 'The status after it.' })
  status!: NotificationStatus;

  @Field(() => GraphQLDateTime)
  at!: Date;

  @Field(() => Int, { nullable: true })
  attempt?: number;

  @Field(() => String, { nullable: true })
  provider?: string;

  @Field(() => String, {
    nullable: true,
    description: 'An error code, a rule id or a reason; never personal data.',
  })
  detail?: string;

  @Field(() => String, { description: 'Subscribing `after` it continues with the next update.' })
  cursor!: string;
}

@InputType()
export class DeliveryFilterInput {
  @Field(() => ID, { nullable: true })
  userId?: string | null;

  @Field(() => ChannelEnum, { nullable: true })
  channel?: Channel | null;

  @Field(() => CategoryEnum, { nullable: true })
  category?: Category | null;

  @Field(() => String, { nullable: true })
  template?: string | null;

  @Field(() => [EventTypeEnum], {
    nullable: true,
    description: 'Only updates of these types; each still tells the status after it.',
  })
  types?: NotificationEvent['type'][] | null;
}

interface After {
  readonly after?: string | null;
}
type Data<A> = SubscribeResolverData<unknown, A & After, ApiContext>;

// Each update was filtered by what the principal may see before it comes here (facts Q11).
@Resolver()
export class SubscriptionResolver {
  @Subscription(() => NotificationUpdate, {
    description:
      'Every change of one notification; `after` a cursor, what was missed comes first. Roles: service, user (own).',
    subscribe: ({ args: { id, after }, context }: Data<{ readonly id: string }>) => {
      const { role, userId } = allow(context.identity, 'service', 'user');
      const own = role === 'user' && userId !== undefined ? { userId } : {};
      return context.ports.live.follow({ notificationId: id, ...own }, after ?? undefined);
    },
  })
  notificationStatus(
    @Root() update: LiveUpdate,
    @Arg('id', () => ID) _id: string,
    @Arg('after', () => String, { nullable: true }) _after?: string,
  ): NotificationUpdate {
    return update;
  }

  @Subscription(() => NotificationUpdate, {
    description: 'Every change of every notification of one user. Roles: service, user (own).',
    subscribe: ({ args: { userId, after }, context }: Data<{ readonly userId: string }>) => {
      allowFor(context.identity, userId, 'service');
      return context.ports.live.follow({ userId }, after ?? undefined);
    },
  })
  userNotifications(
    @Root() update: LiveUpdate,
    @Arg('userId', () => ID) _userId: string,
    @Arg('after', () => String, { nullable: true }) _after?: string,
  ): NotificationUpdate {
    return update;
  }

  @Subscription(() => NotificationUpdate, {
    description: 'Every change of all notifications that the filter matches. Roles: service.',
    subscribe: ({
      args: { filter, after },
      context,
    }: Data<{ readonly filter?: DeliveryFilterInput | null }>) => {
      allow(context.identity, 'service');
      return context.ports.live.follow(given(filter), after ?? undefined);
    },
  })
  deliveryFeed(
    @Root() update: LiveUpdate,
    @Arg('filter', () => DeliveryFilterInput, { nullable: true }) _filter?: DeliveryFilterInput,
    @Arg('after', () => String, { nullable: true }) _after?: string,
  ): NotificationUpdate {
    return update;
  }
}
