import { expect, test } from '@jest/globals';
import type { RequestNotifications } from '../../src/commands/requestNotifications.ts';
import { WebSocket } from 'ws';
import { openShop, requestDocument, type Shop, welcomeToAda } from './shop.ts';

/** A shop whose store answers when it is told to, or never. */
const openSlowShop = async () => {
  let answer: (() => void) | undefined;
  let arrived: (() => void) | undefined;
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const slow: RequestNotifications = ({ userIds: [userId = ''] }) => {
    arrived?.();
    return new Promise((resolve) => {
      answer = () =>
        resolve([
          { kind: 'accepted', userId, notificationId: 'n', status: 'PENDING', duplicate: false },
        ]);
    });
  };
  const shop = await openShop({ requestNotifications: slow });
  return { shop, asked, answer: () => answer?.() };
};

const request = (shop: Shop) => shop.ask(requestDocument, { input: welcomeToAda });

test('a server that stops takes nothing new, and answers what is under way', async () => {
  const { shop, asked, answer } = await openSlowShop();
  const underWay = request(shop);
  await asked;
  const started = Date.now();
  const closed = shop.api.close();
  await expect(fetch(`${shop.url}/healthz`)).rejects.toThrow();
  answer();
  expect((await underWay).data).toMatchObject({ requestNotification: { notificationId: 'n' } });
  await closed;
  expect(Date.now() - started).toBeLessThan(2_000);
});

test('a server that stops cuts off what does not end, within five seconds', async () => {
  const { shop, asked } = await openSlowShop();
  const stuck = request(shop).catch(() => 'cut');
  await asked;
  const started = Date.now();
  await shop.api.close();
  expect(Date.now() - started).toBeLessThan(5_000);
  expect(await stuck).toBe('cut');
});

test('a server that stops says goodbye to its sockets, at once', async () => {
  const shop = await openShop();
  const url = `${shop.url.replace('http', 'ws')}/graphql`;
  const socket = new WebSocket(url, 'graphql-transport-ws');
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise((resolve) => socket.once('open', resolve));
  const started = Date.now();
  await shop.api.close();
  expect(Date.now() - started).toBeLessThan(2_000);
  expect(await closed).toBe(1001);
});
