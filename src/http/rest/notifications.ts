import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { NotificationsRequest, RequestResult } from '../../commands/requestNotifications.ts';
import { DomainError } from '../../domain/errors.ts';
import { commandContext } from '../../graphql/context.ts';
import { given } from '../../graphql/given.ts';
import { allow, maySee } from '../../graphql/principal.ts';
import { checkVariables } from '../../commands/variableForm.ts';
import { eventNames } from '../../graphql/vocabulary.ts';
import type { NotificationDocument } from '../../projections/notifications.ts';
import type { ContextOf } from '../request.ts';
import { bulkBody, inRestWords, notificationBody, parseBody } from './input.ts';
import { keyOf } from './key.ts';

/** Bodies that name many users may have 2 MB; all others 512 KB. */
const bulkBodyLimit = 2 * 1024 * 1024;

/** How long a notification that nothing holds up takes, at most (the seed's example). */
const usualMs = 5_000;

/** `POST /api/v1/notifications`, `POST /api/v1/notifications/bulk`, `GET /api/v1/notifications/{id}`. */
export const registerNotifications = (fastify: FastifyInstance, contextOf: ContextOf): void => {
  type Asked = Omit<NotificationsRequest, 'clientId' | 'template' | 'idempotencyKey'> & {
    readonly templateName: string;
  };
  const request = async (http: FastifyRequest, read: () => Asked) => {
    const context = await contextOf(http);
    const principal = allow(context.identity, 'service');
    const { templateName, variables, ...rest } = read();
    const idempotencyKey = keyOf(http);
    try {
      return {
        now: context.ports.now(),
        results: await context.ports.requestNotifications(
          {
            ...rest,
            template: templateName,
            variables: checkVariables(variables),
            ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
            clientId: principal.clientId,
          },
          commandContext(principal, context),
        ),
      };
    } catch (error) {
      throw inRestWords(error);
    }
  };

  fastify.post('/api/v1/notifications', async (http, reply) => {
    const { results, now } = await request(http, () => {
      const { userId, ...rest } = parseBody(notificationBody, http.body);
      const { templateName, channel, variables, ...options } = rest;
      const asked = { templateName, channel, variables, ...given(options) };
      return { userIds: [userId], keyNames: 'notification', ...asked };
    });
    const [result] = results;
    if (!result) throw new Error('a request for one user came back without a result');
    if (result.kind === 'refused') {
      throw new DomainError(result.code, result.message, result.field);
    }
    return reply.code(202).send(answerOf(result, now));
  });

  fastify.post('/api/v1/notifications/bulk', { bodyLimit: bulkBodyLimit }, async (http, reply) => {
    const { results, now } = await request(http, () => {
      const { userIds, ...rest } = parseBody(bulkBody, http.body);
      const { templateName, channel, variables, ...options } = rest;
      return { userIds, keyNames: 'list', templateName, channel, variables, ...given(options) };
    });
    const count = (kind: RequestResult['kind']) => results.filter((r) => r.kind === kind).length;
    return reply.code(202).send({
      accepted: count('accepted'),
      suppressed: count('suppressed'),
      refused: count('refused'),
      results: results.map((result) => {
        if (result.kind !== 'refused') {
          return { userId: result.userId, ...answerOf(result, now) };
        }
        const { userId, code, message, field } = result;
        return { userId, error: { code, ...(field === undefined ? {} : { field }), message } };
      }),
    });
  });

  fastify.get<{ readonly Params: { readonly id: string } }>(
    '/api/v1/notifications/:id',
    async (http) => {
      const { identity, ports } = await contextOf(http);
      const principal = allow(identity, 'service', 'user');
      const found = await ports.notifications.byId(http.params.id);
      if (!found || !maySee(principal, found.userId)) {
        throw new DomainError('UNKNOWN_NOTIFICATION', 'there is no such notification', 'id');
      }
      return statusOf(found);
    },
  );
};

const answerOf = (result: Exclude<RequestResult, { readonly kind: 'refused' }>, now: Date) => {
  const { notificationId } = result;
  if (result.kind === 'suppressed') {
    return { notificationId, status: 'suppressed', reason: result.reason };
  }
  if (result.status === 'EXPIRED') return { notificationId, status: 'expired' };
  const from = result.until === undefined ? now : new Date(result.until);
  return {
    notificationId,
    status: result.status === 'PENDING' ? 'queued' : result.status.toLowerCase(),
    estimatedDelivery: new Date(from.getTime() + usualMs).toISOString(),
  };
};

/** The seed's shape: what is absent has not happened. */
const statusOf = (found: NotificationDocument) => ({
  id: found._id,
  userId: found.userId,
  channel: found.channel,
  templateName: found.template,
  status: found.status.toLowerCase(),
  requestedAt: found.requestedAt,
  scheduledAt: found.scheduledAt,
  localTime: found.localTime,
  expiresAt: found.expiresAt,
  sentAt: found.sentAt,
  deliveredAt: found.deliveredAt,
  openedAt: found.openedAt,
  clickedAt: found.clickedAt,
  bouncedAt: found.bouncedAt,
  error: found.error,
  events: found.timeline.map(({ type, at }) => ({
    type: eventNames.get(type)?.toLowerCase(),
    timestamp: at,
  })),
});
