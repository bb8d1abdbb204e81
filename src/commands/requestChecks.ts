import { DateTime } from 'luxon';
import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import { instantOf, isLocalTime, type LocalTime } from '../domain/policy/localTime.ts';
import { offers, type TemplateContent } from '../domain/template/content.ts';
import { variableProblem } from './variables.ts';
import type { Instant } from '../domain/vocabulary.ts';
import type { NotificationsRequest, RequestPorts } from './requestNotifications.ts';

/** Users per call (design §7: up to 10,000 ids inline). */
const mostUsersPerRequest = 10_000;

const hourMs = 3_600_000;
const farthestScheduleMs = 366 * 24 * hourMs;

/** @throws DomainError BAD_INPUT for a list or a key of a wrong size */
export const checkSize = ({ userIds, idempotencyKey }: NotificationsRequest): void => {
  if (userIds.length === 0) throw new DomainError('BAD_INPUT', 'userIds is empty', 'userIds');
  if (userIds.length > mostUsersPerRequest) {
    throw new DomainError(
      'BAD_INPUT',
      `at most ${mostUsersPerRequest} userIds per request`,
      'userIds',
    );
  }
  checkKey(idempotencyKey);
};

/** @throws DomainError BAD_INPUT */
export const checkKey = (idempotencyKey: string | undefined): void => {
  if (
    idempotencyKey !== undefined &&
    (idempotencyKey.length === 0 || idempotencyKey.length > 256)
  ) {
    throw new DomainError(
      'BAD_INPUT',
      'idempotencyKey must have 1 to 256 characters',
      'idempotencyKey',
    );
  }
};

/** Places of the list that nobody can be notified by, each with its refusal; the others are sent. */
export const wrongIds = (userIds: readonly string[]): ReadonlyMap<number, DomainError> => {
  const wrong = new Map<number, DomainError>();
  const seen = new Set<string>();
  for (const [index, userId] of userIds.entries()) {
    if (seen.has(userId)) {
      wrong.set(index, new DomainError('BAD_INPUT', 'the list names this user twice', 'userId'));
      continue;
    }
    seen.add(userId);
    try {
      checkIdentifier(userId, 'userId');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      wrong.set(index, error);
    }
  }
  return wrong;
};

/** When to send and until when, as the caller says it. */
export interface Times {
  readonly scheduledAt?: Instant;
  readonly localTime?: LocalTime;
  readonly expiresAt?: Instant;
}

/** Between the first zone and the last one to show a time. */
const zonesSpanMs = 26 * hourMs;
/** Where the clock has already shown a local time, it is still sent on the same day. */
const lateMs = 24 * hourMs;

const badSchedule = (message: string, field: string) =>
  new DomainError('BAD_SCHEDULE', message, field);

/** @throws DomainError BAD_SCHEDULE */
export const checkTimes = (
  request: Pick<NotificationsRequest, 'scheduledAt' | 'localTime' | 'expiresAt'>,
  now: Date,
): Times => {
  const { localTime } = request;
  const scheduledAt = instant(request.scheduledAt, 'scheduledAt');
  const expiresAt = instant(request.expiresAt, 'expiresAt');
  if (localTime !== undefined) checkLocalTime(localTime, request.scheduledAt, now);
  if (scheduledAt && scheduledAt.getTime() > now.getTime() + farthestScheduleMs) {
    throw badSchedule('scheduledAt is more than a year ahead', 'scheduledAt');
  }
  if (scheduledAt && scheduledAt.getTime() < now.getTime() - 60_000) {
    throw badSchedule('scheduledAt is in the past', 'scheduledAt');
  }
  if (expiresAt && expiresAt <= (scheduledAt ?? now)) {
    throw badSchedule('expiresAt is not after the time to send', 'expiresAt');
  }
  return {
    ...(scheduledAt ? { scheduledAt: scheduledAt.toISOString() } : {}),
    ...(localTime === undefined ? {} : { localTime }),
    ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
  };
};

const checkLocalTime = (localTime: string, scheduledAt: string | undefined, now: Date): void => {
  const refuse = (message: string) => badSchedule(message, 'localTime');
  if (scheduledAt !== undefined) throw refuse('give scheduledAt or localTime, not both');
  if (!isLocalTime(localTime)) {
    throw refuse('localTime must be a time without a zone, such as 2027-01-31T10:00');
  }
  const ahead = Date.parse(instantOf(localTime, 'UTC')) - now.getTime();
  if (ahead > farthestScheduleMs) throw refuse('localTime is more than a year ahead');
  if (ahead < -(lateMs + zonesSpanMs)) throw refuse('localTime is in the past');
};

/**
 * The times of one user: a local time becomes the moment at which the clocks of the user's zone show it.
 * Where they have shown it within the last day, it is sent at once.
 *
 * @returns a refusal for a user to whom it can't be sent in time
 */
export const timesFor = (times: Times, zone: string, now: Date): Times | DomainError => {
  const { localTime, expiresAt } = times;
  if (localTime === undefined) return times;
  const scheduledAt = instantOf(localTime, zone);
  if (Date.parse(scheduledAt) < now.getTime() - lateMs) {
    return badSchedule(`localTime was more than a day ago in ${zone}`, 'localTime');
  }
  if (expiresAt !== undefined && expiresAt <= scheduledAt) {
    return badSchedule(`expiresAt is not after the time to send in ${zone}`, 'expiresAt');
  }
  return { ...times, scheduledAt };
};

const withOffset = /(Z|[+-]\d{2}:?\d{2})$/;

const instant = (text: string | undefined, field: string): Date | undefined => {
  if (text === undefined) return undefined;
  const parsed = DateTime.fromISO(text);
  // Without an offset it would mean a different moment on every server.
  if (!parsed.isValid || !text.includes('T') || !withOffset.test(text)) {
    const message = `${field} must be an ISO 8601 instant with its offset, such as 2027-01-31T10:00:00Z`;
    throw new DomainError('BAD_SCHEDULE', message, field);
  }
  return parsed.toJSDate();
};

/** @throws DomainError for a template or a channel that can't be used */
export const templateFor = async (
  request: Pick<NotificationsRequest, 'template' | 'channel' | 'broadcast'>,
  ports: Pick<RequestPorts, 'findTemplate'>,
) => {
  const template = await ports.findTemplate(request.template);
  const name = JSON.stringify(request.template.slice(0, 64));
  if (!template)
    throw new DomainError('UNKNOWN_TEMPLATE', `there is no template ${name}`, 'template');
  // What was announced as a broadcast before is still sent.
  if (template.archived && !request.broadcast) {
    throw new DomainError('TEMPLATE_ARCHIVED', `template ${name} is archived`, 'template');
  }
  const version = request.broadcast?.templateVersion ?? template.active;
  const content = version === undefined ? undefined : template.content(version);
  if (version === undefined || !content) {
    throw new DomainError(
      'UNKNOWN_TEMPLATE_VERSION',
      `template ${name} has no active version`,
      'template',
    );
  }
  if (!offers(content, request.channel)) {
    const has = Object.keys(content.channels).join(', ');
    const message = `template ${name} has no ${request.channel} part; it has ${has}`;
    throw new DomainError('CHANNEL_NOT_IN_TEMPLATE', message, 'channel');
  }
  return { content, version };
};

/** What is wrong with the variables that a template version gets, if anything. */
export const variableRefusal = (
  content: TemplateContent,
  variables: Readonly<Record<string, unknown>>,
): DomainError | undefined => {
  const problem = variableProblem(content, variables);
  return problem && new DomainError(problem.code, problem.message, `variables.${problem.name}`);
};
