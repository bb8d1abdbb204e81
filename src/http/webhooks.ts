import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { InboundResult, InboundText, InboundTextCommands } from '../commands/inboundText.ts';
import type { NotificationCommands } from '../commands/notifications.ts';
import { httpError, loggable } from './errors.ts';
import type { MetricsEdge } from './metrics.ts';
import { readDeviceAcknowledgements } from './webhooks/device.ts';
import { type WebhookAccounts, webhookReaders } from './webhooks/readers.ts';
import type { Refusal, WebhookResult } from './webhooks/report.ts';
import { type InboundWebhook, readTwilioInbound, twimlFor } from './webhooks/twilioInbound.ts';
import { readVonageInbound } from './webhooks/vonage.ts';

/** A batch of provider events (SendGrid sends up to 768 KB). */
export const webhookBodyLimit = 1024 * 1024;

export interface WebhookEdge {
  readonly notificationCommands: NotificationCommands;
  readonly inboundTexts: Pick<InboundTextCommands, 'receive'>;
  /** Read at every call: the keys may come after the server has started. */
  readonly accounts: WebhookAccounts;
  readonly deviceSecret: string;
  /** What the outside calls this server, without a slash at the end. */
  readonly publicUrl: () => string;
  readonly metrics: Pick<MetricsEdge, 'webhookRefused' | 'newsDropped'>;
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
  const { accounts, deviceSecret: secret, metrics, now, logger } = edge;

  const route = (
    scope: FastifyInstance,
    provider: string,
    read: (
      rawBody: Buffer,
      request: FastifyRequest,
    ) => WebhookResult | undefined | Promise<WebhookResult | undefined>,
  ) =>
    scope.post(`/webhooks/${provider}`, async (request, reply) => {
      const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const reading = await stores(reply, provider, request, async () => ({
        result: await read(rawBody, request),
      }));
      if (!reading) return reply;
      const { result } = reading;
      if (!result) {
        const { status, body } = httpError(404, 'NOT_FOUND', `there is no account at ${provider}`);
        return reply.code(status).send(body);
      }
      if (!result.ok) return turnAway(reply, provider, result);
      const store = () =>
        edge.notificationCommands.recordNews(result.reports, contextOf(provider, request));
      const stored = await stores(reply, provider, request, store);
      if (stored) {
        metrics.newsDropped(provider, 'unknown', stored.unknown.length);
        metrics.newsDropped(provider, 'repeated', stored.repeated);
      }
      return stored ? reply.code(204).send() : reply;
    });

  const contextOf = (provider: string, request: FastifyRequest) => ({
    actor: `provider:${provider}`,
    correlationId: request.id,
  });

  const turnAway = (reply: FastifyReply, provider: string, refusal: Refusal) => {
    metrics.webhookRefused(provider, refusal.status);
    logger.warn({ provider, reason: refusal.reason }, 'a webhook was refused');
    const code = refusal.status === 401 ? 'UNAUTHENTICATED' : 'BAD_INPUT';
    const { status, body } = httpError(refusal.status, code, refusal.reason);
    return reply.code(status).send(body);
  };

  /** What was stored; when nothing could be, undefined and a 503 is sent. */
  const stores = async <T>(
    reply: FastifyReply,
    provider: string,
    request: FastifyRequest,
    store: () => Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await store();
    } catch (error) {
      const known = error instanceof Error ? loggable(error) : undefined;
      const about = { provider, correlationId: request.id, error: known };
      logger.error(about, 'news of a provider could not be stored');
      const { status, body } = httpError(503, 'UNAVAILABLE', 'not stored; send it again');
      await reply.code(status).header('retry-after', '5').send(body);
      return undefined;
    }
  };

  /** Text messages that come back: STOP, START, HELP (facts L16 to L20). */
  const inbound = (
    scope: FastifyInstance,
    provider: string,
    read: (
      rawBody: Buffer,
      request: FastifyRequest,
    ) => InboundWebhook | undefined | Promise<InboundWebhook | undefined>,
    answer: (reply: FastifyReply, text: InboundText, result: InboundResult) => FastifyReply,
  ) =>
    scope.post(`/webhooks/${provider}/inbound`, async (request, reply) => {
      const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const given = await read(rawBody, request);
      if (!given) {
        const { status, body } = httpError(404, 'NOT_FOUND', `there is no account at ${provider}`);
        return reply.code(status).send(body);
      }
      if (!given.ok) return turnAway(reply, provider, given);
      const receive = () => edge.inboundTexts.receive(given.text, contextOf(provider, request));
      const result = await stores(reply, provider, request, receive);
      return result ? answer(reply, given.text, result) : reply;
    });

  await fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: webhookBodyLimit },
      (_request, body, parsed) => parsed(null, body),
    );
    for (const [provider, read] of Object.entries(webhookReaders)) {
      route(scope, provider, (rawBody, { headers, url }) =>
        read({ rawBody, headers, url: `${edge.publicUrl()}${url}`, now: now() }, accounts),
      );
    }
    inbound(
      scope,
      'twilio',
      (rawBody, { headers, url }) =>
        accounts.twilio &&
        readTwilioInbound(rawBody, headers, {
          ...accounts.twilio,
          url: `${edge.publicUrl()}${url}`,
        }),
      (reply, text, result) => reply.type('text/xml').send(twimlFor(text, result)),
    );
    inbound(
      scope,
      'vonage',
      (rawBody, { headers }) =>
        accounts.vonage && readVonageInbound(rawBody, headers, { ...accounts.vonage, now: now() }),
      (reply) => reply.code(204).send(),
    );
    route(scope, 'device', (rawBody) =>
      readDeviceAcknowledgements(rawBody, { secret, now: now() }),
    );
    done();
  });
};
