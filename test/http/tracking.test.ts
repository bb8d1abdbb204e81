import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { notifications } from '../../src/commands/aggregates.ts';
import type { NotificationCommand } from '../../src/domain/notification/commands.ts';
import { clickToken, openToken } from '../../src/http/tracking/token.ts';
import { at } from './client.ts';
import { openShop, requestDocument, type Shop, welcomeToAda } from './shop.ts';
import { secrets } from './world.ts';

const oldSecret = 'a secret of before that only these tests know';
const target = 'https://shop.example/orders?id=17&from=mail#top';
let shop: Shop;
beforeAll(async () => {
  const older = [{ unsubscribe: 'old', preferences: 'older', tracking: oldSecret }];
  shop = await openShop({ secrets: { ...secrets, older } });
});
afterAll(() => shop.api.close());

/** An email that a server took. */
const sent = async (): Promise<string> => {
  const { data } = await shop.ask(requestDocument, {
    input: { ...welcomeToAda, channel: 'EMAIL' },
  });
  const id = at(data, 'requestNotification.notificationId');
  const start: NotificationCommand = {
    type: 'StartDispatch',
    claimId: randomUUID(),
    provider: 'smtp',
    leaseUntil: new Date(Date.now() + 30_000).toISOString(),
    repeatIsSafe: false,
    at: new Date().toISOString(),
  };
  const taken: NotificationCommand = {
    type: 'RecordSent',
    attempt: 1,
    provider: 'smtp',
    providerMessageId: 'm',
    contentHash: 'h',
  };
  const context = { actor: 'dispatcher', correlationId: randomUUID() };
  await shop.execute(notifications, id, [start, taken], context);
  return id;
};

const pixelOf = (id: string, secret = secrets.tracking) => `/t/o/${openToken(id, secret)}`;
const linkOf = (id: string, url = target, secret = secrets.tracking) =>
  `/t/c/${clickToken(id, url, secret)}`;
const call = (path: string, init: RequestInit = {}) =>
  fetch(`${shop.url}${path}`, { redirect: 'manual', ...init });
const newsOf = (id: string) =>
  shop.log
    .filter(({ stream }) => stream === `notification-${id}`)
    .slice(3)
    .map(({ type, data }) => ({ type, data }));

describe('the pixel of an email', () => {
  test('is a picture that nobody keeps, and tells once that the email was opened', async () => {
    const id = await sent();
    const response = await call(pixelOf(id));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/gif');
    expect(response.headers.get('cache-control')).toBe('no-store, private');
    expect(response.headers.get('set-cookie')).toBeNull();
    const picture = Buffer.from(await response.arrayBuffer());
    expect([
      picture.subarray(0, 6).toString(),
      picture.readUInt16LE(6),
      picture.readUInt16LE(8),
    ]).toEqual(['GIF89a', 1, 1]);
    expect((await call(pixelOf(id))).status).toBe(200);
    expect(newsOf(id)).toMatchObject([{ type: 'NotificationOpened', data: { source: 'pixel' } }]);
  });

  test('of a secret of before still tells', async () => {
    const id = await sent();
    expect((await call(pixelOf(id, oldSecret))).status).toBe(200);
    expect(newsOf(id)).toMatchObject([{ type: 'NotificationOpened' }]);
  });

  test('of an email that nobody knows is a picture as well', async () => {
    const before = shop.log.length;
    expect((await call(pixelOf(randomUUID()))).status).toBe(200);
    expect(shop.log).toHaveLength(before);
  });
});

describe('a link of an email', () => {
  test('leads on, and tells once where to', async () => {
    const id = await sent();
    const response = await call(linkOf(id));
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(target);
    expect(response.headers.get('cache-control')).toBe('no-store, private');
    expect((await call(linkOf(id))).status).toBe(302);
    expect(newsOf(id)).toMatchObject([
      { type: 'NotificationClicked', data: { source: 'link', url: target } },
    ]);
  });

  test.each([
    `https://shop.example/${'a'.repeat(1_900)}`,
    'https://shop.example/ä?q=ü ö%20%C3%BC',
    'http://shop.example:8080/',
  ])('leads to %p as a browser would', async (url) => {
    const response = await call(linkOf(await sent(), url));
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(new URL(url).href);
  });

  test('of a secret of before still leads on', async () => {
    const response = await call(linkOf(await sent(), target, oldSecret));
    expect(response.headers.get('location')).toBe(target);
  });

  test('leads on when the click can not be stored, and the log holds nothing of it', async () => {
    const id = await sent();
    shop.breakStore(new Error('broken'));
    const response = await call(linkOf(id));
    shop.breakStore(undefined);
    expect(response.headers.get('location')).toBe(target);
    expect(newsOf(id)).toEqual([]);
    const lines = shop.lines.join('');
    expect(lines).toContain('a reading could not be stored');
    expect(lines).not.toMatch(/shop\.example|orders/);
    expect(lines).not.toContain(linkOf(id).slice(-20));
  });
});

describe('nothing is told', () => {
  test.each<[string, RequestInit]>([
    ['a HEAD', { method: 'HEAD' }],
    ['a prefetch', { headers: { 'sec-purpose': 'prefetch;prerender' } }],
    ['an older prefetch', { headers: { purpose: 'prefetch' } }],
  ])('by %s', async (_what, init) => {
    const id = await sent();
    expect((await call(pixelOf(id), init)).status).toBe(200);
    expect((await call(linkOf(id), init)).status).toBe(302);
    expect(newsOf(id)).toEqual([]);
  });

  test.each<[string, (id: string) => string]>([
    ['a link signed by somebody else', (id) => linkOf(id, 'https://evil.example/', 'another')],
    ['a link that was cut', (id) => linkOf(id).slice(0, -2)],
    ['a pixel as a link', (id) => `/t/c/${openToken(id, secrets.tracking)}`],
    ['a link as a pixel', (id) => `/t/o/${clickToken(id, target, secrets.tracking)}`],
    ['a pixel signed by somebody else', (id) => pixelOf(id, 'another')],
    ['an address as a token', () => '/t/c/https%3A%2F%2Fevil.example%2F'],
    [
      'the token of one link with the address of another',
      (id) => {
        const [ours, theirs] = [target, 'https://evil.example/'].map((url) =>
          Buffer.from(clickToken(id, url, secrets.tracking), 'base64url'),
        );
        const mixed = [ours?.subarray(0, 16), theirs?.subarray(16)].flatMap((part) => part ?? []);
        return `/t/c/${Buffer.concat(mixed).toString('base64url')}`;
      },
    ],
  ])('and nobody is led anywhere by %s', async (_what, pathOf) => {
    const id = await sent();
    const response = await call(pathOf(id));
    expect(response.status).toBe(404);
    expect(response.headers.get('location')).toBeNull();
    expect(await response.text()).toContain('This link is not complete.');
    expect(newsOf(id)).toEqual([]);
  });
});
