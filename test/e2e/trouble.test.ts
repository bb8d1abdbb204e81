import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, ended, register, send, startWorld, welcome, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await create(world, welcome);
  await create(world, {
    ...welcome,
    name: 'offer',
    content: {
      ...welcome.content,
      category: 'MARKETING',
      postalAddress: 'Tidings, 1 Post Road, Oslo',
      channels: {
        email: {
          subject: 'An offer',
          html: '<p>{{product}}, {{postalAddress}}, <a href="{{unsubscribeUrl}}">leave</a></p>',
          text: '{{product}}, {{postalAddress}}, {{unsubscribeUrl}}',
        },
      },
    },
  });
  await register(world, 'u-ann');
});

afterAll(() => world.close());

describe('a provider that fails for a while', () => {
  test('is tried again until it takes the message, and the message arrives once', async () => {
    await world.fault('twilio', { serverError: { share: 1 } });
    const { notificationId } = await send(world, 'u-ann', 'SMS');
    const failed = await ended(world, notificationId, 'FAILED');
    expect(failed?.error).toBeTruthy();
    await world.fault('twilio', undefined);
    const shown = await ended(world, notificationId, 'DELIVERED');
    expect(shown?.attempts).toBeGreaterThan(1);
    expect(await world.ledger(notificationId ?? '')).toHaveLength(1);
  });

  test('is left alone for as long as it asks', async () => {
    await world.fault('sendgrid', { rateLimit: { share: 1, retryAfterSeconds: 2 } });
    const startedAt = Date.now();
    const { notificationId } = await send(world, 'u-ann', 'EMAIL');
    await ended(world, notificationId, 'FAILED');
    await world.fault('sendgrid', undefined);
    await ended(world, notificationId, 'DELIVERED');
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_000);
  });
});

describe('what a provider refuses for good', () => {
  test('is dead-lettered at once, and an operator can try again', async () => {
    await register(world, 'u-stop', { phone: '+15550100021' });
    const { notificationId } = await send(world, 'u-stop', 'SMS');
    const shown = await ended(world, notificationId, 'DEAD_LETTERED');
    expect(shown?.timeline.map(({ type }) => type)).toEqual([
      'REQUESTED',
      'DISPATCH_STARTED',
      'FAILED',
      'DEAD_LETTERED',
    ]);
    await world.client.run(
      `mutation { updateUser(id: "u-stop", input: { phone: "+15550100124" }) { cursor } }`,
      {},
    );
    await world.client.run(
      `mutation ($id: ID!) { requeueNotification(id: $id, why: "a new number") { cursor } }`,
      { id: notificationId },
    );
    await ended(world, notificationId, 'DELIVERED');
  });
});

describe('an answer that never comes', () => {
  test('is in doubt; the provider’s own news settle it, and nothing is sent twice', async () => {
    await world.fault('sendgrid', { resetAfterAccept: { share: 1 } });
    const { notificationId } = await send(world, 'u-ann', 'EMAIL', { template: 'offer' });
    const shown = await ended(world, notificationId, 'DELIVERED');
    await world.fault('sendgrid', undefined);
    expect(shown?.timeline.map(({ type }) => type)).toContain('OUTCOME_UNKNOWN');
    expect(await world.ledger(notificationId ?? '')).toHaveLength(1);
  });
});

describe('a device that is gone', () => {
  test('is taken off the user, and the others get the message', async () => {
    await register(world, 'u-two');
    await world.client.run(
      `mutation { registerDevice(userId: "u-two", input: { deviceId: "old", token: "dead-1" }) { cursor } }`,
      {},
    );
    const { notificationId } = await send(world, 'u-two', 'PUSH');
    await ended(world, notificationId, 'DELIVERED');
    const devices = await world.until(
      async () => {
        const { user } = await world.client.run<{
          readonly user: { readonly devices: readonly { readonly deviceId: string }[] };
        }>(`query { user(id: "u-two") { devices { deviceId } } }`, {});
        return user.devices.map(({ deviceId }) => deviceId);
      },
      (ids) => !ids.includes('old'),
    );
    expect(devices).toEqual(['phone']);
  });
});
