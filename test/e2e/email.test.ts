import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { create, ended, register, send, startWorld, welcome, type World } from './world.ts';

const providers = ['ses', 'mailgun', 'smtp'] as const;
let world: World;

beforeAll(async () => {
  world = await startWorld({ TIDINGS_ROUTES: `email=sendgrid;${providers.join(';')}` });
  for (const provider of providers) {
    const { content } = welcome;
    const email = { ...content.channels.email, provider };
    await create(world, {
      name: `welcome-${provider}`,
      content: { ...content, channels: { email } },
    });
  }
  await register(world, 'u-ann');
  await register(world, 'u-gone', { email: 'bounce.gone@example.com' });
});

afterAll(() => world.close());

test.each(['ses', 'mailgun'])(
  'an email by %s is delivered, and what bounces is known to have bounced',
  async (provider) => {
    const template = `welcome-${provider}`;
    const good = await send(world, 'u-ann', 'EMAIL', { template });
    await ended(world, good.notificationId, 'DELIVERED');
    expect(await world.ledger(good.notificationId ?? '')).toMatchObject([{ provider }]);
    if (provider === 'ses') {
      const gone = await send(world, 'u-gone', 'EMAIL', { template });
      await ended(world, gone.notificationId, 'BOUNCED');
    }
  },
);

test('an email by SMTP is sent, and an address that the server refuses is given up', async () => {
  const template = 'welcome-smtp';
  const good = await send(world, 'u-ann', 'EMAIL', { template });
  await ended(world, good.notificationId, 'SENT');
  expect(await world.ledger(good.notificationId ?? '')).toMatchObject([{ provider: 'smtp' }]);
  await register(world, 'u-none', { email: 'bounce.none@example.com' });
  const bad = await send(world, 'u-none', 'EMAIL', { template });
  await ended(world, bad.notificationId, 'DEAD_LETTERED');
});
