import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { notifications } from '../../src/commands/aggregates.ts';
import {
  createNotificationCommands,
  type NewsItem,
  type NotificationCommands,
} from '../../src/commands/notifications.ts';
import { example } from '../support/examples.ts';
import { refusalFrom } from '../support/spec.ts';
import { context, openCommands } from './world.ts';

let world: Awaited<ReturnType<typeof openCommands>>;
let commands: NotificationCommands;
beforeAll(async () => {
  world = await openCommands();
  commands = createNotificationCommands(world.process().execute);
});
afterAll(() => world.close());

const at = '2027-03-01T12:00:00.000Z';
const requested = async (...more: Parameters<typeof notifications.decider.decide>[0][]) => {
  const id = randomUUID();
  const { scheduledAt: _, ...data } = example('NotificationRequested').data;
  const request = { ...data, notificationId: id };
  const all = [{ type: 'RequestNotification', request, at } as const, ...more];
  await world.process().execute(notifications, id, all, context);
  return id;
};
const start = {
  type: 'StartDispatch',
  claimId: 'c',
  provider: 'sendgrid',
  leaseUntil: '2027-03-01T12:00:30.000Z',
  repeatIsSafe: false,
  at,
} as const;
const news = (notificationId: string, kind: NewsItem['kind'], more: Partial<NewsItem> = {}) => ({
  notificationId,
  kind,
  at,
  provider: 'sendgrid',
  providerEventId: randomUUID(),
  ...more,
});
const streamOf = (id: string) => `notification-${id}`;

describe('news', () => {
  test('of one notification is appended together, in the order in which it was told', async () => {
    const id = await requested(start);
    const told = [news(id, 'delivered'), news(id, 'opened'), news(id, 'opened')];
    expect(await commands.recordNews(told, context)).toEqual({
      recorded: 3,
      repeated: 1,
      unknown: [],
    });
    expect((await world.typesIn(streamOf(id))).slice(2)).toEqual([
      'NotificationDelivered',
      'NotificationOpened',
    ]);
  });

  test('that comes again changes nothing', async () => {
    const id = await requested(start);
    const told = [news(id, 'delivered'), news(id, 'clicked', { url: 'https://shop.example' })];
    await commands.recordNews(told, context);
    const before = await world.typesIn(streamOf(id));
    expect(await commands.recordNews(told, context)).toEqual({
      recorded: 2,
      repeated: 2,
      unknown: [],
    });
    expect(await world.typesIn(streamOf(id))).toEqual(before);
  });

  test('of what nobody requested, or nobody sent, is named and dropped, and the rest is kept', async () => {
    const [known, unsent, stranger] = [await requested(start), await requested(), randomUUID()];
    const told = [
      news(stranger, 'delivered'),
      news(known, 'delivered'),
      news(unsent, 'opened'),
      news(stranger, 'opened'),
    ];
    const result = await commands.recordNews(told, context);
    expect(result.recorded).toBe(1);
    expect([...result.unknown].sort()).toEqual([stranger, unsent].sort());
    expect(await world.typesIn(streamOf(stranger))).toEqual([]);
    expect(await world.typesIn(streamOf(known))).toContain('NotificationDelivered');
  });

  test('of a bounce keeps its code, and whether it is for good', async () => {
    const [soft, hard] = [await requested(start), await requested(start)];
    await commands.recordNews(
      [news(soft, 'bounced', { permanent: false, reason: '4.2.2' }), news(hard, 'undelivered')],
      context,
    );
    const lastOf = async (id: string) => (await world.log.readStream(streamOf(id))).at(-1);
    expect(await lastOf(soft)).toMatchObject({ data: { permanent: false, code: '4.2.2' } });
    expect(await lastOf(hard)).toMatchObject({
      type: 'NotificationBounced',
      data: { permanent: true, provider: 'sendgrid' },
    });
  });
});

describe('an operator', () => {
  test('cancels and is named, once', async () => {
    const id = await requested();
    expect((await commands.cancel(id, 'a mistake', context)).cursor).toBeDefined();
    expect((await commands.cancel(id, 'a mistake', context)).cursor).toBeUndefined();
    const last = (await world.log.readStream(streamOf(id))).at(-1);
    expect(last).toMatchObject({ type: 'NotificationCancelled', data: { by: 'client:shop' } });
  });

  test('is refused with the reason where there is nothing to do', async () => {
    const id = await requested(start);
    const refused = async (action: Promise<unknown>) => (await refusalFrom(action)).code;
    expect(await refused(commands.cancel(id, 'x', context))).toBe('NOT_CANCELLABLE');
    expect(await refused(commands.requeue(id, 'x', context))).toBe('NOT_DEAD_LETTERED');
    expect(await refused(commands.cancel(randomUUID(), 'x', context))).toBe('UNKNOWN_NOTIFICATION');
  });
});
