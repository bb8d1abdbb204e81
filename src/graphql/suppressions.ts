import { GraphQLDateTime } from 'graphql-scalars';
import { Arg, Ctx, Field, ID, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import type { SuppressionChanged } from '../commands/suppressions.ts';
import type { SuppressionReason, SuppressionScope } from '../domain/suppression/suppression.ts';
import type { Channel } from '../domain/vocabulary.ts';
import type { SuppressionDocument } from '../projections/suppressions.ts';
import { checkFirst, type Connection, connectionOf, keyOfCursor, PageInfo } from './connection.ts';
import { type ApiContext, commandContext } from './context.ts';
import { allow } from './principal.ts';
import { AddressInput, namedAddress } from './users/types.ts';
import { ChannelEnum, SuppressionReasonEnum, SuppressionScopeEnum } from './vocabulary.ts';

@ObjectType({ simpleResolvers: true })
class HeldReason {
  @Field(() => SuppressionReasonEnum)
  reason!: SuppressionReason;

  @Field(() => SuppressionScopeEnum)
  scope!: SuppressionScope;

  @Field(() => String, { description: 'The event, as stream@revision.' })
  because!: string;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'A pause ends by itself then.' })
  until?: string;
}

@ObjectType({ simpleResolvers: true, description: 'An address that is not written to.' })
class SuppressedAddress {
  @Field(() => ID, { description: 'The keyed hash of the address, which itself is not kept.' })
  addressHash!: string;

  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => [HeldReason])
  reasons!: readonly HeldReason[];

  @Field(() => GraphQLDateTime)
  suppressedAt!: Date;
}

@ObjectType({ simpleResolvers: true })
class SuppressionEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => SuppressedAddress)
  node!: SuppressedAddress;
}

@ObjectType({ simpleResolvers: true, description: 'The latest first.' })
class SuppressionConnection {
  @Field(() => [SuppressionEdge])
  edges!: readonly SuppressionEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@ObjectType({ simpleResolvers: true, description: 'Whether an address is written to.' })
class AddressSuppression {
  @Field(() => SuppressionScopeEnum, { description: 'What is not sent to it.' })
  scope!: SuppressionScope;

  @Field(() => SuppressionReasonEnum)
  reason!: string;

  @Field(() => String, { description: 'The event, as stream@revision.' })
  evidence!: string;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'A pause ends by itself then.' })
  until?: string;
}

@ObjectType({ simpleResolvers: true })
class SuppressionChange {
  @Field(() => Boolean, { description: 'False when it was so already.' })
  changed!: boolean;

  @Field(() => String, { nullable: true })
  cursor?: string;
}

@Resolver()
export class SuppressionResolver {
  @Query(() => SuppressionConnection, { description: 'Roles: service.' })
  async suppressions(
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Connection<SuppressedAddress>> {
    allow(context.identity, 'service');
    const page = await context.ports.suppressions.page(
      checkFirst(first),
      after == null ? undefined : placeOf(after),
    );
    return connectionOf(page, suppressionOf, (d) => [d.suppressedAt.toISOString(), d._id]);
  }

  @Query(() => AddressSuppression, {
    nullable: true,
    description: 'What forbids to write to an address; null when nothing does. Roles: service.',
  })
  async suppressionOf(
    @Arg('address', () => AddressInput) address: AddressInput,
    @Ctx() context: ApiContext,
  ): Promise<AddressSuppression | null> {
    allow(context.identity, 'service');
    const hashes = context.ports.hashesOf(namedAddress(address).address);
    const found = await context.ports.suppressions.byHashes(hashes);
    const all = [...found.values()];
    return all.find(({ scope }) => scope === 'all') ?? all[0] ?? null;
  }

  @Mutation(() => SuppressionChange, {
    description: 'By hand, for whatever reason; outlives the user. Roles: service.',
  })
  async suppressAddress(
    @Arg('address', () => AddressInput) address: AddressInput,
    @Arg('scope', () => SuppressionScopeEnum) scope: SuppressionScope,
    @Arg('why', () => String, { description: 'Kept for good; may name nobody.' }) why: string,
    @Ctx() context: ApiContext,
  ): Promise<SuppressionChanged> {
    const principal = allow(context.identity, 'service');
    const about = { scope, reason: 'manual', source: 'api', why } as const;
    return context.ports.suppressionCommands.suppress(
      namedAddress(address),
      about,
      commandContext(principal, context),
    );
  }

  @Mutation(() => SuppressionChange, {
    description: 'Lets an address be written to again. Roles: admin.',
  })
  async liftSuppression(
    @Arg('address', () => AddressInput) address: AddressInput,
    @Arg('why', () => String, { description: 'Kept for good; may name nobody.' }) why: string,
    @Ctx() context: ApiContext,
  ): Promise<SuppressionChanged> {
    const principal = allow(context.identity);
    return context.ports.suppressionCommands.lift(
      namedAddress(address),
      why,
      commandContext(principal, context),
    );
  }
}

const suppressionOf = ({
  _id,
  channel,
  state,
  suppressedAt,
}: SuppressionDocument): SuppressedAddress => ({
  addressHash: _id,
  channel,
  reasons: state.held,
  suppressedAt,
});

const placeOf = (cursor: string) => {
  const [at = '', id = ''] = keyOfCursor(cursor, 2);
  return { suppressedAt: new Date(at), id };
};
