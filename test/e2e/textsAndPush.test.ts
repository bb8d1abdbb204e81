import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { browserAt } from '../sandbox/support.ts';
import { create, ended, register, send, startWorld, welcome, type World } from './world.ts';

const providers = ['aws-sms', 'vonage', 'sns'] as const;
let world: World;

beforeAll(async () => {
  world = await startWorld({ TIDINGS_ROUTES: `sms=twilio;${providers.join(';')}` });
  const { content } = welcome;
  await create(world, welcome);
  for (const provider of providers) {
    const sms = { ...content.channels.sms, provider };
    await create(world, {
      name: `welcome-${provider}`,
      content: { ...content, channels: { sms } },
    });
  }
  await register(world, 'u-ann');
  await register(world, 'u-gone', { phone: '+15550100009' });
});

afterAll(() => world.close());

const addDevice = (input: object) =>
  world.client.run(
    `mutation ($input: RegisterDeviceInput!) {
      registerDevice(userId: "u-ann", input: $input) { cursor }
    }`,
    { input },
  );

test.each(['aws-sms', 'vonage'])(
  'a text message by %s is delivered, and what does not arrive is known to have bounced',
  async (provider) => {
    const template = `welcome-${provider}`;
    const good = await send(world, 'u-ann', 'SMS', { template });
    await ended(world, good.notificationId, 'DELIVERED');
    expect(await world.ledger(good.notificationId ?? '')).toMatchObject([{ provider }]);
    if (provider === 'vonage') {
      const gone = await send(world, 'u-gone', 'SMS', { template });
      await ended(world, gone.notificationId, 'BOUNCED');
    }
  },
);

test('a text message by SNS is sent, and nothing more is heard of it', async () => {
  const good = await send(world, 'u-ann', 'SMS', { template: 'welcome-sns' });
  await ended(world, good.notificationId, 'SENT');
});

test('a push message reaches the devices of every platform, and a dead one is removed', async () => {
  const { sandboxUrl = '' } = world.tidings;
  const { token: endpoint, keys } = await browserAt(sandboxUrl, 'ann');
  await addDevice({ deviceId: 'iphone', platform: 'APNS', token: 'iphone-of-ann' });
  await addDevice({ deviceId: 'browser', platform: 'WEBPUSH', endpoint, keys });
  await addDevice({ deviceId: 'old', platform: 'APNS', token: 'dead-phone-of-ann' });
  const { notificationId = '' } = await send(world, 'u-ann', 'PUSH');
  await ended(world, notificationId, 'DELIVERED');
  const reached = (await world.ledger(notificationId)) as readonly { provider?: string }[];
  expect(reached.map(({ provider }) => provider).sort()).toEqual(['apns', 'fcm', 'webpush']);

  const devices = async () => {
    const { user } = await world.client.run<{ user: { devices: readonly { deviceId: string }[] } }>(
      '{ user(id: "u-ann") { devices { deviceId } } }',
      {},
    );
    return user.devices.map(({ deviceId }) => deviceId).sort();
  };
  await world.until(devices, (names) => !names.includes('old'));
  expect(await devices()).toEqual(['browser', 'iphone', 'phone']);
});
