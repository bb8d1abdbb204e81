import { Field, ID, ObjectType } from 'type-graphql';
import { DomainError } from '../../domain/errors.ts';
import type { NotificationPlace } from '../../projections/notificationQueries.ts';
import type { NotificationDocument } from '../../projections/notifications.ts';
import { keyOfCursor } from '../connection.ts';

@ObjectType({ simpleResolvers: true })
export class NotificationChange {
  @Field(() => ID)
  notificationId!: string;

  @Field(() => String, { nullable: true, description: 'Absent when it was so already.' })
  cursor?: string;
}

/** What a cursor of a list of notifications holds. */
export const placeOf = ({ requestedAt, _id }: NotificationDocument): readonly string[] => [
  requestedAt.toISOString(),
  _id,
];

/** @throws DomainError BAD_INPUT for what is no cursor of a list of notifications */
export const pageKey = (cursor: string): NotificationPlace => {
  const [at = '', id = ''] = keyOfCursor(cursor, 2);
  const requestedAt = new Date(at);
  if (Number.isNaN(requestedAt.getTime())) {
    throw new DomainError('BAD_INPUT', 'after is not a cursor of this list', 'after');
  }
  return { requestedAt, id };
};

/** @throws DomainError BAD_INPUT for a reason that is too long */
export const reasonOf = (why: string | null | undefined, otherwise: string): string => {
  const reason = why?.trim();
  if (!reason) return otherwise;
  if (reason.length <= 500) return reason;
  throw new DomainError('BAD_INPUT', 'why must have at most 500 characters', 'why');
};
