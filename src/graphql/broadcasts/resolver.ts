import {
  Arg,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  type SubscribeResolverData,
  Subscription,
} from 'type-graphql';
import type { BroadcastChanged, BroadcastCommands } from '../../commands/broadcasts.ts';
import type { CommandContext } from '../../commands/execute.ts';
import { DomainError } from '../../domain/errors.ts';
import type { BroadcastDocument } from '../../projections/broadcasts.ts';
import { checkFirst, type Connection, connectionOf, keyOfCursor } from '../connection.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given } from '../given.ts';
import { allow } from '../principal.ts';
import { checkVariables } from '../../commands/variableForm.ts';
import { audienceFrom, broadcastOf, followBroadcast } from './progress.ts';
import {
  Broadcast,
  BroadcastAccepted,
  BroadcastChange,
  BroadcastConnection,
  BroadcastInput,
  RecipientRefusal,
  RefusalConnection,
} from './types.ts';

@Resolver(() => Broadcast)
export class BroadcastResolver {
  @Query(() => Broadcast, { nullable: true, description: 'Roles: service.' })
  async broadcast(
    @Arg('id', () => ID) id: string,
    @Ctx() context: ApiContext,
  ): Promise<Broadcast | null> {
    allow(context.identity, 'service');
    const found = await context.ports.broadcasts.byId(id);
    return found ? broadcastOf(found) : null;
  }

  @Query(() => BroadcastConnection, {
    description: 'Newest first, at most 100 a page. Roles: service.',
  })
  async broadcasts(
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Connection<Broadcast>> {
    allow(context.identity, 'service');
    const page = await context.ports.broadcasts.page(
      checkFirst(first),
      after ? pageKey(after) : undefined,
    );
    return connectionOf(page, broadcastOf, ({ requestedAt, _id }) => [
      requestedAt.toISOString(),
      _id,
    ]);
  }

  @FieldResolver(() => RefusalConnection, { description: 'At most 100 a page.' })
  async refusals(
    @Root() { id }: Broadcast,
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Connection<RecipientRefusal>> {
    allow(context.identity, 'service');
    const [afterId] = after ? keyOfCursor(after, 1) : [];
    const page = await context.ports.broadcasts.refusals(id, checkFirst(first), afterId);
    return connectionOf(page, refusalOf, ({ _id }) => [_id]);
  }

  @Mutation(() => BroadcastAccepted, {
    name: 'broadcast',
    description:
      'Sends one template to everybody in an audience, paced so that it never holds up what is urgent. Roles: service.',
  })
  async sendBroadcast(
    @Arg('input', () => BroadcastInput) input: BroadcastInput,
    @Ctx() context: ApiContext,
  ): Promise<BroadcastAccepted> {
    const principal = allow(context.identity, 'service');
    const { audience, channel, template, variables, ...options } = input;
    return context.ports.broadcastCommands.request(
      {
        audience: audienceFrom(audience),
        channel,
        template,
        variables: checkVariables(variables ?? {}),
        ...given(options),
        clientId: principal.clientId,
      },
      commandContext(principal, context),
    );
  }

  @Mutation(() => BroadcastChange, {
    description: 'Within a page of 500; what was asked for already is sent. Roles: service.',
  })
  pauseBroadcast(
    @Arg('id', () => ID) id: string,
    @Arg('why', () => String, { nullable: true }) why: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<BroadcastChange> {
    return change(context, (commands, by) => commands.pause(id, reasonOf(why, 'paused'), by));
  }

  @Mutation(() => BroadcastChange, {
    description: 'Continues where it was paused; nobody gets it twice. Roles: service.',
  })
  resumeBroadcast(
    @Arg('id', () => ID) id: string,
    @Ctx() context: ApiContext,
  ): Promise<BroadcastChange> {
    return change(context, (commands, by) => commands.resume(id, by));
  }

  @Mutation(() => BroadcastChange, {
    description:
      'Stops it and cancels what is not with a provider yet, also when all was asked for. Roles: service.',
  })
  cancelBroadcast(
    @Arg('id', () => ID) id: string,
    @Arg('why', () => String, { nullable: true }) why: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<BroadcastChange> {
    return change(context, (commands, by) => commands.cancel(id, reasonOf(why, 'cancelled'), by));
  }

  @Subscription(() => Broadcast, {
    description: 'As it is, then after every change, at most twice a second. Roles: service.',
    subscribe: ({
      args: { id },
      context,
    }: SubscribeResolverData<unknown, { readonly id: string }, ApiContext>) => {
      allow(context.identity, 'service');
      return followBroadcast(context.ports.broadcasts, id);
    },
  })
  broadcastProgress(
    @Root() document: BroadcastDocument,
    @Arg('id', () => ID) _id: string,
  ): Broadcast {
    return broadcastOf(document);
  }
}

const change = (
  context: ApiContext,
  command: (commands: BroadcastCommands, by: CommandContext) => Promise<BroadcastChanged>,
): Promise<BroadcastChange> => {
  const principal = allow(context.identity, 'service');
  return command(context.ports.broadcastCommands, commandContext(principal, context));
};

const refusalOf = (found: RecipientRefusal): RecipientRefusal => {
  const { userId, line, code, field, reason } = found;
  return { code, reason, ...given({ userId, line, field }) };
};

const pageKey = (cursor: string) => {
  const [at = '', id = ''] = keyOfCursor(cursor, 2);
  const requestedAt = new Date(at);
  if (Number.isNaN(requestedAt.getTime())) {
    throw new DomainError('BAD_INPUT', 'after is not a cursor of this list', 'after');
  }
  return { requestedAt, id };
};

const reasonOf = (why: string | null | undefined, otherwise: string): string => {
  const reason = why?.trim();
  if (!reason) return otherwise;
  if (reason.length <= 500) return reason;
  throw new DomainError('BAD_INPUT', 'why must have at most 500 characters', 'why');
};
