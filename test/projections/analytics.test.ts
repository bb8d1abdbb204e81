import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Recorded } from '../../src/eventstore/event.ts';
import {
  type AnalyticsDocument,
  analyticsProjection,
  analyticsQueries,
  type AnalyticsRow,
} from '../../src/projections/analytics.ts';
import { createFold } from '../../src/projections/fold.ts';
import { openDatabase } from '../support/embedded.ts';
import { example } from '../support/examples.ts';
import { recorded } from '../support/log.ts';
import { steady } from '../support/spec.ts';
import { logs } from './lives.ts';

let opened: Awaited<ReturnType<typeof openDatabase>>;
let made = 0;
beforeAll(async () => {
  opened = await openDatabase();
});
afterAll(() => opened.close());

const from = new Date('2027-03-01T00:00:00.000Z');
const until = new Date('2027-03-10T00:00:00.000Z');

const analyticsOf = async (log: readonly Recorded[]) => {
  made += 1;
  const collection = opened.database.collection<AnalyticsDocument>(`analytics_${made}`);
  const handled = log.filter(({ type }) => analyticsProjection.handles.includes(type));
  await createFold(analyticsProjection, collection)(handled);
  return analyticsQueries(collection);
};

const counted = {
  requested: 'NotificationRequested',
  suppressed: 'NotificationSuppressed',
  deferred: 'NotificationDeferred',
  sent: 'NotificationSent',
  failedAttempts: 'NotificationFailed',
  unknownOutcomes: 'DispatchOutcomeUnknown',
  delivered: 'NotificationDelivered',
  opened: 'NotificationOpened',
  clicked: 'NotificationClicked',
  bounced: 'NotificationBounced',
  complained: 'NotificationComplained',
  deadLettered: 'NotificationDeadLettered',
  cancelled: 'NotificationCancelled',
  expired: 'NotificationExpired',
} as const;

/** The same numbers, counted one by one. */
const recount = (log: readonly Recorded[]) =>
  Object.fromEntries(
    Object.entries(counted).map(([name, type]) => [
      name,
      log.filter((event) => event.type === type).length,
    ]),
  );

const countsOf = (row: AnalyticsRow | undefined) =>
  Object.fromEntries(
    Object.keys(counted).map((name) => [name, row?.[name as keyof typeof counted] ?? 0]),
  );

describe('the analytics', () => {
  test('count what the log holds, over the whole time and split by hour and by day', async () => {
    await fc.assert(
      fc.asyncProperty(logs, async (log) => {
        const analytics = await analyticsOf(log);
        const [whole] = await analytics.sums({ from, until, groupBy: [] });
        expect(countsOf(whole)).toEqual(recount(log));
        for (const interval of ['hour', 'day'] as const) {
          const length = interval === 'hour' ? 13 : 10;
          const rows = await analytics.sums({ from, until, interval, groupBy: [] });
          const bucketOf = (event: Recorded) => event.metadata.occurredAt.slice(0, length);
          for (const row of rows) {
            const bucket = row.bucket?.toISOString().slice(0, length);
            const there = log.filter((event) => bucketOf(event) === bucket);
            expect(countsOf(row)).toEqual(recount(there));
          }
          const order = rows.map(({ bucket }) => bucket?.getTime() ?? NaN);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
      }),
      { ...steady, numRuns: 15 },
    );
  });

  const byChannel = recorded(
    [
      ['notification-n1', example('NotificationRequested', { channel: 'email' })],
      ['notification-n1', example('NotificationSent', { channel: 'email' })],
      ['notification-n2', example('NotificationRequested', { channel: 'sms' })],
      ['notification-n2', example('NotificationSent', { channel: 'sms', provider: 'twilio' })],
      ['notification-n3', example('NotificationRequested', { channel: 'sms' })],
    ],
    (index) => `2027-03-0${index < 2 ? 1 : 2}T23:59:59.999Z`,
  );

  test('are split by channel and provider; a request has no provider yet', async () => {
    const analytics = await analyticsOf(byChannel);
    const rows = await analytics.sums({ from, until, groupBy: ['channel', 'provider'] });
    expect(
      rows.map(({ channel, provider, requested, sent }) => [channel, provider, requested, sent]),
    ).toEqual([
      ['email', '', 1, 0],
      ['email', 'sendgrid', 0, 1],
      ['sms', '', 2, 0],
      ['sms', 'twilio', 0, 1],
    ]);
  });

  test('hold what happened from the first moment on and before the last', async () => {
    const analytics = await analyticsOf(byChannel);
    const day = new Date('2027-03-02T00:00:00.000Z');
    const [before] = await analytics.sums({ from, until: day, groupBy: [] });
    const [after] = await analytics.sums({ from: day, until, groupBy: [] });
    expect([before?.requested, after?.requested]).toEqual([1, 2]);
    const nothing = await analytics.sums({ from: until, until, groupBy: [] });
    expect(nothing).toEqual([]);
  });
});
