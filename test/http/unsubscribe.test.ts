import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { categories, channels } from '../../src/domain/vocabulary.ts';
import { readUnsubscribeToken, unsubscribeToken } from '../../src/http/unsubscribe/token.ts';
import { rest } from './client.ts';
import { openShop, type Shop } from './shop.ts';
import { secrets } from './world.ts';

const secret = secrets.unsubscribe;

describe('an unsubscribe token', () => {
  test('names the user, the channel and the category, in less than 200 characters', () => {
    const userIds = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.~-]{0,127}$/);
    fc.assert(
      fc.property(
        userIds,
        fc.constantFrom(...channels),
        fc.constantFrom(...categories),
        (userId, channel, category) => {
          const token = unsubscribeToken(userId, channel, category, secret);
          expect(readUnsubscribeToken(token, secret)).toEqual({ userId, channel, category });
          expect(token).toMatch(/^[\w-]{1,199}$/);
        },
      ),
    );
    expect(unsubscribeToken('u'.repeat(128), 'email', 'marketing', secret).length).toBeLessThan(
      200,
    );
  });

  test('is not ours when any character of it was changed', () => {
    const token = unsubscribeToken('ada', 'email', 'marketing', secret);
    for (const index of token.split('').keys()) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const forged = `${token.slice(0, index)}${other}${token.slice(index + 1)}`;
      expect(readUnsubscribeToken(forged, secret)).toBeUndefined();
    }
  });

  test.each(['', 'x', 'AAAA', 'A'.repeat(60)])('is not %p', (text) => {
    expect(readUnsubscribeToken(text, secret)).toBeUndefined();
  });

  test('of a secret of before is still ours', () => {
    const token = unsubscribeToken('ada', 'email', 'marketing', 'an older secret');
    expect(readUnsubscribeToken(token, secret, 'an older secret')).toMatchObject({ userId: 'ada' });
  });

  test('of another secret is not ours', () => {
    const token = unsubscribeToken('ada', 'email', 'marketing', 'another secret');
    expect(readUnsubscribeToken(token, secret)).toBeUndefined();
  });
});

describe('an unsubscribe link', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.api.close());

  const pathFor = (userId: string) =>
    `/unsubscribe/${unsubscribeToken(userId, 'email', 'marketing', secret)}`;
  const marketingByEmail = async (userId: string) => {
    const { data } = await shop.ask(
      'query ($id: ID!) { preferences(userId: $id) { channel category enabled } }',
      { id: userId },
    );
    const { preferences } = data as {
      readonly preferences: readonly {
        readonly channel: string;
        readonly category: string;
        readonly enabled: boolean;
      }[];
    };
    return preferences.find((p) => p.channel === 'EMAIL' && p.category === 'MARKETING')?.enabled;
  };

  test.each(['GET', 'HEAD'])('that is only looked at by %s changes nothing', async (method) => {
    const before = shop.log.length;
    const { status, headers, body } = await rest(shop.url, method, pathFor('ada'));
    expect(status).toBe(200);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    if (method === 'GET') expect(body).toContain('<form method="post">');
    expect(shop.log).toHaveLength(before);
  });

  test.each([
    ['urlencoded', 'application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
    ['multipart', 'multipart/form-data; boundary=x', '--x\r\n\r\nOne-Click\r\n--x--'],
    ['JSON', 'application/json', '{'],
    ['no body', undefined, undefined],
  ])('unsubscribes by POST of %s, and again', async (name, type, body) => {
    const userId = `user-${name.replace(' ', '-')}`;
    await shop.ask('mutation ($id: ID!) { registerUser(input: { id: $id }) { cursor } }', {
      id: userId,
    });
    const post = () =>
      fetch(`${shop.url}${pathFor(userId)}`, {
        method: 'POST',
        redirect: 'error',
        ...(type === undefined ? {} : { headers: { 'content-type': type }, body }),
      });
    expect((await post()).status).toBe(200);
    expect(await marketingByEmail(userId)).toBe(false);
    const appended = shop.log.length;
    expect((await post()).status).toBe(200);
    expect(shop.log).toHaveLength(appended);
    expect(shop.log.at(-1)).toMatchObject({
      type: 'Unsubscribed',
      data: { scope: 'kind', source: 'unsubscribe link' },
    });
  });

  test.each([
    ['category', { scope: 'category', category: 'marketing' }],
    ['channel', { scope: 'channel', channel: 'email' }],
    ['all', { scope: 'all' }],
  ])('lets the reader choose %s, and again', async (from, scope) => {
    const userId = `reader-${from}`;
    await shop.ask('mutation ($id: ID!) { registerUser(input: { id: $id }) { cursor } }', {
      id: userId,
    });
    const post = () =>
      fetch(`${shop.url}${pathFor(userId)}`, {
        method: 'POST',
        body: new URLSearchParams({ from }),
      });
    expect((await post()).status).toBe(200);
    expect(shop.log.at(-1)).toMatchObject({
      type: 'Unsubscribed',
      stream: `user-${userId}`,
      data: { ...scope, source: 'unsubscribe link' },
    });
    expect(await marketingByEmail(userId)).toBe(false);
    const appended = shop.log.length;
    expect((await post()).status).toBe(200);
    expect(shop.log).toHaveLength(appended);
  });

  test('of somebody who is gone still answers 200', async () => {
    expect((await rest(shop.url, 'POST', pathFor('gone'))).status).toBe(200);
  });

  test.each(['GET', 'POST'])('that is forged answers 404 to %s', async (method) => {
    const before = shop.log.length;
    expect((await rest(shop.url, method, '/unsubscribe/forged')).status).toBe(404);
    expect(shop.log).toHaveLength(before);
  });

  test('never appears in the log lines of the server', async () => {
    shop.breakStore(new Error('broken'));
    const { status } = await rest(shop.url, 'POST', pathFor('ada'));
    shop.breakStore(undefined);
    expect(status).toBe(500);
    expect(shop.lines.join('')).toContain('/unsubscribe/:token');
    expect(shop.lines.join('')).not.toContain(pathFor('ada').slice(-20));
  });
});
