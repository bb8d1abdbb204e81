import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, ended, register, send, startWorld, welcome, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await create(world, welcome);
  await register(world, 'u-ann');
});

afterAll(() => world.close());

const typesOf = (shown: { timeline: readonly { type: string }[] } | null) =>
  shown?.timeline.map(({ type }) => type) ?? [];

describe('what is requested is delivered', () => {
  test.each(['EMAIL', 'SMS', 'PUSH'])(
    'over %s, once, with every step in its story',
    async (channel) => {
      const { notificationId } = await send(world, 'u-ann', channel);
      const shown = await ended(world, notificationId, 'DELIVERED');
      expect(typesOf(shown).slice(0, 4)).toEqual([
        'REQUESTED',
        'DISPATCH_STARTED',
        'SENT',
        'DELIVERED',
      ]);
      expect(shown?.attempts).toBe(1);
      expect(await world.ledger(notificationId ?? '')).toHaveLength(1);
    },
  );

  test('in the app, when the client says so', async () => {
    const { notificationId } = await send(world, 'u-ann', 'IN_APP');
    await ended(world, notificationId, 'SENT');
    await world.client.run(
      `mutation ($input: AcknowledgementInput!) { acknowledgeNotification(input: $input) { recorded } }`,
      { input: { notificationId, kind: 'DELIVERED' } },
    );
    const shown = await ended(world, notificationId, 'DELIVERED');
    expect(typesOf(shown)).toEqual(['REQUESTED', 'DISPATCH_STARTED', 'SENT', 'DELIVERED']);
  });

  test('and a mailbox that is gone bounces it', async () => {
    await register(world, 'u-gone', { email: 'bounce-gone@example.com' });
    const { notificationId } = await send(world, 'u-gone', 'EMAIL');
    await ended(world, notificationId, 'BOUNCED');
  });
});

describe('who opted out', () => {
  test('gets nothing, and the request says which rule forbade it', async () => {
    await register(world, 'u-quiet');
    await world.client.run(
      `mutation { updatePreferences(userId: "u-quiet", changes: [
        { channel: EMAIL, category: TRANSACTIONAL, enabled: false }]) { cursor } }`,
      {},
    );
    const requested = await send(world, 'u-quiet', 'EMAIL');
    expect(requested).toMatchObject({ __typename: 'NotificationSuppressed', ruleId: 'opted-out' });
    const shown = await ended(world, requested.notificationId, 'SUPPRESSED');
    expect(typesOf(shown)).toEqual(['REQUESTED', 'SUPPRESSED']);
    expect(await world.ledger(requested.notificationId ?? '')).toHaveLength(0);
  });

  test('gets nothing of what was scheduled before, either', async () => {
    await register(world, 'u-later');
    const scheduledAt = new Date(Date.now() + 1_500).toISOString();
    const { notificationId } = await send(world, 'u-later', 'SMS', { scheduledAt });
    await ended(world, notificationId, 'SCHEDULED');
    await world.client.run(
      `mutation { updatePreferences(userId: "u-later", changes: [
        { channel: SMS, category: TRANSACTIONAL, enabled: false }]) { cursor } }`,
      {},
    );
    await ended(world, notificationId, 'SUPPRESSED');
    expect(await world.ledger(notificationId ?? '')).toHaveLength(0);
  });
});

describe('a scheduled notification', () => {
  test('is sent when its time comes and not before', async () => {
    const scheduledAt = new Date(Date.now() + 1_500);
    const { notificationId } = await send(world, 'u-ann', 'SMS', {
      scheduledAt: scheduledAt.toISOString(),
    });
    await ended(world, notificationId, 'SCHEDULED');
    expect(await world.ledger(notificationId ?? '')).toHaveLength(0);
    await ended(world, notificationId, 'DELIVERED');
    expect(Date.now()).toBeGreaterThanOrEqual(scheduledAt.getTime());
  });

  test('can be cancelled, and then stays unsent', async () => {
    const scheduledAt = new Date(Date.now() + 60_000).toISOString();
    const { notificationId } = await send(world, 'u-ann', 'SMS', { scheduledAt });
    await world.client.run(`mutation ($id: ID!) { cancelNotification(id: $id) { cursor } }`, {
      id: notificationId,
    });
    await ended(world, notificationId, 'CANCELLED');
  });
});

describe('one idempotency key', () => {
  test('makes one notification, however often and however fast it is repeated', async () => {
    const idempotencyKey = 'order-4711';
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send(world, 'u-ann', 'EMAIL', { idempotencyKey })),
    );
    const ids = new Set(answers.map(({ notificationId }) => notificationId));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ duplicate }) => duplicate === false)).toHaveLength(1);
    const [id] = ids;
    await ended(world, id, 'DELIVERED');
    expect(await world.ledger(id ?? '')).toHaveLength(1);
  });

  test('used for something else is refused by name', async () => {
    await send(world, 'u-ann', 'EMAIL', { idempotencyKey: 'order-1' });
    const other = await send(world, 'u-ann', 'SMS', { idempotencyKey: 'order-1' });
    expect(other).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', field: 'idempotencyKey' });
  });
});

describe('bad input', () => {
  test.each([
    ['an unknown user', 'u-nobody', 'EMAIL', {}, 'UNKNOWN_USER', 'userId'],
    ['an unknown template', 'u-ann', 'EMAIL', { template: 'none' }, 'UNKNOWN_TEMPLATE', 'template'],
    [
      'a missing variable',
      'u-ann',
      'EMAIL',
      { variables: {} },
      'MISSING_VARIABLE',
      'variables.product',
    ],
    [
      'an extra variable',
      'u-ann',
      'EMAIL',
      { variables: { product: 'Tea', colour: 'red' } },
      'UNKNOWN_VARIABLE',
      'variables.colour',
    ],
    [
      'a variable of another type',
      'u-ann',
      'EMAIL',
      { variables: { product: 1 } },
      'WRONG_VARIABLE_TYPE',
      'variables.product',
    ],
    [
      'a time without an offset',
      'u-ann',
      'EMAIL',
      { scheduledAt: '2027-01-31T10:00:00' },
      'BAD_SCHEDULE',
      'scheduledAt',
    ],
    [
      'a time long past',
      'u-ann',
      'EMAIL',
      { scheduledAt: '2020-01-31T10:00:00Z' },
      'BAD_SCHEDULE',
      'scheduledAt',
    ],
    [
      'an id that looks like an address',
      'ann@example.com',
      'EMAIL',
      {},
      'ID_LOOKS_PERSONAL',
      'userId',
    ],
  ])(
    '%s is refused by name, and nothing is stored',
    async (_what, user, channel, more, code, field) => {
      const idempotencyKey = `refused-${code}-${field}-${_what.length}`;
      const refused = await send(world, user, channel, { idempotencyKey, ...more });
      expect(refused).toMatchObject({ __typename: 'RequestRefused', code, field });
    },
  );
});

describe('the day’s figures', () => {
  test('count what happened, by channel', async () => {
    const { notificationId } = await send(world, 'u-ann', 'PUSH');
    await ended(world, notificationId, 'DELIVERED');
    const hour = 3_600_000;
    const start = Math.floor(Date.now() / hour) * hour;
    interface Row {
      readonly channel: string;
      readonly sent: number;
      readonly delivered: number;
    }
    const rows = await world.until(
      async () => {
        const { analytics } = await world.client.run<{ readonly analytics: readonly Row[] }>(
          `query ($from: DateTime!, $to: DateTime!) {
            analytics(from: $from, to: $to, groupBy: [CHANNEL]) { channel sent delivered }
          }`,
          {
            from: new Date(start - hour).toISOString(),
            to: new Date(start + 2 * hour).toISOString(),
          },
        );
        return analytics.filter(({ channel, sent }) => channel === 'PUSH' && sent > 0);
      },
      (found) => found.some(({ delivered, sent }) => delivered === sent),
    );
    expect(rows).toHaveLength(1);
  });
});
