import { createHmac } from 'node:crypto';
import { v5 } from 'uuid';
import { DomainError } from '../domain/errors.ts';
import type { NotificationEventOf } from '../domain/notification/events.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import { messageKindOf, type SuppressedAddress } from '../domain/policy/eligibility.ts';
import type { PolicyRules } from '../domain/policy/rules.ts';
import type { TemplateContent } from '../domain/template/content.ts';
import { addressFor } from '../domain/user/questions.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { Channel, Priority, Variables } from '../domain/vocabulary.ts';
import { notifications } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import { Unavailable } from './executor.ts';
import { inParallel } from './inParallel.ts';
import {
  checkSize,
  checkTimes,
  timesFor,
  templateFor,
  variableRefusal,
  wrongIds,
} from './requestChecks.ts';
import { refusedFor, type RequestResult, resultOf, ruledBy } from './requestResults.ts';

export type { RequestResult } from './requestResults.ts';

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
  /** Instead of it: a time on the clock of each reader, such as 2026-12-24T09:00. */
  readonly localTime?: string;
  /** ISO 8601 with offset; what isn't sent by then is never sent. */
  readonly expiresAt?: string;
  /** Names the request for ever: the same key never makes a second notification to the same user. */
  readonly idempotencyKey?: string;
  /** What a key names: this one notification, or each user's part of a list, however the list is cut. */
  readonly keyNames: 'notification' | 'list';
  /** The API client that asks; the scope of its idempotency keys. */
  readonly clientId: string;
  /** The broadcast whose page it is: every id follows from the broadcast's and the user's. */
  readonly broadcast?: BroadcastPart;
}

export interface BroadcastPart {
  /** A UUID. */
  readonly id: string;
  /** The version that was active when the broadcast was asked for. */
  readonly templateVersion: number;
  /** Each user's own variables, over those of all; absent when no user has any. */
  readonly variablesOf?: (userId: string) => Variables | undefined;
}

/** A template as the request and the dispatch know it. */
export interface LiveTemplate {
  readonly name: string;
  readonly archived: boolean;
  readonly active: number | undefined;
  content(version: number): TemplateContent | undefined;
}

export interface RequestPorts {
  readonly execute: Execute;
  readonly rules: PolicyRules;
  findTemplate(name: string): Promise<LiveTemplate | undefined>;
  /** Of these addresses those that are suppressed. */
  findSuppressed(addresses: readonly string[]): Promise<ReadonlyMap<string, SuppressedAddress>>;
  findUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, RegisteredUser>>;
  now(): Date;
  /** A time-ordered id for a request without a key. */
  newId(): string;
  /** Keys the fingerprint of a request, which must not be guessable from the log. */
  readonly secret: string;
}

/** Appends under way at once: the client gives each ten seconds. */
const appendsInFlight = 256;
/** Those of a broadcast leave room between them for what is urgent. */
const broadcastAppendsInFlight = 32;
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
    const forAll = request.broadcast ? undefined : variableRefusal(content, request.variables);
    if (forAll) throw forAll;
    const wrong = wrongIds(request.userIds);
    const found = await ports.findUsers(
      wrong.size === 0 ? request.userIds : request.userIds.filter((_, index) => !wrong.has(index)),
    );
    const { broadcast, channel } = request;
    const addresses = [...found.values()].flatMap((user) => addressFor(user, channel) ?? []);
    const suppressions = await ports.findSuppressed(addresses);
    const inFlight = broadcast ? broadcastAppendsInFlight : appendsInFlight;

    return inParallel(request.userIds, inFlight, async (userId, index): Promise<RequestResult> => {
      const problem = wrong.get(index);
      if (problem) return refusedFor(userId, problem);
      const user = found.get(userId);
      const notificationId = idFor(request, userId, ports);
      const variables = { ...request.variables, ...broadcast?.variablesOf?.(userId) };
      const wrongVariable = broadcast?.variablesOf && variableRefusal(content, variables);
      if (wrongVariable) return refusedFor(userId, wrongVariable);
      if (!user) {
        const message = `there is no user ${shown(userId)}`;
        return { kind: 'refused', userId, code: 'UNKNOWN_USER', message, field: 'userId' };
      }
      const own = timesFor(times, user.profile.timezone, now);
      if (own instanceof DomainError) return refusedFor(userId, own);
      const suppressed = suppressions.get(addressFor(user, channel) ?? '');
      const ruled = ruledBy({
        user,
        message: messageKindOf(content, request),
        rules: ports.rules,
        at: now.toISOString(),
        ...(suppressed ? { suppressed } : {}),
        ...own,
      });
      if (ruled.refusal?.ruleId === 'no-address') {
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
        variables: variables as Variables,
        ...own,
        ...(broadcast ? { broadcastId: broadcast.id } : {}),
        requestedBy: request.clientId,
        fingerprint: fingerprintOf({ ...request, variables }, userId, times, ports.secret),
      };
      const command = {
        type: 'RequestNotification',
        request: data,
        ...ruled,
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
        return resultOf(base, done.state);
      } catch (error) {
        // Of a broadcast nothing may be missed: what the store doesn't answer is asked again.
        const worthAnotherTry = broadcast && error instanceof Unavailable;
        if (!(error instanceof DomainError) || worthAnotherTry) throw error;
        return refusedFor(userId, error);
      }
    });
  };

const shown = (userId: string): string => JSON.stringify(userId.slice(0, 64));

const idFor = (request: NotificationsRequest, userId: string, ports: RequestPorts): string => {
  const { clientId, idempotencyKey: key, broadcast } = request;
  if (broadcast) return v5(userId, broadcast.id);
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
