import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { NewsItem, NotificationCommands } from '../../commands/notifications.ts';
import { loggable } from '../errors.ts';
import type { MetricsEdge } from '../metrics.ts';
import { sendPage, unknownLinkPage } from '../page.ts';
import { readClickToken, readOpenToken } from './token.ts';

export interface TrackingEdge {
  readonly notificationCommands: Pick<NotificationCommands, 'recordNews'>;
  readonly metrics: Pick<MetricsEdge, 'newsDropped'>;
  /** The present one and those of before: links in emails lead on for ever. */
  readonly secrets: readonly string[];
  readonly now: () => Date;
  readonly logger: Logger;
}

interface Path {
  readonly Params: { readonly token: string };
}

type Read = Pick<NewsItem, 'notificationId' | 'url'> & { readonly kind: 'opened' | 'clicked' };

/** A reader doesn't wait longer than this for our books. */
const patienceMs = 2_000;
const sources = { opened: 'pixel', clicked: 'link' } as const;
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/**
 * What tells that an email was read: `GET /t/o/<token>` is a picture of one pixel, `GET /t/c/<token>` leads to
 * the address that its token holds and to no other. A HEAD and a prefetch are no reading. That nothing could be
 * recorded is no trouble of the reader's.
 */
export const registerTracking = (fastify: FastifyInstance, edge: TrackingEdge): void => {
  const { secrets, metrics, logger, now } = edge;

  const record = async ({ kind, ...about }: Read, correlationId: string): Promise<void> => {
    const source = sources[kind];
    const { notificationId } = about;
    const news: NewsItem = {
      ...about,
      kind,
      at: now().toISOString(),
      provider: source,
      providerEventId: `${notificationId}:${kind}`,
    };
    const context = { actor: `provider:${source}`, correlationId };
    try {
      const stored = await edge.notificationCommands.recordNews([news], context);
      metrics.newsDropped(source, 'unknown', stored.unknown.length);
      metrics.newsDropped(source, 'repeated', stored.repeated);
    } catch (error) {
      const known = error instanceof Error ? loggable(error) : undefined;
      logger.error({ source, correlationId, error: known }, 'a reading could not be stored');
    }
  };

  const note = async (request: FastifyRequest, read: Read): Promise<void> => {
    const ahead = String(request.headers['sec-purpose'] ?? request.headers['purpose'] ?? '');
    if (request.method !== 'GET' || ahead.includes('prefetch')) return;
    const over = new AbortController();
    const late = wait(patienceMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([record(read, request.id), late]);
    over.abort();
  };

  fastify.get<Path>('/t/o/:token', async (request, reply) => {
    const notificationId = readOpenToken(request.params.token, secrets);
    if (notificationId === undefined) return sendPage(reply, unknownLinkPage, 404);
    await note(request, { kind: 'opened', notificationId });
    return uncached(reply).type('image/gif').send(pixel);
  });
  fastify.get<Path>('/t/c/:token', async (request, reply) => {
    const named = readClickToken(request.params.token, secrets);
    if (!named) return sendPage(reply, unknownLinkPage, 404);
    await note(request, { kind: 'clicked', ...named });
    return uncached(reply).redirect(new URL(named.url).href, 302);
  });
};

const uncached = (reply: FastifyReply): FastifyReply =>
  reply
    .header('cache-control', 'no-store, private')
    .header('referrer-policy', 'no-referrer')
    .header('x-robots-tag', 'noindex');
