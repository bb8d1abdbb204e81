import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { NotificationEvent } from '../../domain/notification/events.ts';
import type { Category, Channel, Priority } from '../../domain/vocabulary.ts';
import type { NotificationDocument, NotificationStatus } from '../../projections/notifications.ts';
import { PageInfo } from '../connection.ts';
import {
  CategoryEnum,
  ChannelEnum,
  EventTypeEnum,
  PriorityEnum,
  StatusEnum,
} from '../vocabulary.ts';

const moment = { nullable: true } as const;

@ObjectType({ simpleResolvers: true, description: 'One thing that happened to a notification.' })
export class TimelineEntry {
  @Field(() => EventTypeEnum)
  type!: NotificationEvent['type'];

  @Field(() => GraphQLDateTime, { description: "By its source's clock where it has one." })
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

  @Field(() => String, { description: 'Subscribing `after` it continues with what came next.' })
  cursor!: string;
}

@ObjectType({ simpleResolvers: true, description: 'Why a notification will never be sent.' })
export class Suppression {
  @Field(() => String)
  ruleId!: string;

  @Field(() => String)
  reason!: string;

  @Field(() => String, { nullable: true })
  evidence?: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'One message to one user over one channel: its status and its story.',
})
export class Notification {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  userId!: string;

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

  @Field(() => StatusEnum)
  status!: NotificationStatus;

  @Field(() => String, { description: 'The API client that asked for it.' })
  requestedBy!: string;

  @Field(() => ID, { nullable: true })
  broadcastId?: string;

  @Field(() => GraphQLDateTime)
  requestedAt!: Date;

  @Field(() => GraphQLDateTime, moment)
  scheduledAt?: Date;

  @Field(() => String, {
    nullable: true,
    description: 'The time on the clock of the reader that it was scheduled for.',
  })
  localTime?: string;

  @Field(() => GraphQLDateTime, moment)
  expiresAt?: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When something is tried next: a schedule, a deferral or a retry.',
  })
  nextAttemptAt?: Date;

  @Field(() => Int)
  attempts!: number;

  @Field(() => String, { nullable: true })
  provider?: string;

  @Field(() => String, { nullable: true })
  providerMessageId?: string;

  @Field(() => GraphQLDateTime, moment)
  sentAt?: Date;

  @Field(() => GraphQLDateTime, moment)
  deliveredAt?: Date;

  @Field(() => GraphQLDateTime, moment)
  openedAt?: Date;

  @Field(() => GraphQLDateTime, moment)
  clickedAt?: Date;

  @Field(() => GraphQLDateTime, moment)
  bouncedAt?: Date;

  @Field(() => GraphQLDateTime, moment)
  complainedAt?: Date;

  @Field(() => GraphQLDateTime, moment)
  endedAt?: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When an operator decided that nobody tries it again.',
  })
  discardedAt?: Date;

  @Field(() => String, { nullable: true, description: 'The code of the last error.' })
  error?: string;

  @Field(() => Boolean, { description: 'Nobody can know yet whether the provider accepted it.' })
  inDoubt!: boolean;

  @Field(() => Suppression, { nullable: true })
  suppression?: Suppression;

  @Field(() => [TimelineEntry])
  timeline!: readonly TimelineEntry[];

  @Field(() => String, { description: 'Subscribing `after` it continues without a gap.' })
  cursor!: string;
}

export const notificationOf = ({ _id, v: _, ...document }: NotificationDocument): Notification => ({
  id: _id,
  ...document,
});

@ObjectType({ simpleResolvers: true })
export class NotificationEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => Notification)
  node!: Notification;
}

@ObjectType({ simpleResolvers: true, description: 'Newest first.' })
export class NotificationConnection {
  @Field(() => [NotificationEdge])
  edges!: readonly NotificationEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@InputType()
export class NotificationFilterInput {
  @Field(() => ID, { nullable: true })
  userId?: string | null;

  @Field(() => StatusEnum, { nullable: true })
  status?: NotificationStatus | null;

  @Field(() => ChannelEnum, { nullable: true })
  channel?: Channel | null;

  @Field(() => CategoryEnum, { nullable: true })
  category?: Category | null;

  @Field(() => String, { nullable: true })
  template?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'From this moment on.' })
  requestedFrom?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Before this moment.' })
  requestedUntil?: Date | null;
}
