import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v5 } from 'uuid';
import { templates, users } from '../../src/commands/aggregates.ts';
import { createDirectory, type Directory } from '../../src/commands/directory.ts';
import type { Execute } from '../../src/commands/execute.ts';
import {
  createRequestNotifications,
  type NotificationsRequest,
} from '../../src/commands/requestNotifications.ts';
import type { Preference } from '../../src/domain/user/events.ts';
import { defaultRules } from '../../src/domain/policy/rules.ts';
import { refusalFrom } from '../support/spec.ts';
import { context, openCommands } from './world.ts';

const now = new Date('2027-03-01T12:00:00.000Z');
const shared = { timezone: 'Europe/Oslo', locale: 'nb-NO' };

let world: Awaited<ReturnType<typeof openCommands>>;
let directory: Directory;
let execute: Execute;
beforeAll(async () => {
  world = await openCommands();
  const commands = world.process();
  execute = commands.execute;
  directory = createDirectory({
    readUsers: () => Promise.resolve(new Map()),
    load: commands.load,
    now: Date.now,
  });
  for (const userId of ['ada', 'bob', 'eve']) {
    const profile = userId === 'eve' ? shared : { ...shared, email: `${userId}@example.org` };
    await execute(users, userId, [{ type: 'RegisterUser', userId, profile }], context);
  }
  const content = {
    category: 'transactional',
    priority: 'high',
    channels: { email: { subject: 's', html: 'h', text: '{{code}}' } },
    variables: [{ name: 'code', type: 'string' }],
  } as const;
  for (const name of ['code', 'old']) {
    await execute(templates, name, [{ type: 'CreateTemplate', name, content }], context);
  }
  await execute(templates, 'old', [{ type: 'ArchiveTemplate', why: 'old' }], context);
});
afterAll(() => world.close());

const ask = (changes: Partial<NotificationsRequest> = {}, by: Execute = execute) =>
  createRequestNotifications({
    execute: by,
    rules: defaultRules,
    findSuppressed: () => Promise.resolve(new Map()),
    findTemplate: directory.findTemplate,
    findUsers: directory.findUsers,
    now: () => now,
    newId: randomUUID,
    secret: 'fingerprints',
  })(
    {
      userIds: ['ada'],
      keyNames: 'notification',
      channel: 'email',
      template: 'code',
      variables: { code: '1234' },
      clientId: 'shop',
      ...changes,
    },
    context,
  );
const idOf = (result: object | undefined) =>
  (result as { notificationId?: string } | undefined)?.notificationId ?? '';

describe('a request is refused as a whole', () => {
  test.each([
    [{ template: 'nothing' }, 'UNKNOWN_TEMPLATE', 'template'],
    [{ template: 'old' }, 'TEMPLATE_ARCHIVED', 'template'],
    [{ channel: 'sms' }, 'CHANNEL_NOT_IN_TEMPLATE', 'channel'],
    [{ variables: {} }, 'MISSING_VARIABLE', 'variables.code'],
    [{ variables: { code: '1', x: 1 } }, 'UNKNOWN_VARIABLE', 'variables.x'],
    [{ variables: { code: 1 } }, 'WRONG_VARIABLE_TYPE', 'variables.code'],
    [{ userIds: [] }, 'BAD_INPUT', 'userIds'],
    [{ userIds: Array.from({ length: 10_001 }, (_, n) => `u${n}`) }, 'BAD_INPUT', 'userIds'],
    [{ idempotencyKey: '' }, 'BAD_INPUT', 'idempotencyKey'],
    [{ idempotencyKey: 'k'.repeat(257) }, 'BAD_INPUT', 'idempotencyKey'],
    [{ scheduledAt: 'tomorrow' }, 'BAD_SCHEDULE', 'scheduledAt'],
    [{ scheduledAt: '2027-03-02' }, 'BAD_SCHEDULE', 'scheduledAt'],
    [{ scheduledAt: '2027-03-02T10:00:00' }, 'BAD_SCHEDULE', 'scheduledAt'],
    [{ scheduledAt: '2027-03-32T10:00:00Z' }, 'BAD_SCHEDULE', 'scheduledAt'],
    [{ scheduledAt: '2027-03-01T11:58:59Z' }, 'BAD_SCHEDULE', 'scheduledAt'],
    [{ scheduledAt: '2028-03-02T12:00:01Z' }, 'BAD_SCHEDULE', 'scheduledAt'],
    [{ expiresAt: '2027-03-01T12:00:00Z' }, 'BAD_SCHEDULE', 'expiresAt'],
    [
      { scheduledAt: '2027-03-02T12:00:00Z', expiresAt: '2027-03-02T12:00:00Z' },
      'BAD_SCHEDULE',
      'expiresAt',
    ],
  ] as const)('%j: %s in %s', async (changes, code, field) => {
    const refusal = await refusalFrom(ask(changes));
    expect([refusal.code, refusal.field]).toEqual([code, field]);
  });
});

describe('a request is refused for one user, and accepted for the others', () => {
  test('when that user does not exist, or has no address', async () => {
    const results = await ask({ userIds: ['nobody', 'ada', 'eve'] });
    expect(results).toMatchObject([
      { kind: 'refused', userId: 'nobody', code: 'UNKNOWN_USER', field: 'userId' },
      { kind: 'accepted', userId: 'ada', status: 'PENDING', duplicate: false },
      { kind: 'refused', userId: 'eve', code: 'NO_ADDRESS', field: 'channel' },
    ]);
  });

  test('when its id could not be one, looks personal or stands in the list before', async () => {
    const results = await ask({ userIds: ['a b', 'ada', 'ada@example.org', 'ada'] });
    expect(results).toMatchObject([
      { kind: 'refused', userId: 'a b', code: 'BAD_INPUT', field: 'userId' },
      { kind: 'accepted', userId: 'ada' },
      { kind: 'refused', userId: 'ada@example.org', code: 'ID_LOOKS_PERSONAL', field: 'userId' },
      { kind: 'refused', userId: 'ada', code: 'BAD_INPUT', field: 'userId' },
    ]);
  });
});

describe('a page of a broadcast', () => {
  const id = '0195b1f0-9d4c-7b6e-8a55-2b1f0c9d4e11';
  const page = (variablesOf?: (userId: string) => { readonly code?: string } | undefined) =>
    ask({
      userIds: ['ada', 'bob'],
      template: 'old',
      broadcast: { id, templateVersion: 1, ...(variablesOf ? { variablesOf } : {}) },
    });

  test('takes its ids from the broadcast and the user, so that a second time appends nothing', async () => {
    const first = await page();
    const second = await page();
    expect(first).toMatchObject([{ duplicate: false }, { duplicate: false }]);
    expect(second).toMatchObject([{ duplicate: true }, { duplicate: true }]);
    expect(first.map(idOf)).toEqual(['ada', 'bob'].map((userId) => v5(userId, id)));
    expect(second.map(idOf)).toEqual(first.map(idOf));
  });

  test('gives each user the variables of their own, and refuses the one whose are wrong', async () => {
    const other = '0195b1f0-9d4c-7b6e-8a55-2b1f0c9d4e12';
    const results = await ask({
      userIds: ['ada', 'bob'],
      variables: {},
      broadcast: {
        id: other,
        templateVersion: 1,
        variablesOf: (userId) => (userId === 'ada' ? { code: '1' } : undefined),
      },
    });
    expect(results).toMatchObject([
      { kind: 'accepted', userId: 'ada' },
      { kind: 'refused', userId: 'bob', code: 'MISSING_VARIABLE', field: 'variables.code' },
    ]);
  });
});

describe('a request with a key', () => {
  test('that was used for the same answers the same id, and appends nothing', async () => {
    const idempotencyKey = randomUUID();
    const [first] = await ask({ idempotencyKey });
    const [second] = await ask({ idempotencyKey });
    expect(first).toMatchObject({ kind: 'accepted', duplicate: false });
    expect(second).toMatchObject({ kind: 'accepted', duplicate: true });
    expect(idOf(second)).toBe(idOf(first));
    expect(await world.typesIn(`notification-${idOf(first)}`)).toEqual(['NotificationRequested']);
  });

  test('sixteen times at once, from sixteen processes, makes one notification', async () => {
    const idempotencyKey = randomUUID();
    const results = await Promise.all(
      Array.from({ length: 16 }, () => ask({ idempotencyKey }, world.process().execute)),
    );
    const all = results.flat();
    expect(new Set(all.map(idOf)).size).toBe(1);
    expect(all.filter((result) => 'duplicate' in result && !result.duplicate)).toHaveLength(1);
    expect(await world.typesIn(`notification-${idOf(all[0])}`)).toHaveLength(1);
  });

  test.each([
    { variables: { code: '9999' } },
    { userIds: ['bob'] },
    { priority: 'urgent' },
    { scheduledAt: '2027-03-02T12:00:00Z' },
  ] as const)('that was used for something else is refused: %j', async (changes) => {
    const idempotencyKey = randomUUID();
    await ask({ idempotencyKey });
    expect(await ask({ idempotencyKey, ...changes })).toMatchObject([
      { kind: 'refused', code: 'IDEMPOTENCY_KEY_REUSED', field: 'idempotencyKey' },
    ]);
  });

  test('is another for another client', async () => {
    const idempotencyKey = randomUUID();
    const [ours] = await ask({ idempotencyKey });
    const [theirs] = await ask({ idempotencyKey, clientId: 'bank' });
    expect(theirs).toMatchObject({ kind: 'accepted', duplicate: false });
    expect(idOf(theirs)).not.toBe(idOf(ours));
  });

  test('for many users names one notification of each', async () => {
    const request = {
      idempotencyKey: randomUUID(),
      userIds: ['ada', 'bob'],
      keyNames: 'list',
    } as const;
    const first = await ask(request);
    const second = await ask({ ...request, userIds: ['bob', 'ada'] });
    expect(new Set(first.map(idOf)).size).toBe(2);
    expect(second.map(idOf)).toEqual(first.map(idOf).reverse());
    expect(second).toMatchObject([{ duplicate: true }, { duplicate: true }]);
    const alone = await ask({ ...request, userIds: ['ada'] });
    expect(alone.map(idOf)).toEqual(first.map(idOf).slice(0, 1));
  });
});

test('a request for later is scheduled, to the moment that its offset says', async () => {
  const scheduledAt = '2027-03-01T19:30:00+05:30';
  const [result] = await ask({ scheduledAt, expiresAt: '2027-03-01T15:00:00Z' });
  expect(result).toMatchObject({ kind: 'accepted', status: 'SCHEDULED' });
  const events = await world.log.readStream(`notification-${idOf(result)}`);
  expect(events).toMatchObject([
    {
      type: 'NotificationRequested',
      data: {
        scheduledAt: '2027-03-01T14:00:00.000Z',
        expiresAt: '2027-03-01T15:00:00.000Z',
        priority: 'high',
        templateVersion: 1,
      },
    },
    { type: 'NotificationDeferred', data: { until: '2027-03-01T14:00:00.000Z' } },
  ]);
});

test('a request that the user has forbidden is recorded as asked for and suppressed', async () => {
  const userId = 'cautious';
  const profile = { ...shared, email: 'cautious@example.org' };
  const changes: Preference[] = [{ channel: 'email', category: 'transactional', enabled: false }];
  await execute(
    users,
    userId,
    [
      { type: 'RegisterUser', userId, profile },
      { type: 'UpdatePreferences', changes, source: 'api' },
    ],
    context,
  );
  const request = { userIds: [userId], idempotencyKey: randomUUID() };
  const [first] = await ask(request);
  expect(first).toMatchObject({ kind: 'suppressed', ruleId: 'opted-out', duplicate: false });
  const [second] = await ask(request);
  expect(second).toEqual({ ...first, duplicate: true, cursor: undefined });
  expect(await world.typesIn(`notification-${idOf(first)}`)).toEqual([
    'NotificationRequested',
    'NotificationSuppressed',
  ]);
});
