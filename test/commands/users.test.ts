import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createTemplateCommands } from '../../src/commands/templates/commands.ts';
import { templatePorts } from '../../src/commands/templates/ports.ts';
import { createUserCommands, type UserCommands } from '../../src/commands/users.ts';
import type { ProfileChanges } from '../../src/domain/user/events.ts';
import { refusalFrom } from '../support/spec.ts';
import { context, openCommands } from './world.ts';

let world: Awaited<ReturnType<typeof openCommands>>;
let users: UserCommands;
const topics = new Map([
  ['receipt', true],
  ['digest', false],
]);
beforeAll(async () => {
  world = await openCommands();
  users = createUserCommands(world.process().execute, {
    isRequired: (name) => Promise.resolve(topics.get(name)),
  });
});
afterAll(() => world.close());

const profile = { timezone: 'Europe/Oslo', locale: 'nb-NO' };
const fieldOf = async (action: () => Promise<unknown>) => {
  const refusal = await refusalFrom(Promise.resolve().then(action));
  return [refusal.code, refusal.field];
};

describe('a profile is refused, by field', () => {
  test.each<[ProfileChanges, string]>([
    [{ email: 'ada' }, 'email'],
    [{ email: 'ada@example.org, eve@example.org' }, 'email'],
    [{ email: 'Ada <ada@example.org>' }, 'email'],
    [{ email: 'ada@example.org\r\nBcc: eve@example.org' }, 'email'],
    [{ email: `${'a'.repeat(65)}@example.org` }, 'email'],
    [{ phone: '0151 1234567' }, 'phone'],
    [{ phone: '4915112345678' }, 'phone'],
    [{ phone: '+0915112345678' }, 'phone'],
    [{ phone: '+49151123456789012' }, 'phone'],
    [{ name: 'Ada\nBcc: eve@example.org' }, 'name'],
    [{ name: 'Ada\u2028' }, 'name'],
    [{ name: 'x'.repeat(257) }, 'name'],
    [{ timezone: 'Europe/Atlantis' }, 'timezone'],
    [{ timezone: '' }, 'timezone'],
    [{ locale: 'not_a_locale' }, 'locale'],
    [{ locale: '' }, 'locale'],
  ])('%j', async (changes, field) => {
    const register = () => users.register('u1', { ...profile, ...changes } as never, context);
    expect(await fieldOf(register)).toEqual(['BAD_INPUT', field]);
    expect(await fieldOf(() => users.update('u1', changes, context))).toEqual(['BAD_INPUT', field]);
    expect(await world.typesIn('user-u1')).toEqual([]);
  });
});

describe('a user', () => {
  test('may have a name in any script, and any address of one mailbox', async () => {
    const userId = randomUUID();
    const full = {
      ...profile,
      name: 'Ådne 山田 עדה',
      email: 'ådne+news@bücher.example',
      phone: '+4915112345678',
    };
    const registered = await users.register(userId, full, context);
    expect(registered).toMatchObject({ userId, user: { profile: full } });
    const changes = { name: null, phone: null };
    const { user } = await users.update(userId, changes, context);
    expect(user.profile).toEqual({ ...profile, email: full.email });
  });

  test('has an opaque id', async () => {
    const register = (id: string) => () => users.register(id, profile, context);
    expect(await fieldOf(register('ada@example.org'))).toEqual(['ID_LOOKS_PERSONAL', 'userId']);
    expect(await fieldOf(register('a/b'))).toEqual(['BAD_INPUT', 'userId']);
  });

  test('who is not there cannot be changed', async () => {
    const id = randomUUID();
    const update = () => users.update(id, { name: 'Ada' }, context);
    expect(await fieldOf(update)).toEqual(['UNKNOWN_USER', 'userId']);
  });

  test('has devices with a token of printable ASCII', async () => {
    const userId = randomUUID();
    await users.register(userId, profile, context);
    const device = { deviceId: 'phone', platform: 'fcm', token: 'abc:DEF_123' } as const;
    const { user } = await users.registerDevice(userId, device, context);
    expect(user.devices).toEqual([device]);
    for (const token of ['', 'a b', 'ü', 'x'.repeat(4_097)]) {
      const register = () => users.registerDevice(userId, { ...device, token }, context);
      expect(await fieldOf(register)).toEqual(['BAD_INPUT', 'token']);
    }
    const odd = () => users.registerDevice(userId, { ...device, deviceId: 'a b' }, context);
    expect(await fieldOf(odd)).toEqual(['BAD_INPUT', 'deviceId']);
    const dead = await users.removeDeadTokens(userId, [device.token], context);
    expect(dead.user.devices).toEqual([]);
  });
});

test('a template is changed under its name, and whoever remembers it is told', async () => {
  const changed: string[] = [];
  const { execute, load } = world.process();
  const noMjml = () => Promise.reject(new Error('this template has no MJML'));
  const templates = createTemplateCommands(
    templatePorts(execute, load, noMjml, (name) => changed.push(name)),
  );
  const content = {
    category: 'system',
    priority: 'normal',
    channels: { sms: { body: 'Hi {{userName}}' } },
    variables: [],
  } as const;
  const bad = { ...content, channels: { sms: { body: '{{who' } } };
  const about = { name: 'hello', description: 'A greeting' };
  const { template } = await templates.create(about, content, context);
  expect(template).toMatchObject({ name: 'hello', active: 1 });
  expect(changed).toEqual(['hello']);
  expect(await fieldOf(() => templates.publish('hello', bad, context))).toEqual([
    'TEMPLATE_INVALID',
    'channels.sms.body',
  ]);
  expect(await fieldOf(() => templates.create({ name: 'a b' }, content, context))).toEqual([
    'BAD_INPUT',
    'name',
  ]);
  expect(await fieldOf(() => templates.activate('nothing', 1, context))).toEqual([
    'UNKNOWN_TEMPLATE',
    'name',
  ]);
});
