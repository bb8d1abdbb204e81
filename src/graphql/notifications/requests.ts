import { GraphQLJSONObject } from 'graphql-scalars';
import {
  Arg,
  createUnionType,
  Ctx,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Resolver,
} from 'type-graphql';
import type { NotificationsRequest, RequestResult } from '../../commands/requestNotifications.ts';
import { DomainError, type ErrorCode } from '../../domain/errors.ts';
import type { Channel, Priority } from '../../domain/vocabulary.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given } from '../given.ts';
import { allow } from '../principal.ts';
import { checkVariables } from '../../commands/variableForm.ts';
import { ChannelEnum, ErrorCodeEnum, PriorityEnum, StatusEnum } from '../vocabulary.ts';

const cursorDescription =
  'Subscribing `after` it tells everything that follows; absent when the key was used before.';

@ObjectType({ simpleResolvers: true, description: 'It is stored and will be sent.' })
export class NotificationAccepted {
  @Field(() => ID)
  userId!: string;

  @Field(() => ID)
  notificationId!: string;

  @Field(() => StatusEnum)
  status!: 'PENDING' | 'SCHEDULED' | 'DEFERRED' | 'EXPIRED';

  @Field(() => String, {
    nullable: true,
    description: 'What is scheduled, or deferred by a rule, is not tried before this moment.',
  })
  until?: string;

  @Field(() => Boolean, { description: 'The idempotency key was used before; nothing is new.' })
  duplicate!: boolean;

  @Field(() => String, { nullable: true, description: cursorDescription })
  cursor?: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'It is stored that it was asked for, and that a rule forbids to send it.',
})
export class NotificationSuppressed {
  @Field(() => ID)
  userId!: string;

  @Field(() => ID)
  notificationId!: string;

  @Field(() => String)
  ruleId!: string;

  @Field(() => String)
  reason!: string;

  @Field(() => Boolean, { description: 'The idempotency key was used before; nothing is new.' })
  duplicate!: boolean;

  @Field(() => String, { nullable: true, description: cursorDescription })
  cursor?: string;
}

@ObjectType({ simpleResolvers: true, description: 'The request is wrong; nothing is stored.' })
export class RequestRefused {
  @Field(() => ID)
  userId!: string;

  @Field(() => ErrorCodeEnum)
  code!: ErrorCode;

  @Field(() => String, { nullable: true, description: 'The part of the input to blame.' })
  field?: string;

  @Field(() => String)
  message!: string;
}

const RequestResultUnion = createUnionType({
  name: 'RequestResult',
  description: 'What became of a request for one user.',
  types: () => [NotificationAccepted, NotificationSuppressed, RequestRefused] as const,
});
type RequestResultObject = NotificationAccepted | NotificationSuppressed | RequestRefused;

@ObjectType({ simpleResolvers: true, description: 'What became of a request, user by user.' })
export class RequestResults {
  @Field(() => Int)
  accepted!: number;

  @Field(() => Int)
  suppressed!: number;

  @Field(() => Int)
  refused!: number;

  @Field(() => [RequestResultUnion], { description: 'In the order of `userIds`.' })
  results!: readonly RequestResultObject[];
}

@InputType()
class RequestInput {
  @Field(() => ChannelEnum)
  channel!: Channel;

  @Field(() => String, { description: 'The name of the template; its active version is used.' })
  template!: string;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description: 'What the schema of the template version allows, by name.',
  })
  variables?: Readonly<Record<string, unknown>> | null;

  @Field(() => PriorityEnum, {
    nullable: true,
    description: "The template version's own when absent.",
  })
  priority?: Priority | null;

  @Field(() => String, {
    nullable: true,
    description: 'ISO 8601 with offset, such as 2027-01-31T10:00:00Z; at most a year ahead.',
  })
  scheduledAt?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Instead of `scheduledAt`: a time on the clock of each reader, such as 2027-01-31T10:00. It is sent when the clocks of the reader’s time zone show it, also when the zone changes until then; at once where they have shown it within the last day.',
  })
  localTime?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'ISO 8601 with offset; what is not sent by then is never sent.',
  })
  expiresAt?: string | null;

  @Field(() => String, {
    nullable: true,
    description: '1 to 256 characters; the same key never makes a second notification.',
  })
  idempotencyKey?: string | null;
}

@InputType()
export class RequestNotificationInput extends RequestInput {
  @Field(() => ID)
  userId!: string;
}

@InputType()
export class RequestNotificationsInput extends RequestInput {
  @Field(() => [ID], {
    description: '1 to 10,000 users; a user named twice is refused the second time.',
  })
  userIds!: readonly string[];
}

@Resolver()
export class RequestResolver {
  @Mutation(() => RequestResultUnion, {
    description: 'Asks for one message to one user. Roles: service.',
  })
  async requestNotification(
    @Arg('input', () => RequestNotificationInput) input: RequestNotificationInput,
    @Ctx() context: ApiContext,
  ): Promise<RequestResultObject> {
    const { userId, ...rest } = input;
    try {
      const [result] = await request([userId], 'notification', rest, context);
      if (!result) throw new Error('a request for one user came back without a result');
      if (result.kind === 'refused' && !isRefusal(result.code)) {
        throw new DomainError(result.code, result.message, result.field);
      }
      return objectOf(result);
    } catch (error) {
      if (!(error instanceof DomainError) || !isRefusal(error.code)) throw error;
      const { code, message, field } = error;
      return objectOf({
        kind: 'refused',
        userId,
        code,
        message,
        ...(field === undefined ? {} : { field }),
      });
    }
  }

  @Mutation(() => RequestResults, {
    description:
      'Asks for one message to each of many users. What is wrong with the whole request is an error; what is wrong with one user is that user’s result. Roles: service.',
  })
  async requestNotifications(
    @Arg('input', () => RequestNotificationsInput) input: RequestNotificationsInput,
    @Ctx() context: ApiContext,
  ): Promise<RequestResults> {
    const { userIds, ...rest } = input;
    const results = await request(userIds, 'list', rest, context);
    const count = (kind: RequestResult['kind']) => results.filter((r) => r.kind === kind).length;
    return {
      accepted: count('accepted'),
      suppressed: count('suppressed'),
      refused: count('refused'),
      results: results.map(objectOf),
    };
  }
}

const request = (
  userIds: readonly string[],
  keyNames: NotificationsRequest['keyNames'],
  input: RequestInput,
  context: ApiContext,
): Promise<readonly RequestResult[]> => {
  const principal = allow(context.identity, 'service');
  const { channel, template, variables, ...options } = input;
  return context.ports.requestNotifications(
    {
      userIds,
      keyNames,
      channel,
      template,
      variables: checkVariables(variables ?? {}),
      ...given(options),
      clientId: principal.clientId,
    },
    commandContext(principal, context),
  );
};

/** Trouble and trespass are errors; everything else that a rule refuses is a result. */
const isRefusal = (code: ErrorCode): boolean =>
  !['UNAUTHENTICATED', 'FORBIDDEN', 'UNAVAILABLE', 'CONFLICT'].includes(code);

const objectOf = ({ kind, ...result }: RequestResult): RequestResultObject =>
  Object.assign(new objectTypes[kind](), result);

const objectTypes = {
  accepted: NotificationAccepted,
  suppressed: NotificationSuppressed,
  refused: RequestRefused,
} as const;
