import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Category, Channel, Priority } from '../../domain/vocabulary.ts';
import { PageInfo } from '../connection.ts';
import {
  type BroadcastStatus,
  BroadcastStatusEnum,
  CategoryEnum,
  ChannelEnum,
  ErrorCodeEnum,
  PriorityEnum,
} from '../vocabulary.ts';

@InputType({ description: 'Exactly one of them.' })
export class AudienceInput {
  @Field(() => Boolean, { nullable: true, description: 'True: every user.' })
  all?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Evaluated when it is sent.' })
  segment?: string | null;

  @Field(() => ID, { nullable: true, description: 'Uploaded by `POST /api/v1/lists`.' })
  listId?: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'Exactly one of them.' })
export class Audience {
  @Field(() => Boolean, { nullable: true })
  all?: boolean;

  @Field(() => String, { nullable: true })
  segment?: string;

  @Field(() => ID, { nullable: true })
  listId?: string;
}

@InputType()
export class BroadcastInput {
  @Field(() => AudienceInput)
  audience!: AudienceInput;

  @Field(() => String, { nullable: true, description: 'For people; 1 to 200 characters.' })
  title?: string | null;

  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => String, { description: 'The version that is active now is used.' })
  template!: string;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'The same for all; the rows of a list may have their own over them.',
  })
  variables?: Readonly<Record<string, unknown>> | null;

  @Field(() => PriorityEnum, {
    nullable: true,
    description: "The template version's own when absent.",
  })
  priority?: Priority | null;

  @Field(() => String, {
    nullable: true,
    description: 'ISO 8601 with offset; nothing is done before. At most a year ahead.',
  })
  scheduledAt?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Instead, a time on the clock of each reader, such as 2027-01-31T10:00; the audience is evaluated at once.',
  })
  localTime?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'ISO 8601 with offset; who was not sent it by then never is.',
  })
  expiresAt?: string | null;

  @Field(() => String, {
    nullable: true,
    description: '1 to 256 characters; the same key never makes a second broadcast.',
  })
  idempotencyKey?: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'Why one recipient gets nothing.' })
export class RecipientRefusal {
  @Field(() => ID, { nullable: true })
  userId?: string;

  @Field(() => Int, { nullable: true, description: 'Of the uploaded list, from 1.' })
  line?: number;

  @Field(() => ErrorCodeEnum)
  code!: ErrorCode;

  @Field(() => String, { nullable: true })
  field?: string;

  @Field(() => String)
  reason!: string;
}

@ObjectType({ simpleResolvers: true })
export class RefusalEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => RecipientRefusal)
  node!: RecipientRefusal;
}

@ObjectType({ simpleResolvers: true, description: 'In the order in which they were found.' })
export class RefusalConnection {
  @Field(() => [RefusalEdge])
  edges!: readonly RefusalEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@ObjectType({ simpleResolvers: true })
export class RefusalCount {
  @Field(() => ErrorCodeEnum)
  code!: ErrorCode;

  @Field(() => Int)
  count!: number;
}

@ObjectType({ simpleResolvers: true, description: 'It is stored and will be sent.' })
export class BroadcastAccepted {
  @Field(() => ID)
  broadcastId!: string;

  @Field(() => Boolean, { description: 'The idempotency key was used before; nothing is new.' })
  duplicate!: boolean;

  @Field(() => String, { nullable: true })
  cursor?: string;
}

@ObjectType({ simpleResolvers: true })
export class BroadcastChange {
  @Field(() => ID)
  broadcastId!: string;

  @Field(() => String, { nullable: true, description: 'Absent when it was so already.' })
  cursor?: string;
}

@ObjectType({ description: 'How far a broadcast is and what became of it.' })
export class Broadcast {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  title?: string;

  @Field(() => BroadcastStatusEnum)
  status!: BroadcastStatus;

  @Field(() => Audience)
  audience!: Audience;

  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => String)
  template!: string;

  @Field(() => Int)
  templateVersion!: number;

  @Field(() => CategoryEnum)
  category!: Category;

  @Field(() => PriorityEnum)
  priority!: Priority;

  @Field(() => String)
  requestedBy!: string;

  @Field(() => GraphQLDateTime)
  requestedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  scheduledAt?: Date;

  @Field(() => String, { nullable: true })
  localTime?: string;

  @Field(() => GraphQLDateTime, { nullable: true })
  expiresAt?: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  startedAt?: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When everybody was asked for.' })
  completedAt?: Date;

  @Field(() => GraphQLDateTime, { nullable: true })
  cancelledAt?: Date;

  @Field(() => Boolean, { description: 'Its time was over before everybody was asked for.' })
  ranOut!: boolean;

  @Field(() => Int, { nullable: true, description: 'How many there seemed to be at its start.' })
  recipients?: number;

  @Field(() => Float, { nullable: true, description: '0 to 1; null before it was started.' })
  progress?: number;

  @Field(() => Int, { description: 'Asked for and not forbidden.' })
  accepted!: number;

  @Field(() => Int, { description: 'Asked for, and a rule forbids to send it.' })
  suppressed!: number;

  @Field(() => Int, { description: 'Wrong, and not asked for; `refusals` names them.' })
  refused!: number;

  @Field(() => [RefusalCount])
  refusedByCode!: readonly RefusalCount[];

  @Field(() => Int, { description: 'How often one was put off.' })
  deferred!: number;

  @Field(() => Int)
  sent!: number;

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
  failedAttempts!: number;

  @Field(() => Int)
  deadLettered!: number;

  @Field(() => Int)
  cancelled!: number;

  @Field(() => Int)
  expired!: number;
}

@ObjectType({ simpleResolvers: true })
export class BroadcastEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => Broadcast)
  node!: Broadcast;
}

@ObjectType({ simpleResolvers: true, description: 'Newest first.' })
export class BroadcastConnection {
  @Field(() => [BroadcastEdge])
  edges!: readonly BroadcastEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
