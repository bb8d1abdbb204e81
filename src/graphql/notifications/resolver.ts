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
import { checkFirst, type Connection, connectionOf } from '../connection.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given } from '../given.ts';
import { actorOf, allow, allowFor, maySee, type Principal } from '../principal.ts';
import { type AcknowledgementKind, AcknowledgementKindEnum } from '../vocabulary.ts';
import { NotificationChange, pageKey, placeOf, reasonOf } from './parts.ts';
import {
  Notification,
  NotificationConnection,
  NotificationFilterInput,
  notificationOf,
} from './types.ts';

@InputType()
export class AcknowledgementInput {
  @Field(() => ID)
  notificationId!: string;

  @Field(() => AcknowledgementKindEnum)
  kind!: AcknowledgementKind;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it happened; now if absent.' })
  at?: Date | null;

  @Field(() => String, { nullable: true, description: 'What was clicked.' })
  url?: string | null;
}

@ObjectType({ simpleResolvers: true })
export class Acknowledgement {
  @Field(() => ID)
  notificationId!: string;

  @Field(() => Boolean, {
    description: 'False for a notification that does not exist or was not sent yet.',
  })
  recorded!: boolean;
}

@Resolver()
export class NotificationResolver {
  @Query(() => Notification, {
    nullable: true,
    description: 'Null when there is none that this token may see. Roles: service, user (own).',
  })
  async notification(
    @Arg('id', () => ID) id: string,
    @Ctx() context: ApiContext,
  ): Promise<Notification | null> {
    const principal = allow(context.identity, 'service', 'user');
    const found = await context.ports.notifications.byId(id);
    return found && maySee(principal, found.userId) ? notificationOf(found) : null;
  }

  @Query(() => NotificationConnection, {
    description: 'Newest first, at most 100 a page. Roles: service, user (own).',
  })
  async notifications(
    @Arg('filter', () => NotificationFilterInput, { nullable: true })
    filter: NotificationFilterInput | null | undefined,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Connection<Notification>> {
    const principal = allow(context.identity, 'service', 'user');
    const userId = filter?.userId ?? principal.userId;
    if (userId !== undefined) allowFor(principal, userId, 'service');
    const page = await context.ports.notifications.page(
      { ...given(filter), ...(userId === undefined ? {} : { userId }) },
      checkFirst(first),
      after ? pageKey(after) : undefined,
    );
    return connectionOf(page, notificationOf, placeOf);
  }

  @Mutation(() => NotificationChange, {
    description: 'Before it is sent only. Roles: service.',
  })
  cancelNotification(
    @Arg('id', () => ID) id: string,
    @Arg('why', () => String, { nullable: true }) why: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Changed> {
    const principal = allow(context.identity, 'service');
    const reason = reasonOf(why, 'cancelled by the client');
    return context.ports.notificationCommands.cancel(
      id,
      reason,
      commandContext(principal, context),
    );
  }

  @Mutation(() => Acknowledgement, {
    description:
      'The client says that a push or in-app message arrived, was opened or clicked; may be repeated. Roles: service, user (own).',
  })
  async acknowledgeNotification(
    @Arg('input', () => AcknowledgementInput) input: AcknowledgementInput,
    @Ctx() context: ApiContext,
  ): Promise<Acknowledgement> {
    const [acknowledged] = await acknowledge([input], context);
    return acknowledged ?? { notificationId: input.notificationId, recorded: false };
  }

  @Mutation(() => [Acknowledgement], {
    description:
      'The same for 1 to 100 at once, as an inbox that was opened has them. Roles: service, user (own).',
  })
  acknowledgeNotifications(
    @Arg('inputs', () => [AcknowledgementInput]) inputs: readonly AcknowledgementInput[],
    @Ctx() context: ApiContext,
  ): Promise<readonly Acknowledgement[]> {
    return acknowledge(inputs, context);
  }
}

const mostAcknowledgements = 100;

/** In the order of the inputs. What the principal may not see is answered as if it didn't exist. */
const acknowledge = async (
  inputs: readonly AcknowledgementInput[],
  context: ApiContext,
): Promise<readonly Acknowledgement[]> => {
  const principal = allow(context.identity, 'service', 'user');
  if (inputs.length === 0 || inputs.length > mostAcknowledgements) {
    const message = `inputs must have 1 to ${mostAcknowledgements} entries`;
    throw new DomainError('BAD_INPUT', message, 'inputs');
  }
  const visible = new Set<string>();
  for (const notificationId of new Set(inputs.map((input) => input.notificationId))) {
    if (await mayAcknowledge(principal, notificationId, context)) visible.add(notificationId);
  }
  const news = inputs
    .filter(({ notificationId }) => visible.has(notificationId))
    .map(({ notificationId, kind, at, url }) => ({
      notificationId,
      kind,
      at: (at ?? context.ports.now()).toISOString(),
      provider: 'client',
      providerEventId: `${actorOf(principal)}:${kind}`,
      ...(url ? { url: url.slice(0, 2_048) } : {}),
    }));
  const about = commandContext(principal, context);
  const { unknown } = await context.ports.notificationCommands.recordNews(news, about);
  return inputs.map(({ notificationId }) => ({
    notificationId,
    recorded: visible.has(notificationId) && !unknown.includes(notificationId),
  }));
};

const mayAcknowledge = async (
  principal: Principal,
  notificationId: string,
  context: ApiContext,
): Promise<boolean> => {
  if (principal.role !== 'user') return true;
  const found = await context.ports.notifications.byId(notificationId);
  if (!found || !maySee(principal, found.userId)) return false;
  if (found.channel === 'push' || found.channel === 'in_app') return true;
  const message = `a message over ${found.channel} is acknowledged by its provider`;
  throw new DomainError('FORBIDDEN', message, 'notificationId');
};
