import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  create,
  ended,
  notification,
  register,
  send,
  startWorld,
  welcome,
  type World,
} from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    TIDINGS_ROUTES: 'email=sendgrid;ses;mailgun;smtp sms=twilio;vonage@1',
  });
  await create(world, welcome);
  await register(world, 'u-ann');
});
afterAll(() => world.close());

const providers = async (notificationId: string): Promise<readonly string[]> => {
  const query = `query ($id: ID!) { notification(id: $id) { timeline { type provider } } }`;
  const shown = await world.client.run<{
    notification: { timeline: readonly { type: string; provider: string | null }[] };
  }>(query, { id: notificationId });
  return shown.notification.timeline
    .filter(({ type }) => type === 'DISPATCH_STARTED')
    .map(({ provider }) => provider ?? '');
};

describe('a route over several providers', () => {
  test('takes a message to the next one at once, and on to the last one', async () => {
    await world.fault('sendgrid', { serverError: { share: 1 } });
    await world.fault('ses', { rateLimit: { share: 1, retryAfterSeconds: 600 } });
    await world.fault('mailgun', { serverError: { share: 1 } });
    const { notificationId = '' } = await send(world, 'u-ann', 'EMAIL');
    await ended(world, notificationId, 'SENT');
    expect(await providers(notificationId)).toEqual(['sendgrid', 'ses', 'mailgun', 'smtp']);
    expect(await world.ledger(notificationId)).toHaveLength(1);
    for (const name of ['sendgrid', 'ses', 'mailgun']) await world.fault(name, undefined);
  });

  test('goes nowhere else while nobody knows whether the first provider has it', async () => {
    await world.fault('sendgrid', { resetAfterAccept: { share: 1 } });
    const { notificationId = '' } = await send(world, 'u-ann', 'EMAIL');
    const shown = await ended(world, notificationId, 'DELIVERED');
    await world.fault('sendgrid', undefined);
    expect(shown?.timeline.map(({ type }) => type)).toContain('OUTCOME_UNKNOWN');
    expect(await providers(notificationId)).toEqual(['sendgrid']);
    expect(await world.ledger(notificationId)).toHaveLength(1);
  });

  test('uses the first provider again once it works', async () => {
    const { notificationId = '' } = await send(world, 'u-ann', 'EMAIL');
    await ended(world, notificationId, 'DELIVERED');
    expect((await notification(world, notificationId))?.attempts).toBe(1);
    expect(await providers(notificationId)).toEqual(['sendgrid']);
  });
});
