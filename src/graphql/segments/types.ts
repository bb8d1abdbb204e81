import { GraphQLDateTime, GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Operator } from '../../domain/segment/rule.ts';
import { PageInfo } from '../connection.ts';
import { RuleOperatorEnum, SegmentKindEnum } from '../vocabulary.ts';

@InputType({
  description:
    'A comparison (`field`, `op`, `value`) or one of `all`, `any` and `not`; at most 5 levels and 50 comparisons.',
})
export class SegmentRuleInput {
  @Field(() => [SegmentRuleInput], { nullable: true })
  all?: readonly SegmentRuleInput[] | null;

  @Field(() => [SegmentRuleInput], { nullable: true })
  any?: readonly SegmentRuleInput[] | null;

  @Field(() => SegmentRuleInput, { nullable: true })
  not?: SegmentRuleInput | null;

  @Field(() => String, {
    nullable: true,
    description: '`locale`, `timezone`, `registeredAt`, `lastNotifiedAt` or `attributes.<name>`.',
  })
  field?: string | null;

  @Field(() => RuleOperatorEnum, { nullable: true })
  op?: Operator | null;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description:
      'Text, number or boolean; a list for IN and NOT_IN; true or false for EXISTS; an instant, or a time before now such as -P30D, for the moments.',
  })
  value?: unknown;
}

@InputType()
export class DefineSegmentInput {
  @Field(() => String)
  name!: string;

  @Field(() => SegmentRuleInput, {
    nullable: true,
    description: 'Evaluated whenever the segment is used; a segment without one is a list.',
  })
  rule?: SegmentRuleInput | null;

  @Field(() => String, { nullable: true })
  description?: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'A named audience.' })
export class Segment {
  @Field(() => String)
  name!: string;

  @Field(() => SegmentKindEnum)
  kind!: 'static' | 'rule';

  @Field(() => GraphQLJSONObject, { nullable: true })
  rule?: object;

  @Field(() => String, { nullable: true })
  description?: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Of a static list; a rule is counted by `previewSegment`.',
  })
  members?: number;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Null in the answer to a mutation.',
  })
  createdAt?: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Null in the answer to a mutation.',
  })
  updatedAt?: Date;
}

@ObjectType({ simpleResolvers: true, description: 'The segment as it is now.' })
export class SegmentChange {
  @Field(() => Segment)
  segment!: Segment;

  @Field(() => String, { nullable: true, description: 'Absent when it was so already.' })
  cursor?: string;
}

@ObjectType({ simpleResolvers: true, description: 'Whom a segment holds now.' })
export class SegmentPreview {
  @Field(() => Int)
  count!: number;

  @Field(() => [ID], { description: 'The first of them by id.' })
  sample!: readonly string[];
}

@ObjectType({ simpleResolvers: true })
export class SegmentEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => Segment)
  node!: Segment;
}

@ObjectType({ simpleResolvers: true, description: 'By name.' })
export class SegmentConnection {
  @Field(() => [SegmentEdge])
  edges!: readonly SegmentEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
