import type { FastifyInstance } from 'fastify';

/** What the edge counts, and how the counts are read. */
export interface MetricsEdge {
  /** A webhook was turned away. */
  webhookRefused(provider: string, status: number): void;
  /** News about messages that nobody knows, or that had been told before. */
  newsDropped(provider: string, why: 'unknown' | 'repeated', count: number): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/** `GET /metrics` for Prometheus: numbers only, no person, address or content. */
export const registerMetrics = (fastify: FastifyInstance, metrics: MetricsEdge): void => {
  fastify.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text()),
  );
};
