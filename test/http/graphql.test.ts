import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { notifications } from '../../src/commands/aggregates.ts';
import { DomainError } from '../../src/domain/errors.ts';
import { at, rest, subscriber } from './client.ts';
import { openShop, requestDocument, type Shop, welcomeToAda } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.api.close());

const request = (input: Readonly<Record<string, unknown>> = {}) =>
  shop.ask(requestDocument, { input: { ...welcomeToAda, ...input } });

describe('a request for one user', () => {
  test('is accepted, and the log says who asked, under which correlation id', async () => {
    const { data, errors } = await request();
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      requestNotification: {
        __typename: 'NotificationAccepted',
        userId: 'ada',
        status: 'PENDING',
        duplicate: false,
      },
    });
    expect(at(data, 'requestNotification.cursor')).not.toBe('');
    expect(shop.log.at(-1)).toMatchObject({
      type: 'NotificationRequested',
      data: { requestedBy: 'shop' },
      metadata: { actor: 'client:shop', subject: 'ada' },
    });
  });

  test('with a key that was used before makes nothing new', async () => {
    const first = await request({ idempotencyKey: 'order-1' });
    const appended = shop.log.length;
    const second = await request({ idempotencyKey: 'order-1' });
    expect(second.data).toMatchObject({ requestNotification: { duplicate: true, cursor: null } });
    expect(at(second.data, 'requestNotification.notificationId')).toBe(
      at(first.data, 'requestNotification.notificationId'),
    );
    expect(shop.log).toHaveLength(appended);
  });

  test('for later is scheduled', async () => {
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
    const { data } = await request({ scheduledAt });
    expect(data).toMatchObject({ requestNotification: { status: 'SCHEDULED' } });
  });

  test('that a preference forbids is suppressed with the rule and the reason', async () => {
    await shop.ask(
      'mutation { updatePreferences(userId: "bob", changes: [{ channel: IN_APP, category: TRANSACTIONAL, enabled: false }]) { cursor } }',
    );
    const { data } = await request({ userId: 'bob' });
    expect(data).toMatchObject({
      requestNotification: { __typename: 'NotificationSuppressed', ruleId: 'opted-out' },
    });
  });

  test.each([
    ['an unknown user', { userId: 'nobody' }, 'UNKNOWN_USER', 'userId'],
    ['a user id that is an address', { userId: 'a@b.c' }, 'ID_LOOKS_PERSONAL', 'userId'],
    ['an unknown template', { template: 'nothing' }, 'UNKNOWN_TEMPLATE', 'template'],
    ['a channel that the template lacks', { channel: 'SMS' }, 'CHANNEL_NOT_IN_TEMPLATE', 'channel'],
    ['a user without an address', { userId: 'bob', channel: 'EMAIL' }, 'NO_ADDRESS', 'channel'],
    ['a missing variable', { variables: {} }, 'MISSING_VARIABLE', 'variables.name'],
    [
      'an extra variable',
      { variables: { name: 'Ada', age: 36 } },
      'UNKNOWN_VARIABLE',
      'variables.age',
    ],
    [
      'a variable of the wrong type',
      { variables: { name: 1 } },
      'WRONG_VARIABLE_TYPE',
      'variables.name',
    ],
    [
      'an object as variable',
      { variables: { name: { first: 'Ada' } } },
      'WRONG_VARIABLE_TYPE',
      'variables.name',
    ],
    ['a time without offset', { scheduledAt: '2027-01-01T10:00' }, 'BAD_SCHEDULE', 'scheduledAt'],
    ['a time that is past', { scheduledAt: '2020-01-01T10:00:00Z' }, 'BAD_SCHEDULE', 'scheduledAt'],
    [
      'variables of more than 512 KB',
      { variables: { name: 'x'.repeat(600_000) } },
      'PAYLOAD_TOO_LARGE',
      'variables',
    ],
  ])('with %s is refused and appends nothing', async (_what, input, code, field) => {
    const before = shop.log.length;
    const { data } = await request(input);
    expect(data).toMatchObject({
      requestNotification: { __typename: 'RequestRefused', code, field },
    });
    expect(shop.log).toHaveLength(before);
  });
});

describe('a request for many users', () => {
  const document = `mutation ($input: RequestNotificationsInput!) {
    requestNotifications(input: $input) {
      accepted suppressed refused
      results {
        __typename
        ... on NotificationAccepted { userId notificationId cursor }
        ... on RequestRefused { userId code }
      }
    }
  }`;

  test('answers user by user', async () => {
    const input = { ...welcomeToAda, userIds: ['ada', 'nobody'], userId: undefined };
    const { data } = await shop.ask(document, { input });
    expect(data).toMatchObject({
      requestNotifications: {
        accepted: 1,
        suppressed: 0,
        refused: 1,
        results: [{ userId: 'ada' }, { userId: 'nobody', code: 'UNKNOWN_USER' }],
      },
    });
  });

  test('takes 10,000 ids in one call', async () => {
    const userIds = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
    const { userId: _, ...input } = welcomeToAda;
    const { data } = await shop.ask(document, { input: { ...input, userIds } });
    expect(data).toMatchObject({ requestNotifications: { refused: 10_000 } });
  });

  test('that is wrong as a whole is an error with code and field', async () => {
    const { userId: _, ...input } = { ...welcomeToAda, template: 'nothing' };
    const { errors } = await shop.ask(document, { input: { ...input, userIds: ['ada'] } });
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNKNOWN_TEMPLATE', field: 'template' });
  });
});

/** A notification to ada that a provider was called for. */
const sent = async (): Promise<string> => {
  const id = at((await request()).data, 'requestNotification.notificationId');
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

const acknowledge = (id: string, token?: string) =>
  shop.ask(
    'mutation ($id: ID!) { acknowledgeNotification(input: { notificationId: $id, kind: DELIVERED }) { recorded } }',
    { id },
    token,
  );

describe('a notification', () => {
  test('is acknowledged by its user, once', async () => {
    const id = await sent();
    const recorded = { acknowledgeNotification: { recorded: true } };
    expect((await acknowledge(id, shop.tokens.ada)).data).toEqual(recorded);
    const before = shop.log.length;
    expect((await acknowledge(id, shop.tokens.ada)).data).toEqual(recorded);
    expect(shop.log).toHaveLength(before);
    const { data } = await shop.ask(
      'query ($id: ID!) { notification(id: $id) { status deliveredAt timeline { type } } }',
      { id },
      shop.tokens.ada,
    );
    expect(data).toMatchObject({
      notification: {
        status: 'DELIVERED',
        timeline: [{ type: 'REQUESTED' }, { type: 'DISPATCH_STARTED' }, { type: 'DELIVERED' }],
      },
    });
  });

  test('of somebody else is neither shown nor acknowledged', async () => {
    const id = await sent();
    const before = shop.log.length;
    expect((await acknowledge(id, shop.tokens.bob)).data).toEqual({
      acknowledgeNotification: { recorded: false },
    });
    expect(shop.log).toHaveLength(before);
    const { data } = await shop.ask(
      'query ($id: ID!) { notification(id: $id) { id } }',
      { id },
      shop.tokens.bob,
    );
    expect(data).toEqual({ notification: null });
  });

  test('that was sent can no longer be cancelled', async () => {
    const { errors } = await shop.ask(
      'mutation ($id: ID!) { cancelNotification(id: $id) { cursor } }',
      { id: await sent() },
    );
    expect(errors?.[0]?.extensions).toEqual({ code: 'NOT_CANCELLABLE', field: 'id' });
  });

  test('that waits is cancelled, and says so', async () => {
    const id = at((await request()).data, 'requestNotification.notificationId');
    const { data } = await shop.ask(
      'mutation ($id: ID!) { cancelNotification(id: $id, why: "sold out") { notificationId cursor } }',
      { id },
    );
    expect(at(data, 'cancelNotification.cursor')).not.toBe('');
    expect(shop.log.at(-1)).toMatchObject({ data: { by: 'client:shop', why: 'sold out' } });
  });

  test('that is not dead-lettered is not requeued, and only by an operator', async () => {
    const document = 'mutation ($id: ID!) { requeueNotification(id: $id) { cursor } }';
    const id = await sent();
    const byShop = await shop.ask(document, { id });
    expect(byShop.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN' });
    const byOperator = await shop.ask(document, { id }, shop.tokens.operator);
    expect(byOperator.errors?.[0]?.extensions).toEqual({ code: 'NOT_DEAD_LETTERED', field: 'id' });
  });

  test('list is read page by page, and a user sees only its own', async () => {
    await request();
    await request();
    const document = `query ($after: String) {
      notifications(first: 1, after: $after, filter: { userId: "ada" }) {
        edges { node { id userId } } pageInfo { hasNextPage endCursor }
      }
    }`;
    const first = await shop.ask(document, {}, shop.tokens.ada);
    const after = at(first.data, 'notifications.pageInfo.endCursor');
    const second = await shop.ask(document, { after }, shop.tokens.ada);
    expect(at(second.data, 'notifications.edges.0.node.id')).not.toBe(
      at(first.data, 'notifications.edges.0.node.id'),
    );
    const foreign = await shop.ask(document, {}, shop.tokens.bob);
    expect(foreign.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', field: 'userId' });
    const all = await shop.ask(
      '{ notifications(first: 100) { edges { node { userId } } } }',
      {},
      shop.tokens.bob,
    );
    expect(JSON.stringify(all.data)).not.toContain('ada');
  });

  test.each(['first: 0', 'first: 101', 'after: "nonsense"'])(
    'list with %s is refused',
    async (args) => {
      const { errors } = await shop.ask(`{ notifications(${args}) { edges { cursor } } }`);
      expect(errors?.[0]?.extensions.code).toBe('BAD_INPUT');
    },
  );
});

describe('users and templates', () => {
  test('a user reads and changes itself, nobody else', async () => {
    const update =
      'mutation ($id: ID!) { updateUser(id: $id, input: { name: null, locale: "de" }) { user { name locale } } }';
    const own = await shop.ask(update, { id: 'ada' }, shop.tokens.ada);
    expect(own.data).toEqual({ updateUser: { user: { name: null, locale: 'de' } } });
    for (const document of [
      update,
      'query ($id: ID!) { user(id: $id) { email } }',
      'query ($id: ID!) { preferences(userId: $id) { enabled } }',
      'mutation ($id: ID!) { removeDevice(userId: $id, deviceId: "d") { cursor } }',
    ]) {
      const foreign = await shop.ask(document, { id: 'ada' }, shop.tokens.bob);
      expect(foreign.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', field: 'userId' });
    }
  });

  test('a device is registered and its token never shown', async () => {
    const { data } = await shop.ask(
      'mutation { registerDevice(userId: "ada", input: { deviceId: "d1", token: "secret" }) { user { devices { deviceId platform } } } }',
    );
    expect(data).toEqual({
      registerDevice: { user: { devices: [{ deviceId: 'd1', platform: 'FCM' }] } },
    });
  });

  test('a template version is published, activated and archived', async () => {
    const { data } = await shop.ask(`mutation {
      createTemplate(input: { name: "code", content: { category: SYSTEM, channels: { sms: { body: "1" } } } }) { template { activeVersion } }
      publishTemplateVersion(name: "code", content: { category: SYSTEM, channels: { sms: { body: "2" } } }) { template { activeVersion } }
      activateTemplateVersion(name: "code", version: 2) { template { version { channels { sms { body } } } } }
      archiveTemplate(name: "code") { template { status } }
    }`);
    expect(data).toEqual({
      createTemplate: { template: { activeVersion: 1 } },
      publishTemplateVersion: { template: { activeVersion: 1 } },
      activateTemplateVersion: { template: { version: { channels: { sms: { body: '2' } } } } },
      archiveTemplate: { template: { status: 'ARCHIVED' } },
    });
    const old = await shop.ask(
      '{ template(name: "code", version: 1) { version { channels { sms { body } } } } templates { edges { node { name } } } }',
    );
    expect(old.data).toEqual({
      template: { version: { channels: { sms: { body: '1' } } } },
      templates: { edges: [{ node: { name: 'code' } }, { node: { name: 'welcome' } }] },
    });
  });
});

describe('the GraphQL edge', () => {
  const raw = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    rest(shop.url, 'POST', '/graphql', shop.tokens.shop, body, headers);

  test('says what is wrong with a field, without repeating its value', async () => {
    const { errors } = await request({ channel: 'PIGEON', nonsense: 'a private word' });
    expect(errors?.[0]?.extensions.code).toBe('BAD_INPUT');
    expect(errors?.map((error) => error.extensions.field).sort()).toEqual(['channel', 'nonsense']);
    expect(JSON.stringify(errors)).not.toContain('a private word');
  });

  test('refuses JSON that is none, batches and forms', async () => {
    const malformed = await raw('{"query":');
    expect(malformed).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'BAD_INPUT' } }] },
    });
    expect((await raw('[{"query":"{ __typename }"}]')).status).toBe(400);
    const form = await raw('query=x', { 'content-type': 'text/plain' });
    expect(form.status).toBe(400);
  });

  test('refuses a body of more than 2 MB, naming the limit', async () => {
    const { status, body } = await raw(
      JSON.stringify({ query: '{ __typename }', x: 'x'.repeat(2_200_000) }),
    );
    expect(status).toBe(413);
    expect(body).toMatchObject({
      errors: [
        {
          message: 'the body may have at most 2048 KB',
          extensions: { code: 'PAYLOAD_TOO_LARGE' },
        },
      ],
    });
  });

  test('takes 50 acknowledgements in one document', async () => {
    const id = await sent();
    const calls = Array.from(
      { length: 50 },
      (_, index) =>
        `a${index}: acknowledgeNotification(input: { notificationId: "${id}", kind: OPENED }) { recorded }`,
    );
    const { data, errors } = await shop.ask(`mutation { ${calls.join(' ')} }`);
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ a49: { recorded: true } });
  });

  test.each([
    ['without a token', undefined],
    ['with a token that is none', 'nonsense'],
  ])('%s answers UNAUTHENTICATED', async (_what, token) => {
    const answer = await rest(shop.url, 'POST', '/graphql', token, {
      query: '{ user(id: "ada") { email } }',
    });
    expect(answer.body).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  test('hides what broke, and logs it under the correlation id', async () => {
    shop.breakStore(new Error('mongodb://root:hunter2@10.0.0.1 refused'));
    const { errors } = await shop.ask('mutation { registerUser(input: { id: "x" }) { cursor } }');
    shop.breakStore(undefined);
    expect(JSON.stringify(errors)).not.toMatch(/hunter2|stack|10\.0\.0\.1/);
    expect(errors?.[0]?.extensions.code).toBe('INTERNAL');
    const id = String(errors?.[0]?.extensions.correlationId);
    expect(shop.lines.some((line) => line.includes(id) && line.includes('refused'))).toBe(true);
  });

  test('says UNAVAILABLE when the store can’t be reached', async () => {
    shop.breakStore(new DomainError('UNAVAILABLE', 'the event store can’t be reached'));
    const { errors } = await request();
    shop.breakStore(undefined);
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAVAILABLE' });
  });

  test('shows the console to a browser', async () => {
    const page = await rest(shop.url, 'GET', '/graphql', undefined, undefined, {
      accept: 'text/html',
    });
    expect(page.status).toBe(200);
    expect(page.body).toContain('Tidings console');
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

test('in production there is no introspection, no console and no home page', async () => {
  const production = await openShop({ development: false });
  try {
    const { errors } = await production.ask('{ __schema { types { name } } }');
    expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    const typo = await production.ask('{ usr(id: "ada") { email } }');
    expect(typo.errors?.[0]?.message).not.toContain('Did you mean');
    const client = subscriber(production.url, production.tokens.shop);
    for (const query of ['{ usr(id: "ada") { email } }', '{ __schema { types { name } } }']) {
      const answers = client.iterate({ query });
      const refused = await answers.next().catch((errors: unknown) => JSON.stringify(errors));
      expect(refused).toContain('GRAPHQL_VALIDATION_FAILED');
      expect(refused).not.toContain('Did you mean');
    }
    await client.dispose();
    for (const path of ['/', '/graphql']) {
      const page = await rest(production.url, 'GET', path, undefined, undefined, {
        accept: 'text/html',
      });
      expect(page.status).toBeGreaterThanOrEqual(400);
    }
  } finally {
    await production.api.close();
  }
});
