import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unsubscribeToken } from '../../src/http/unsubscribe/token.ts';
import { openShop, type Shop } from './shop.ts';
import { secrets } from './world.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.api.close());

const tokenOf = (userId: string) =>
  unsubscribeToken(userId, 'email', 'marketing', secrets.unsubscribe);

const boundary = 'b0undary';
const multipart = [
  `--${boundary}`,
  'Content-Disposition: form-data; name="List-Unsubscribe"',
  '',
  'One-Click',
  `--${boundary}--`,
  '',
].join('\r\n');

const bodies = {
  urlencoded: {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
  },
  multipart: {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: multipart,
  },
} as const;
type Body = keyof typeof bodies;

/** Tokens by what is wrong with them; a new subscriber for each case. */
const links = {
  valid: (userId: string) => tokenOf(userId),
  forged: (userId: string) => tokenOf(userId).replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
  unknown: () => tokenOf('nobody-is-called-so'),
} as const;
type Link = keyof typeof links;

const posts = (['valid', 'forged', 'unknown'] as const).flatMap((link) =>
  (['urlencoded', 'multipart'] as const).map((body): [Link, Body] => [link, body]),
);
const quiet = (['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const).flatMap((method) =>
  (['valid', 'forged', 'unknown'] as const).map((link): [string, Link] => [method, link]),
);

const subscriber = async (userId: string): Promise<void> => {
  await shop.ask('mutation ($id: ID!) { registerUser(input: { id: $id }) { cursor } }', {
    id: userId,
  });
};

const call = (link: Link, userId: string, method: string, body?: Body) =>
  fetch(`${shop.url}/unsubscribe/${links[link](userId)}`, {
    method,
    redirect: 'error',
    ...(body === undefined ? {} : bodies[body]),
  });

describe('one click (RFC 8058)', () => {
  test.each(posts)('by POST of a link that is %s, %s, and again', async (link, body) => {
    const userId = `one-${link}-${body}`;
    await subscriber(userId);
    const before = shop.log.length;
    const first = await call(link, userId, 'POST', body);
    const replayed = await call(link, userId, 'POST', body);
    const expected = link === 'forged' ? 404 : 200;
    expect([first.status, replayed.status]).toEqual([expected, expected]);
    expect(first.headers.get('set-cookie')).toBeNull();
    // One event for the click and none for its repeat; nobody is unsubscribed by a link that isn't theirs.
    expect(shop.log.slice(before)).toMatchObject(
      link === 'valid'
        ? [
            {
              type: 'Unsubscribed',
              stream: `user-${userId}`,
              data: { scope: 'kind', channel: 'email', category: 'marketing' },
            },
          ]
        : [],
    );
  });

  test.each(quiet)('is never what %s of a link that is %s means', async (method, link) => {
    const userId = `quiet-${method}-${link}`;
    await subscriber(userId);
    const before = shop.log.length;
    const { status } = await call(link, userId, method);
    const looks = method === 'GET' || method === 'HEAD';
    expect(status).toBe(looks ? (link === 'forged' ? 404 : 200) : 405);
    expect(shop.log).toHaveLength(before);
  });

  test('is the same with a cookie, a login and an origin of elsewhere', async () => {
    await subscriber('one-elsewhere');
    const headers = {
      ...bodies.urlencoded.headers,
      cookie: 'session=1',
      authorization: 'Bearer nonsense',
      origin: 'https://mail.example',
    };
    const url = `${shop.url}/unsubscribe/${tokenOf('one-elsewhere')}`;
    const { status } = await fetch(url, { method: 'POST', ...bodies.urlencoded, headers });
    expect(status).toBe(200);
    expect(shop.log.at(-1)?.type).toBe('Unsubscribed');
  });
});
