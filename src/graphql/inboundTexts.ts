import { GraphQLDateTime } from 'graphql-scalars';
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { TextDecision } from '../domain/inbound/inboundText.ts';
import type { UnclearTextDocument } from '../projections/unclearTexts.ts';
import { checkFirst, type Connection, connectionOf, keyOfCursor, PageInfo } from './connection.ts';
import { type ApiContext, commandContext } from './context.ts';
import { allow } from './principal.ts';
import { TextDecisionEnum } from './vocabulary.ts';

@ObjectType({
  description:
    'A text message that came back and may be a STOP; until it is settled: no marketing.',
})
class UnclearText {
  @Field(() => ID, { description: 'The id that the provider knows it by.' })
  id!: string;

  @Field(() => String)
  provider!: string;

  @Field(() => GraphQLDateTime)
  receivedAt!: Date;

  @Field(() => [ID], { description: 'Who had the number of the sender then.' })
  userIds!: readonly string[];
}

@ObjectType({ simpleResolvers: true })
class UnclearTextEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => UnclearText)
  node!: UnclearText;
}

@ObjectType({ simpleResolvers: true, description: 'The oldest first.' })
class UnclearTextConnection {
  @Field(() => [UnclearTextEdge])
  edges!: readonly UnclearTextEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@ObjectType({ simpleResolvers: true })
class TextSettlement {
  @Field(() => Boolean, { description: 'False when it was settled so already.' })
  changed!: boolean;

  @Field(() => String, { nullable: true })
  cursor?: string;
}

@Resolver(() => UnclearText)
export class InboundTextResolver {
  @Query(() => UnclearTextConnection, {
    description: 'What an operator has yet to judge. Roles: service.',
  })
  async unclearTexts(
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<Connection<UnclearText>> {
    allow(context.identity, 'service');
    const page = await context.ports.unclearTexts.page(
      checkFirst(first),
      after == null ? undefined : placeOf(after),
    );
    return connectionOf(page, textOf, (d) => [d.receivedAt.toISOString(), d._id]);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Null when nobody is known who has the number, or that person was erased.',
  })
  async body(@Root() { id }: UnclearText, @Ctx() context: ApiContext): Promise<string | null> {
    return (await context.ports.bodyOfText(id)) ?? null;
  }

  @Mutation(() => TextSettlement, {
    description: 'What an unclear text was taken for, by who has read it. Roles: service.',
  })
  async settleText(
    @Arg('id', () => ID) id: string,
    @Arg('decision', () => TextDecisionEnum) decision: TextDecision,
    @Arg('why', () => String, { description: 'Kept for good; may name nobody.' }) why: string,
    @Ctx() context: ApiContext,
  ): Promise<TextSettlement> {
    const principal = allow(context.identity, 'service');
    const given = commandContext(principal, context);
    return context.ports.inboundTexts.settle(id, decision, why, given);
  }
}

const textOf = ({ _id: id, provider, receivedAt, userIds }: UnclearTextDocument): UnclearText => ({
  id,
  provider,
  receivedAt,
  userIds,
});

const placeOf = (cursor: string) => {
  const [at = '', id = ''] = keyOfCursor(cursor, 2);
  return { receivedAt: new Date(at), id };
};
