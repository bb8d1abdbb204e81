import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { NotificationCommands } from '../commands/notifications.ts';
import { httpError, loggable } from './errors.ts';
import { readDeviceAcknowledgements } from './webhooks/device.ts';
import type { WebhookResult } from './webhooks/report.ts';
import { readSendGridWebhook } from './webhooks/sendgrid.ts';
import { readTwilioWebhook } from './webhooks/twilio.ts';

/** A batch of provider events (SendGrid sends up to 768 KB). */
export const webhookBodyLimit = 1024 * 1024;

export interface WebhookEdge {
  readonly notificationCommands: NotificationCommands;
  /** Read at every call: the keys may come after the server has started. */
  readonly accounts: {
    readonly sendgrid?: { readonly publicKey: string };
    readonly twilio?: { readonly authToken: string };
  };
  readonly deviceSecret: string;
  /** What the outside calls this server, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly now: () => Date;
  readonly logger: Logger;
}

/**
 * News from providers and devices: verified over the raw body, appended, and only then answered 2xx; 503
 * when it couldn't be appended, so that the provider repeats it (facts W1). A provider without an account
 * gets a 404.
 */
export const registerWebhooks = async (
  fastify: FastifyInstance,
  edge: WebhookEdge,
): Promise<void> => {
  const { accounts, deviceSecret: secret, now, logger } = edge;

  const route = (
    scope: FastifyInstance,
    provider: string,
    read: (rawBody: Buffer, request: FastifyRequest) => WebhookResult | undefined,
  ) =>
    scope.post(`/webhooks/${provider}`, async (request, reply) => {
      const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const result = read(rawBody, request);
      if (!result) {
        const { status, body } = httpError(404, 'NOT_FOUND', `there is no account at ${provider}`);
        return reply.code(status).send(body);
      }
      if (!result.ok) {
        logger.warn({ provider, reason: result.reason }, 'a webhook was refused');
        const code = result.status === 401 ? 'UNAUTHENTICATED' : 'BAD_INPUT';
        const { status, body } = httpError(result.status, code, result.reason);
        return reply.code(status).send(body);
      }
      try {
        await edge.notificationCommands.recordNews(result.reports, {
          actor: `provider:${provider}`,
          correlationId: request.id,
        });
      } catch (error) {
        const known = error instanceof Error ? loggable(error) : undefined;
        const about = { provider, correlationId: request.id, error: known };
        logger.error(about, 'news of a provider could not be stored');
        const { status, body } = httpError(503, 'UNAVAILABLE', 'not stored; send it again');
        return reply.code(status).header('retry-after', '5').send(body);
      }
      return reply.code(204).send();
    });

  await fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: webhookBodyLimit },
      (_request, body, parsed) => parsed(null, body),
    );
    route(scope, 'sendgrid', (rawBody, { headers }) =>
      accounts.sendgrid
        ? readSendGridWebhook(rawBody, headers, { ...accounts.sendgrid, now: now() })
        : undefined,
    );
    route(scope, 'twilio', (rawBody, { headers, url }) =>
      accounts.twilio
        ? readTwilioWebhook(rawBody, headers, {
            ...accounts.twilio,
            url: `${edge.publicUrl()}${url}`,
            now: now(),
          })
        : undefined,
    );
    route(scope, 'device', (rawBody) =>
      readDeviceAcknowledgements(rawBody, { secret, now: now() }),
    );
    done();
  });
};
