import { createHmac } from 'node:crypto';
import { DateTime } from 'luxon';
import { v5 } from 'uuid';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { NotificationEventOf } from '../domain/notification/events.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import { refusalFor } from '../domain/policy/eligibility.ts';
import { offers, type TemplateContent, variableProblem } from '../domain/template/content.ts';
import type { RegisteredUser } from '../domain/user/user.ts';
import type { Channel, Instant, Priority, Variables } from '../domain/vocabulary.ts';
import { notifications } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import { inParallel } from './inParallel.ts';

/** One template to one or many users over one channel. */
export interface NotificationsRequest {
  readonly userIds: readonly string[];
  readonly channel: Channel;
  readonly template: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The template version's own priority when absent. */
  readonly priority?: Priority;
  /** ISO 8601 with offset; at most a year ahead. */
  readonly scheduledAt?: string;
  /** ISO 8601 with offset; what isn't sent by then is never sent. */
  readonly expiresAt?: string;
  /** Names the request for ever: the same key never makes a second notification to the same user. */
  readonly idempotencyKey?: string;
  /** What a key names: this one notification, or each user's part of a list, however the list is cut. */
  readonly keyNames: 'notification' | 'list';
  /** The API client that asks; the scope of its idempotency keys. */
  readonly clientId: string;
}

/** What became of the request for one user. */
export type RequestResult =
  | {
      readonly kind: 'accepted';
      readonly userId: string;
      readonly notificationId: string;
      readonly status: 'PENDING' | 'SCHEDULED';
      /** The same key was used before; nothing was appended now. */
      readonly duplicate: boolean;
      readonly cursor?: string;
    }
  | {
      readonly kind: 'suppressed';
      readonly userId: string;
      readonly notificationId: string;
      readonly ruleId: string;
      readonly reason: string;
      readonly duplicate: boolean;
      readonly cursor?: string;
    }
  | {
      readonly kind: 'refused';
      readonly userId: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly field?: string;
    };

/** A template as the request and the dispatch know it. */
export interface LiveTemplate {
  readonly name: string;
  readonly archived: boolean;
  readonly active: number | undefined;
  content(version: number): TemplateContent | undefined;
}

export interface RequestPorts {
  readonly execute: Execute;
  findTemplate(name: string): Promise<LiveTemplate | undefined>;
  findUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, RegisteredUser>>;
  now(): Date;
  /** A time-ordered id for a request without a key. */
  newId(): string;
  /** Keys the fingerprint of a request, which must not be guessable from the log. */
  readonly secret: string;
}

/** Users per call (design §7: up to 10,000 ids inline). */
export const mostUsersPerRequest = 10_000;

/** Appends under way at once: the client gives each ten seconds. */
const appendsInFlight = 256;
const farthestScheduleMs = 366 * 24 * 3_600_000;
const idNamespace = '5b9f0a51-6c0e-4d8b-9f39-6f1f0f5f3c11';

/**
 * @throws DomainError for what is wrong with the whole request: unknown or archived template, a channel
 * it lacks, variables, schedule. What is wrong with one user is that user's `refused` result.
 */
export type RequestNotifications = (
  request: NotificationsRequest,
  context: CommandContext,
) => Promise<readonly RequestResult[]>;

export const createRequestNotifications =
  (ports: RequestPorts): RequestNotifications =>
  async (request, context) => {
    const now = ports.now();
    const times = checkTimes(request, now);
    checkSize(request);
    const { content, version } = await templateFor(request, ports);
    const found = await ports.findUsers(request.userIds);

    return inParallel(request.userIds, appendsInFlight, async (userId): Promise<RequestResult> => {
      const user = found.get(userId);
      const notificationId = idFor(request, userId, ports);
      if (!user) {
        const message = `there is no user ${shown(userId)}`;
        return { kind: 'refused', userId, code: 'UNKNOWN_USER', message, field: 'userId' };
      }
      const question = { user, channel: request.channel, category: content.category };
      const refusal = refusalFor(question);
      if (refusal?.ruleId === 'no-address') {
        const message = `user ${userId} has no address for ${request.channel}`;
        return { kind: 'refused', userId, code: 'NO_ADDRESS', message, field: 'channel' };
      }
      const data: NotificationEventOf<'NotificationRequested'>['data'] = {
        notificationId,
        userId,
        channel: request.channel,
        template: request.template,
        templateVersion: version,
        category: content.category,
        priority: request.priority ?? content.priority,
        variables: request.variables as Variables,
        ...times,
        requestedBy: request.clientId,
        fingerprint: fingerprintOf(request, userId, times, ports.secret),
      };
      const command = {
        type: 'RequestNotification',
        request: data,
        ...(refusal ? { refusal } : {}),
        at: now.toISOString(),
      } as const;
      try {
        const hint = { state: { status: 'none' } as NotificationState, revision: -1 };
        const done = await ports.execute(notifications, notificationId, [command], context, {
          hint,
        });
        const duplicate = done.events.length === 0;
        const base = {
          userId,
          notificationId,
          duplicate,
          ...(done.cursor === undefined ? {} : { cursor: done.cursor }),
        };
        if (done.state.status === 'ended' && done.state.as === 'suppressed') {
          const { ruleId = 'suppressed', reason = 'suppressed' } = refusal ?? {};
          return { kind: 'suppressed', ...base, ruleId, reason };
        }
        const scheduled = done.state.status === 'waiting' && done.state.until !== undefined;
        return { kind: 'accepted', ...base, status: scheduled ? 'SCHEDULED' : 'PENDING' };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const { code, message, field } = error;
        return {
          kind: 'refused',
          userId,
          code,
          message,
          ...(field === undefined ? {} : { field }),
        };
      }
    });
  };

const shown = (userId: string): string => JSON.stringify(userId.slice(0, 64));

const checkSize = ({ userIds, idempotencyKey }: NotificationsRequest): void => {
  if (userIds.length === 0) throw new DomainError('BAD_INPUT', 'userIds is empty', 'userIds');
  if (userIds.length > mostUsersPerRequest) {
    throw new DomainError(
      'BAD_INPUT',
      `at most ${mostUsersPerRequest} userIds per request`,
      'userIds',
    );
  }
  for (const userId of userIds) checkIdentifier(userId, 'userId');
  if (new Set(userIds).size !== userIds.length) {
    throw new DomainError('BAD_INPUT', 'userIds names a user twice', 'userIds');
  }
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

const checkTimes = (
  request: NotificationsRequest,
  now: Date,
): { scheduledAt?: Instant; expiresAt?: Instant } => {
  const scheduledAt = instant(request.scheduledAt, 'scheduledAt');
  const expiresAt = instant(request.expiresAt, 'expiresAt');
  const refuse = (message: string, field: string) =>
    new DomainError('BAD_SCHEDULE', message, field);
  if (scheduledAt && scheduledAt.getTime() > now.getTime() + farthestScheduleMs) {
    throw refuse('scheduledAt is more than a year ahead', 'scheduledAt');
  }
  if (scheduledAt && scheduledAt.getTime() < now.getTime() - 60_000) {
    throw refuse('scheduledAt is in the past', 'scheduledAt');
  }
  if (expiresAt && expiresAt <= (scheduledAt ?? now)) {
    throw refuse('expiresAt is not after the time to send', 'expiresAt');
  }
  return {
    ...(scheduledAt ? { scheduledAt: scheduledAt.toISOString() } : {}),
    ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
  };
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

const templateFor = async (request: NotificationsRequest, ports: RequestPorts) => {
  const template = await ports.findTemplate(request.template);
  const name = JSON.stringify(request.template.slice(0, 64));
  if (!template)
    throw new DomainError('UNKNOWN_TEMPLATE', `there is no template ${name}`, 'template');
  if (template.archived) {
    throw new DomainError('TEMPLATE_ARCHIVED', `template ${name} is archived`, 'template');
  }
  const version = template.active;
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
  const problem = variableProblem(content, request.variables);
  if (problem) {
    throw new DomainError(problem.code, problem.message, `variables.${problem.name}`);
  }
  return { content, version };
};

const idFor = (request: NotificationsRequest, userId: string, ports: RequestPorts): string => {
  const { clientId, idempotencyKey: key } = request;
  if (key === undefined) return ports.newId();
  const parts = request.keyNames === 'notification' ? [clientId, key] : [clientId, key, userId];
  return v5(JSON.stringify(parts), idNamespace);
};

const fingerprintOf = (
  request: NotificationsRequest,
  userId: string,
  times: object,
  secret: string,
): string => {
  const { channel, template, priority } = request;
  const variables = Object.entries(request.variables).sort(([a], [b]) => (a < b ? -1 : 1));
  const asked = JSON.stringify([userId, channel, template, priority ?? null, variables, times]);
  return createHmac('sha256', secret).update(asked).digest('base64url').slice(0, 22);
};
