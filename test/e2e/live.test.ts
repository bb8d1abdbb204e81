import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../../src/cli/demo/client.ts';
import { create, ended, register, send, startWorld, welcome, type World } from './world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await create(world, welcome);
  await register(world, 'u-ann');
});

afterAll(() => world.close());

interface Update {
  readonly type: string;
  readonly status: string;
  readonly cursor: string;
}

const statusOf = `subscription ($id: ID!, $after: String) {
  notificationStatus(id: $id, after: $after) { type status cursor }
}`;

/** Subscribes with a client of its own and gathers what comes. */
const follow = (id: string, after: string | undefined) => {
  const client = connect(world.url, world.token);
  const updates: Update[] = [];
  const failures: unknown[] = [];
  client.subscribe<{ readonly notificationStatus: Update }>(
    statusOf,
    { id, ...(after === undefined ? {} : { after }) },
    ({ notificationStatus }) => updates.push(notificationStatus),
    (error) => failures.push(error),
  );
  return { updates, failures, close: () => client.close() };
};

test('a front end that subscribes after its mutation’s cursor sees every change, in order', async () => {
  const { notificationId = '', cursor } = await send(world, 'u-ann', 'SMS');
  const { updates, failures, close } = follow(notificationId, cursor);
  await world.until(
    () => Promise.resolve(updates.at(-1)?.status),
    (status) => status === 'DELIVERED',
  );
  await close();
  expect(failures).toEqual([]);
  expect(updates.map(({ type }) => type)).toEqual(['DISPATCH_STARTED', 'SENT', 'DELIVERED']);
});

test('one that reconnects after any cursor misses nothing and sees nothing twice', async () => {
  const { notificationId = '', cursor = '' } = await send(world, 'u-ann', 'EMAIL');
  await ended(world, notificationId, 'DELIVERED');
  const first = follow(notificationId, cursor);
  await world.until(
    () => Promise.resolve(first.updates),
    (all) => all.length >= 3,
  );
  await first.close();
  const types = first.updates.map(({ type }) => type);
  for (const [index, { cursor: seen }] of first.updates.slice(0, -1).entries()) {
    const again = follow(notificationId, seen);
    const rest = types.slice(index + 1);
    await world.until(
      () => Promise.resolve(again.updates),
      (all) => all.length >= rest.length,
    );
    expect(again.updates.map(({ type }) => type).slice(0, rest.length)).toEqual(rest);
    await again.close();
  }
});

test('a cursor that isn’t ours is refused by name', async () => {
  const { failures, close } = follow('any', 'nonsense');
  await world.until(
    () => Promise.resolve(failures),
    (all) => all.length > 0,
  );
  await close();
  expect(JSON.stringify(failures)).toContain('BAD_INPUT');
});

test('a feed that asks for some types is told of those, with the status after each', async () => {
  const { notificationId, cursor } = await send(world, 'u-ann', 'SMS');
  const client = connect(world.url, world.token);
  const updates: (Update & { readonly notificationId: string })[] = [];
  const failures: unknown[] = [];
  client.subscribe<{ readonly deliveryFeed: (typeof updates)[number] }>(
    `subscription ($after: String) {
      deliveryFeed(after: $after, filter: { types: [SENT, DELIVERED] }) {
        notificationId type status cursor
      }
    }`,
    { after: cursor },
    ({ deliveryFeed }) => {
      if (deliveryFeed.notificationId === notificationId) updates.push(deliveryFeed);
    },
    (error) => failures.push(error),
  );
  await world.until(
    () => Promise.resolve(updates.at(-1)?.status),
    (status) => status === 'DELIVERED',
  );
  await client.close();
  expect(failures).toEqual([]);
  expect(updates.map(({ type, status }) => [type, status])).toEqual([
    ['SENT', 'SENT'],
    ['DELIVERED', 'DELIVERED'],
  ]);
});
