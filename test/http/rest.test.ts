import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DomainError } from '../../src/domain/errors.ts';
import { deviceAckToken } from '../../src/http/webhooks/device.ts';
import { notifications } from '../../src/commands/aggregates.ts';
import { at, rest } from './client.ts';
import { openShop, type Shop } from './shop.ts';
import { secrets } from './world.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.api.close());

const seedBody = {
  userId: 'ada',
  templateName: 'welcome',
  channel: 'email',
  variables: { name: 'Ada' },
  priority: 'normal',
};
const post = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  rest(shop.url, 'POST', '/api/v1/notifications', shop.tokens.shop, body, headers);

describe('POST /api/v1/notifications', () => {
  test('takes the body of the seed', async () => {
    const { status, body } = await post(seedBody);
    expect(status).toBe(202);
    expect(body).toEqual({
      notificationId: expect.any(String),
      status: 'queued',
      estimatedDelivery: expect.stringMatching(/Z$/),
    });
  });

  test('takes a number as user id', async () => {
    await shop.ask('mutation { registerUser(input: { id: "123" }) { cursor } }');
    const { status } = await post({ ...seedBody, userId: 123, channel: 'in_app' });
    expect(status).toBe(202);
  });

  test('makes one notification of one Idempotency-Key', async () => {
    const first = await post(seedBody, { 'idempotency-key': 'k1' });
    const second = await post(seedBody, { 'idempotency-key': 'k1' });
    expect(at(second.body, 'notificationId')).toBe(at(first.body, 'notificationId'));
    const other = await post(
      { ...seedBody, variables: { name: 'Eve' } },
      { 'idempotency-key': 'k1' },
    );
    expect(other.status).toBe(422);
    expect(at(other.body, 'error.code')).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('schedules, and estimates from the schedule', async () => {
    const { body } = await post({ ...seedBody, scheduledAt: '2027-01-01T10:00:00+01:00' });
    // 5 seconds after the scheduled moment, whatever today is.
    if (new Date() < new Date('2027-01-01T09:00:00Z')) {
      expect(body).toMatchObject({
        status: 'scheduled',
        estimatedDelivery: '2027-01-01T09:00:05.000Z',
      });
    }
  });

  test.each([
    ['an unknown field', { colour: 'red' }, 400, 'BAD_INPUT', 'colour'],
    ['an unknown channel', { channel: 'pigeon' }, 400, 'BAD_INPUT', 'channel'],
    ['no user', { userId: undefined }, 400, 'BAD_INPUT', 'userId'],
    ['an unknown user', { userId: 'nobody' }, 404, 'UNKNOWN_USER', 'userId'],
    ['an unknown template', { templateName: 'x' }, 404, 'UNKNOWN_TEMPLATE', 'templateName'],
    ['a missing variable', { variables: {} }, 422, 'MISSING_VARIABLE', 'variables.name'],
    ['a bad time', { scheduledAt: 'tomorrow' }, 422, 'BAD_SCHEDULE', 'scheduledAt'],
  ])('refuses %s by name', async (_what, change, status, code, field) => {
    const before = shop.log.length;
    const refused = await post({ ...seedBody, ...change });
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject({ error: { code, field } });
    expect(shop.log).toHaveLength(before);
  });

  test('refuses JSON that is none, more than 512 KB and other types', async () => {
    expect(await post('{"userId":')).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_INPUT', message: 'the body is not valid JSON' } },
    });
    expect(await post({ ...seedBody, variables: { name: 'x'.repeat(600_000) } })).toMatchObject({
      status: 413,
      body: { error: { code: 'PAYLOAD_TOO_LARGE', message: 'the body may have at most 512 KB' } },
    });
    expect(await post('<x/>', { 'content-type': 'text/xml' })).toMatchObject({
      status: 415,
      body: { error: { code: 'UNSUPPORTED_MEDIA_TYPE' } },
    });
  });

  test('is for services', async () => {
    const nobody = await rest(shop.url, 'POST', '/api/v1/notifications', undefined, seedBody);
    expect(nobody.status).toBe(401);
    expect(nobody.headers.get('www-authenticate')).toContain('Bearer');
    const user = await rest(shop.url, 'POST', '/api/v1/notifications', shop.tokens.ada, seedBody);
    expect(user).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
  });

  test('says 503 with Retry-After when the store can’t be reached', async () => {
    shop.breakStore(new DomainError('UNAVAILABLE', 'the event store can’t be reached'));
    const { status, headers } = await post(seedBody);
    shop.breakStore(undefined);
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
  });
});

describe('the other routes', () => {
  test('bulk answers user by user', async () => {
    const { userId: _, ...body } = seedBody;
    const answer = await rest(shop.url, 'POST', '/api/v1/notifications/bulk', shop.tokens.shop, {
      ...body,
      userIds: ['ada', 404],
    });
    expect(answer).toMatchObject({
      status: 202,
      body: {
        accepted: 1,
        refused: 1,
        results: [
          { userId: 'ada', status: 'queued' },
          { userId: '404', error: { code: 'UNKNOWN_USER' } },
        ],
      },
    });
  });

  test('a notification is shown in the shape of the seed, to its user and not to others', async () => {
    const id = at((await post(seedBody)).body, 'notificationId');
    const path = `/api/v1/notifications/${id}`;
    const shown = await rest(shop.url, 'GET', path, shop.tokens.ada);
    expect(shown).toMatchObject({
      status: 200,
      body: {
        id,
        status: 'pending',
        events: [{ type: 'requested', timestamp: expect.any(String) }],
      },
    });
    const foreign = await rest(shop.url, 'GET', path, shop.tokens.bob);
    expect(foreign).toMatchObject({
      status: 404,
      body: { error: { code: 'UNKNOWN_NOTIFICATION' } },
    });
  });

  test('preferences take the body of the seed and answer all of them', async () => {
    const path = '/api/v1/users/ada/preferences';
    const body = { sms: { marketing: false, transactional: true } };
    const answer = await rest(shop.url, 'PUT', path, shop.tokens.ada, body);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        email: { marketing: true, transactional: true, system: true },
        sms: { marketing: false, transactional: true, system: true },
      },
    });
    const unknown = await rest(shop.url, 'PUT', path, shop.tokens.ada, { sms: { gossip: true } });
    expect(unknown).toMatchObject({ status: 400, body: { error: { code: 'BAD_INPUT' } } });
    const foreign = await rest(shop.url, 'PUT', path, shop.tokens.bob, body);
    expect(foreign.status).toBe(403);
  });

  test('an unknown route is a 404 with a code, a wrong method a 405 that names the right ones', async () => {
    expect(await rest(shop.url, 'GET', '/nothing')).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND' } },
    });
    const wrong = await rest(shop.url, 'DELETE', '/api/v1/notifications/x');
    expect(wrong).toMatchObject({ status: 405, body: { error: { code: 'METHOD_NOT_ALLOWED' } } });
    expect(wrong.headers.get('allow')).toContain('GET');
  });

  test('health is open to everybody', async () => {
    expect(await rest(shop.url, 'GET', '/healthz')).toMatchObject({
      status: 200,
      body: { live: true },
    });
    expect(await rest(shop.url, 'GET', '/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, checks: { eventstore: 'ok' } },
    });
  });

  test('the OpenAPI document names routes that exist, and all of them', async () => {
    const { body } = await rest(shop.url, 'GET', '/openapi.json');
    const { paths } = body as { readonly paths: Readonly<Record<string, object>> };
    const methods = new Set(['get', 'patch', 'post', 'put']);
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).flatMap((key) => (methods.has(key) ? [`${key} ${path}`] : [])),
    );
    for (const operation of described) {
      const [method = '', path = ''] = operation.split(' ');
      const { status } = await rest(shop.url, method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'));
      expect([operation, status]).not.toEqual([operation, 405]);
    }
    expect(described.sort()).toEqual([
      'get /api/v1/broadcasts/{id}',
      'get /api/v1/notifications/{id}',
      'get /api/v1/users/{id}',
      'get /healthz',
      'get /openapi.json',
      'get /readyz',
      'get /unsubscribe/{token}',
      'patch /api/v1/users/{id}',
      'post /api/v1/broadcasts',
      'post /api/v1/lists',
      'post /api/v1/notifications',
      'post /api/v1/notifications/bulk',
      'post /api/v1/users',
      'post /api/v1/users/import',
      'post /unsubscribe/{token}',
      'post /webhooks/device',
      'post /webhooks/sendgrid',
      'post /webhooks/twilio',
      'post /webhooks/twilio/inbound',
      'put /api/v1/users/{id}/preferences',
    ]);
  });
});

describe('a webhook', () => {
  const sent = async (): Promise<string> => {
    const body = { ...seedBody, channel: 'in_app' };
    const id = at((await post(body)).body, 'notificationId');
    const start = {
      type: 'StartDispatch',
      claimId: 'claim',
      provider: 'inapp',
      leaseUntil: '2100-01-01T00:00:00.000Z',
      repeatIsSafe: true,
      at: new Date().toISOString(),
    } as const;
    await shop.execute(notifications, id, [start], { actor: 'dispatcher', correlationId: 'test' });
    return id;
  };
  const acknowledge = (id: string, token: string) =>
    rest(shop.url, 'POST', '/webhooks/device', undefined, {
      notificationId: id,
      event: 'delivered',
      token,
    });

  test('is answered 204 after the append, and may be repeated', async () => {
    const id = await sent();
    const token = deviceAckToken(id, new Date(Date.now() + 60_000), secrets.deviceAck);
    expect((await acknowledge(id, token)).status).toBe(204);
    expect(shop.log.at(-1)).toMatchObject({
      type: 'NotificationDelivered',
      metadata: { actor: 'provider:device' },
    });
    const appended = shop.log.length;
    expect((await acknowledge(id, token)).status).toBe(204);
    expect(shop.log).toHaveLength(appended);
  });

  test('that is not signed is a 401 and appends nothing', async () => {
    const id = await sent();
    const before = shop.log.length;
    expect(await acknowledge(id, 'forged')).toMatchObject({
      status: 401,
      body: { error: { code: 'UNAUTHENTICATED' } },
    });
    expect((await rest(shop.url, 'POST', '/webhooks/twilio', undefined, 'a=b')).status).toBe(401);
    expect(shop.log).toHaveLength(before);
  });

  test('that could not be stored is a 503, so that the provider repeats it', async () => {
    const id = await sent();
    const token = deviceAckToken(id, new Date(Date.now() + 60_000), secrets.deviceAck);
    shop.breakStore(new Error('disk full'));
    const { status } = await acknowledge(id, token);
    shop.breakStore(undefined);
    expect(status).toBe(503);
  });

  test('of a provider without an account is a 404', async () => {
    expect((await rest(shop.url, 'POST', '/webhooks/sendgrid', undefined, [])).status).toBe(404);
  });
});
