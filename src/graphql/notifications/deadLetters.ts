import { GraphQLDateTime } from 'graphql-scalars';
import {
  Arg,
  Ctx,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import type { Changed } from '../../commands/notifications.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Category, Channel } from '../../domain/vocabulary.ts';
import type { NotificationPlace } from '../../projections/notificationQueries.ts';
import { checkFirst, type Connection, connectionOf, longestPage } from '../connection.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given } from '../given.ts';
import { allow } from '../principal.ts';
import { CategoryEnum, ChannelEnum } from '../vocabulary.ts';
import { NotificationChange, pageKey, placeOf, reasonOf } from './parts.ts';
import { Notification, NotificationConnection, notificationOf } from './types.ts';

@InputType({ description: 'All that is named must hold.' })
class DeadLetterFilterInput {
  @Field(() => ChannelEnum, { nullable: true })
  channel?: Channel | null;

  @Field(() => String, { nullable: true, description: 'Of the last attempt.' })
  provider?: string | null;

  @Field(() => String, { nullable: true })
  template?: string | null;

  @Field(() => CategoryEnum, { nullable: true })
  category?: Category | null;

  @Field(() => String, { nullable: true, description: 'The code of the last error.' })
  error?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'From this moment on.' })
  deadLetteredFrom?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Before this moment.' })
  deadLetteredUntil?: Date | null;
}

@ObjectType({ simpleResolvers: true })
class DeadLettersRequeued {
  @Field(() => Int)
  requeued!: number;

  @Field(() => Int, { description: 'No dead letters any more when their turn came.' })
  skipped!: number;

  @Field(() => Boolean, { description: 'More match than were asked for.' })
  hasMore!: boolean;
}

const mostAtOnce = 1_000;

@Resolver()
export class DeadLetterResolver {
  @Query(() => NotificationConnection, {
    description:
      'Notifications that were given up, and neither requeued nor discarded: the newest request first, at most 100 a page. `timeline` holds every attempt with its error. Roles: service.',
  })
  async deadLetters(
    @Arg('filter', () => DeadLetterFilterInput, { nullable: true })
    filter: DeadLetterFilterInput | null | undefined,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Connection<Notification>> {
    allow(context.identity, 'service');
    const place = after ? pageKey(after) : undefined;
    const page = await context.ports.notifications.deadLetters(
      given(filter),
      checkFirst(first),
      place,
    );
    return connectionOf(page, notificationOf, placeOf);
  }

  @Mutation(() => NotificationChange, {
    description: 'Tries a dead-lettered notification again. Roles: admin.',
  })
  requeueNotification(
    @Arg('id', () => ID) id: string,
    @Arg('why', () => String, { nullable: true }) why: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Changed> {
    const principal = allow(context.identity);
    const reason = reasonOf(why, 'requeued by an operator');
    return context.ports.notificationCommands.requeue(
      id,
      reason,
      commandContext(principal, context),
    );
  }

  @Mutation(() => DeadLettersRequeued, {
    description: 'Tries all that match again, the newest request first. Roles: admin.',
  })
  async requeueNotifications(
    @Arg('filter', () => DeadLetterFilterInput) filter: DeadLetterFilterInput,
    @Arg('why', () => String, { description: 'Kept with each of them.' }) why: string,
    @Arg('most', () => Int, { defaultValue: 100, description: '1 to 1000.' }) most: number,
    @Ctx() context: ApiContext,
  ): Promise<DeadLettersRequeued> {
    const principal = allow(context.identity);
    if (most < 1 || most > mostAtOnce) {
      throw new DomainError('BAD_INPUT', `most must be 1 to ${mostAtOnce}`, 'most');
    }
    const reason = neededReason(why);
    const { ids, hasMore } = await matching(context, filter, most);
    const result = await context.ports.notificationCommands.requeueAll(
      ids,
      reason,
      commandContext(principal, context),
    );
    return { ...result, hasMore };
  }

  @Mutation(() => NotificationChange, {
    description: 'A dead letter that nobody will try again; for good. Roles: admin.',
  })
  discardDeadLetter(
    @Arg('id', () => ID) id: string,
    @Arg('why', () => String) why: string,
    @Ctx() context: ApiContext,
  ): Promise<Changed> {
    const principal = allow(context.identity);
    const reason = neededReason(why);
    return context.ports.notificationCommands.discard(
      id,
      reason,
      commandContext(principal, context),
    );
  }
}

/** All of them are found before the first is requeued: what is requeued leaves the list. */
const matching = async (
  { ports }: ApiContext,
  filter: DeadLetterFilterInput,
  most: number,
): Promise<{ readonly ids: readonly string[]; readonly hasMore: boolean }> => {
  const ids: string[] = [];
  let after: NotificationPlace | undefined;
  for (;;) {
    const wanted = Math.min(longestPage, most - ids.length);
    const page = await ports.notifications.deadLetters(given(filter), wanted, after);
    ids.push(...page.items.map(({ _id }) => _id));
    const last = page.items.at(-1);
    if (!last || !page.hasNextPage || ids.length >= most) {
      return { ids, hasMore: page.hasNextPage };
    }
    after = { requestedAt: last.requestedAt, id: last._id };
  }
};

const neededReason = (why: string): string => {
  const reason = reasonOf(why, '');
  if (reason !== '') return reason;
  throw new DomainError('BAD_INPUT', 'why must say something', 'why');
};
