import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ProviderReport } from '../domain/providerReport.ts';
import type { Channel } from '../domain/vocabulary.ts';

/** What a process counts for Prometheus. No label names a person, a message or a template. */
export interface Metrics {
  /** Counts what was appended. */
  observe(events: readonly { readonly type: string; readonly data: object }[]): void;
  /** A provider accepted a message so long after it was to be sent. */
  accepted(channel: Channel, milliseconds: number): void;
  /** A webhook was refused, for instance because its signature doesn't hold. */
  webhookRefused(provider: string, status: number): void;
  /** News about notifications that nobody knows, or that came before. */
  newsDropped(provider: string, why: 'unknown' | 'repeated', count: number): void;
  /** Asked whenever the metrics are read. */
  watchQueue(sizes: () => ReadonlyMap<Channel, number>): void;
  watchProviders(health: () => readonly ProviderReport[]): void;
  /** Prometheus text. */
  text(): Promise<string>;
}

const breakerValues = { closed: 0, 'half open': 1, open: 2 } as const;

interface Told {
  readonly channel: string;
  readonly category: string;
  readonly provider: string;
  readonly permanent: boolean;
}

export const createMetrics = (): Metrics => {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers });

  const sent = counter('notifications_sent_total', 'Messages that a provider accepted.', [
    'channel',
    'provider',
    'category',
  ]);
  const delivered = counter('notifications_delivered_total', 'Messages reported as delivered.', [
    'channel',
    'provider',
    'category',
  ]);
  const failed = counter('channel_failure_rate', 'Calls that a provider did not accept.', [
    'channel',
    'provider',
    'permanent',
  ]);
  const inDoubt = counter('notifications_in_doubt_total', 'Calls whose outcome nobody knows.', [
    'channel',
    'provider',
  ]);
  const dead = counter('notifications_dead_lettered_total', 'Messages that were given up.', [
    'channel',
  ]);
  const duration = new Histogram({
    name: 'notification_processing_duration',
    help: 'Seconds from the moment at which a message was to be sent until a provider accepted it.',
    labelNames: ['channel'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600],
    registers,
  });
  const refused = counter('webhooks_refused_total', 'Webhooks that were turned away.', [
    'provider',
    'status',
  ]);
  const dropped = counter(
    'webhook_news_dropped_total',
    'News about unknown messages, and repeats.',
    ['provider', 'why'],
  );

  const tell = new Map<string, (data: Told) => void>([
    [
      'NotificationSent',
      ({ channel, provider, category }) => sent.inc({ channel, provider, category }),
    ],
    [
      'NotificationDelivered',
      ({ channel, provider, category }) => delivered.inc({ channel, provider, category }),
    ],
    [
      'NotificationFailed',
      ({ channel, provider, permanent }) =>
        failed.inc({ channel, provider, permanent: String(permanent) }),
    ],
    ['DispatchOutcomeUnknown', ({ channel, provider }) => inDoubt.inc({ channel, provider })],
    ['NotificationDeadLettered', ({ channel }) => dead.inc({ channel })],
  ]);

  return {
    observe: (events) => {
      for (const { type, data } of events) tell.get(type)?.(data as Told);
    },
    accepted: (channel, milliseconds) => duration.observe({ channel }, milliseconds / 1_000),
    webhookRefused: (provider, status) => refused.inc({ provider, status }),
    newsDropped: (provider, why, count) => dropped.inc({ provider, why }, count),
    watchQueue: (sizes) => {
      new Gauge({
        name: 'notification_queue_size',
        help: 'Messages in hand that wait for their call or its answer.',
        labelNames: ['channel'],
        registers,
        collect() {
          for (const [channel, size] of sizes()) this.set({ channel }, size);
        },
      });
    },
    watchProviders: (health) => {
      new Gauge({
        name: 'provider_breaker_state',
        help: '0 closed, 1 half open, 2 open.',
        labelNames: ['channel', 'provider'],
        registers,
        collect() {
          for (const { channel, provider, breaker } of health()) {
            this.set({ channel, provider }, breakerValues[breaker]);
          }
        },
      });
    },
    text: () => registry.metrics(),
  };
};
