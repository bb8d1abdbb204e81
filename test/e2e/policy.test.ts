import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, ended, notification, register, send, startWorld, type World } from './world.ts';

/** Limits as small as a test needs them; no legal hours, since tests run at every hour. */
const policy = {
  jurisdictions: [{ regions: ['*'], consentFor: ['marketing:sms'], marketingHours: [] }],
  limits: [{ channel: 'push', category: 'marketing', most: 2, perSeconds: 6 }],
};

let world: World;
beforeAll(async () => {
  world = await startWorld({ TIDINGS_POLICY: JSON.stringify(policy) });
  const channels = { sms: { body: 'Tea' }, push: { title: 'Tea', body: 'Tea' } };
  const content = { priority: 'NORMAL', channels, variables: [] };
  await create(world, { name: 'offer', content: { ...content, category: 'MARKETING' } });
  await create(world, { name: 'news', content: { ...content, category: 'TRANSACTIONAL' } });
});
afterAll(() => world.close());

const offer = { template: 'offer', variables: {} };
const news = { template: 'news', variables: {} };

const run = (query: string, variables: Readonly<Record<string, unknown>>) =>
  world.client.run(query, variables);
/** Always quiet; what was said holds everywhere once the read model shows it. */
const neverDisturb = async (userId: string): Promise<void> => {
  const windows = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00' }];
  await run(
    `mutation ($id: ID!, $windows: [QuietWindowInput!]!) { setQuietHours(userId: $id, windows: $windows) { cursor } }`,
    { id: userId, windows },
  );
  await world.until(
    () =>
      world.client.run<{ user: { quietHours: readonly object[] | null } | null }>(
        'query ($id: ID!) { user(id: $id) { quietHours { from } } }',
        { id: userId },
      ),
    ({ user }) => (user?.quietHours?.length ?? 0) > 0,
  );
};
const setZone = (userId: string, timezone: string) =>
  run(
    `mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { cursor } }`,
    {
      id: userId,
      input: { timezone },
    },
  );

interface Entry {
  readonly type: string;
  readonly detail: string | null;
}
const story = async (id: string | undefined) => {
  const { notification: shown } = await world.client.run<{
    notification: {
      readonly nextAttemptAt: string | null;
      readonly localTime: string | null;
      readonly attempts: number;
      readonly timeline: readonly Entry[];
    } | null;
  }>(
    'query ($id: ID!) { notification(id: $id) { nextAttemptAt localTime attempts timeline { type detail } } }',
    { id },
  );
  return shown;
};

describe('a message to a user', () => {
  test('without a consent is suppressed where one is needed, and a repeat tells the same rule', async () => {
    const userId = await register(world, 'silent');
    const more = { ...offer, idempotencyKey: 'silent-1' };
    const first = await send(world, userId, 'SMS', more);
    const second = await send(world, userId, 'SMS', more);
    expect(first).toMatchObject({ __typename: 'NotificationSuppressed', ruleId: 'no-consent' });
    expect(second).toEqual(first);
    await ended(world, first.notificationId, 'SUPPRESSED');
  });

  test('in quiet hours waits without an attempt, with the rule and the moment', async () => {
    const userId = await register(world, 'asleep');
    await neverDisturb(userId);
    const { notificationId } = await send(world, userId, 'SMS', news);
    await ended(world, notificationId, 'DEFERRED');
    const shown = await story(notificationId);
    expect(shown).toMatchObject({ attempts: 0, timeline: [{}, { detail: 'quiet-hours' }] });
    expect(Date.parse(shown?.nextAttemptAt ?? '')).toBeGreaterThan(Date.now());
  });

  test('that would wait for longer than it is good for expires at once', async () => {
    const userId = await register(world, 'asleep-too');
    await neverDisturb(userId);
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const { notificationId } = await send(world, userId, 'SMS', { ...news, expiresAt });
    await ended(world, notificationId, 'EXPIRED');
    expect((await story(notificationId))?.attempts).toBe(0);
  });

  test('over the limit is deferred, and sent when the limit allows it', async () => {
    const userId = await register(world, 'popular');
    await world.until(
      () =>
        world.client.run<{ user: { devices: readonly object[] } | null }>(
          'query ($id: ID!) { user(id: $id) { devices { deviceId } } }',
          { id: userId },
        ),
      ({ user }) => (user?.devices.length ?? 0) > 0,
    );
    const sent = await Promise.all([1, 2, 3].map(() => send(world, userId, 'PUSH', offer)));
    const ids = sent.map(({ notificationId }) => notificationId);
    const deferred = async () => {
      const stories = await Promise.all(ids.map(story));
      return stories.filter((one) => one?.timeline.some(({ detail }) => detail === 'rate-limit'));
    };
    await world.until(deferred, (all) => all.length === 1);
    await Promise.all(ids.map((id) => ended(world, id, 'DELIVERED')));
    expect((await deferred()).every((one) => one?.attempts === 1)).toBe(true);
  }, 60_000);
});

describe('a message for a local time', () => {
  const inDays = (days: number) =>
    `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T09:00`;

  test('waits for it in the zone of its reader, and moves with the reader', async () => {
    const userId = await register(world, 'traveller');
    await setZone(userId, 'Asia/Tokyo');
    const localTime = inDays(10);
    const { notificationId } = await send(world, userId, 'SMS', { ...news, localTime });
    const at = (offset: string) => new Date(`${localTime}:00${offset}`).toISOString();
    await ended(world, notificationId, 'SCHEDULED');
    const before = await story(notificationId);
    expect(new Date(before?.nextAttemptAt ?? '').toISOString()).toBe(at('+09:00'));
    expect(before?.localTime).toBe(localTime);
    await setZone(userId, 'Asia/Kathmandu');
    await world.until(
      () => story(notificationId),
      (shown) => new Date(shown?.nextAttemptAt ?? '').toISOString() === at('+05:45'),
    );
    expect((await notification(world, notificationId))?.status).toBe('SCHEDULED');
  }, 60_000);

  test.each([
    [{ localTime: '2026-02-30T09:00' }, 'localTime'],
    [{ localTime: '2020-01-01T09:00' }, 'localTime'],
    [{ localTime: `${inDays(2)}Z` }, 'localTime'],
    [
      { localTime: inDays(2), scheduledAt: new Date(Date.now() + 3_600_000).toISOString() },
      'localTime',
    ],
    [
      { localTime: inDays(2), expiresAt: new Date(Date.now() + 3_600_000).toISOString() },
      'expiresAt',
    ],
  ])('%j is refused, naming the field', async (times, field) => {
    const userId = await register(world, 'strict');
    const answer = await send(world, userId, 'SMS', { ...news, ...times });
    expect(answer).toMatchObject({ __typename: 'RequestRefused', code: 'BAD_SCHEDULE', field });
  });
});
