import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExecutionResult } from 'graphql';
import { WebSocket } from 'ws';
import { signToken } from '../../src/http/auth.ts';
import { at, subscriber } from './client.ts';
import {
  openShop,
  requestDocument,
  shop as shopPrincipal,
  type Shop,
  welcomeToAda,
} from './shop.ts';
import { secrets } from './world.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.api.close());

const request = async (input: Readonly<Record<string, unknown>> = {}) => {
  const { data } = await shop.ask(requestDocument, { input: { ...welcomeToAda, ...input } });
  return {
    id: at(data, 'requestNotification.notificationId'),
    cursor: at(data, 'requestNotification.cursor'),
  };
};
const cancel = (id: string) =>
  shop.ask('mutation ($id: ID!) { cancelNotification(id: $id) { cursor } }', { id });

interface Update {
  readonly notificationId: string;
  readonly userId: string;
  readonly type: string;
  readonly status: string;
  readonly cursor: string;
}
const fields = '{ notificationId userId type status cursor }';

type Next = IteratorResult<ExecutionResult<Readonly<Record<string, Update>>>, undefined>;

/** Follows a subscription; `take` waits for so many updates and ends it. */
const follow = (query: string, variables: Readonly<Record<string, unknown>>, token: string) => {
  const client = subscriber(shop.url, token);
  const updates = client.iterate<Readonly<Record<string, Update>>>({ query, variables });
  return {
    take: async (count: number): Promise<readonly Update[]> => {
      const taken: Update[] = [];
      while (taken.length < count) {
        const next = (await updates.next()) as Next;
        if (next.done === true) break;
        const { data, errors } = next.value;
        if (errors) throw new Error(JSON.stringify(errors));
        taken.push(...Object.values(data ?? {}));
      }
      await updates.return?.();
      await client.dispose();
      return taken;
    },
    failure: async (): Promise<unknown> => {
      try {
        const next = (await updates.next()) as Next;
        return next.done === true ? undefined : next.value.errors;
      } catch (error) {
        return error;
      } finally {
        await client.dispose();
      }
    },
  };
};

describe('a subscription', () => {
  test('after the cursor of a mutation tells everything that follows, in order', async () => {
    const { id, cursor } = await request();
    await cancel(id);
    const document = `subscription ($id: ID!, $after: String) { notificationStatus(id: $id, after: $after) ${fields} }`;
    const [update] = await follow(document, { id, after: cursor }, shop.tokens.shop).take(1);
    expect(update).toMatchObject({ notificationId: id, type: 'CANCELLED', status: 'CANCELLED' });
  });

  test('goes on where it was, without gap or repeat', async () => {
    const document = `subscription ($after: String) { deliveryFeed(after: $after) ${fields} }`;
    const { cursor } = await request();
    const ids = [];
    for (let count = 0; count < 6; count += 1) ids.push((await request()).id);
    const first = await follow(document, { after: cursor }, shop.tokens.shop).take(3);
    const rest = await follow(document, { after: first[2]?.cursor }, shop.tokens.shop).take(3);
    expect([...first, ...rest].map((update) => update.notificationId)).toEqual(ids);
  });

  test('of a user shows nothing of others, whatever it asks for', async () => {
    const { cursor } = await request();
    const own = await request({ userId: 'bob' });
    const forBob = `subscription ($after: String) { userNotifications(userId: "bob", after: $after) ${fields} }`;
    const seen = await follow(forBob, { after: cursor }, shop.tokens.bob).take(1);
    expect(seen).toMatchObject([{ notificationId: own.id, userId: 'bob' }]);
    for (const document of [
      `subscription { userNotifications(userId: "ada") ${fields} }`,
      `subscription { deliveryFeed ${fields} }`,
    ]) {
      const failure = await follow(document, {}, shop.tokens.bob).failure();
      expect(failure).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
  });

  test('to the status of somebody else’s notification stays silent', async () => {
    const { id, cursor } = await request();
    const own = await request({ userId: 'bob' });
    const client = subscriber(shop.url, shop.tokens.bob);
    const seen: string[] = [];
    const statusOf = (of: string, done?: () => void) =>
      client.subscribe<{ readonly notificationStatus: Update }>(
        {
          query: `subscription ($id: ID!, $after: String) { notificationStatus(id: $id, after: $after) ${fields} }`,
          variables: { id: of, after: cursor },
        },
        {
          next: ({ data }) => {
            seen.push(data?.notificationStatus.notificationId ?? '');
            done?.();
          },
          error: () => seen.push('error'),
          complete: () => undefined,
        },
      );
    statusOf(id);
    await cancel(id);
    await new Promise<void>((resolve) => statusOf(own.id, resolve));
    await client.dispose();
    expect(seen).toEqual([own.id]);
  });

  test.each([
    ['a cursor that is none', 'subscription { deliveryFeed(after: "?") { type } }', 'BAD_INPUT'],
    ['an unknown field', 'subscription { deliveryFeed { colour } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['no document', '{', 'GRAPHQL_PARSE_FAILED'],
    [
      'too many aliases',
      `query { ${Array.from({ length: 61 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('with %s is an error with a code', async (_what, document, code) => {
    const failure = await follow(document, {}, shop.tokens.shop).failure();
    expect(failure).toMatchObject([{ extensions: { code } }]);
  });

  test('ends in the feed when the client leaves', async () => {
    const followers = () => shop.followers();
    const before = followers();
    const { cursor } = await request();
    await request();
    const document = `subscription ($after: String) { deliveryFeed(after: $after) ${fields} }`;
    await follow(document, { after: cursor }, shop.tokens.shop).take(1);
    const until = Date.now() + 5_000;
    while (followers() !== before && Date.now() < until) await new Promise(setImmediate);
    expect(followers()).toBe(before);
  });
});

describe('a query', () => {
  test('works over the socket as over HTTP', async () => {
    const client = subscriber(shop.url, shop.tokens.ada);
    const answers = client.iterate({ query: '{ user(id: "ada") { id } }' });
    expect((await answers.next()).value).toEqual({ data: { user: { id: 'ada' } } });
    const refused = client.iterate({ query: '{ user(id: "bob") { id } }' });
    expect((await refused.next()).value).toMatchObject({
      data: { user: null },
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    await client.dispose();
  });
});

describe('the socket protocol', () => {
  const open = async (protocol = 'graphql-transport-ws') => {
    const socket = new WebSocket(`${shop.url.replace('http', 'ws')}/graphql`, protocol);
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('open', resolve));
    const send = (message: unknown) => socket.send(JSON.stringify(message));
    const acknowledged = () => new Promise((resolve) => socket.once('message', resolve));
    return { socket, closed, send, acknowledged };
  };
  const init = (token: string) => ({
    type: 'connection_init',
    payload: { authorization: `Bearer ${token}` },
  });

  test('closes with 4401 who subscribes before it was acknowledged', async () => {
    const { closed, send } = await open();
    send({ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } });
    expect(await closed).toBe(4401);
  });

  test('closes with 4403 who brings no token, or a bad one', async () => {
    for (const message of [{ type: 'connection_init' }, init('nonsense')]) {
      const { closed, send } = await open();
      send(message);
      expect(await closed).toBe(4403);
    }
  });

  test('closes with 4408 who says nothing for three seconds', async () => {
    const started = Date.now();
    const { closed } = await open();
    expect(await closed).toBe(4408);
    expect(Date.now() - started).toBeGreaterThan(2_900);
  });

  test('closes with 4429 who introduces itself twice', async () => {
    const { closed, send, acknowledged } = await open();
    send(init(shop.tokens.shop));
    await acknowledged();
    send(init(shop.tokens.shop));
    expect(await closed).toBe(4429);
  });

  test('closes with 1009 who sends more than 64 KB', async () => {
    const { closed, send } = await open();
    send({ type: 'ping', payload: { x: 'x'.repeat(70_000) } });
    expect(await closed).toBe(1009);
  });

  test('closes with 4403 when the token ends', async () => {
    const token = await signToken(shopPrincipal, secrets.jwt, {
      now: new Date(),
      lifetimeSeconds: 2,
    });
    const { closed, send, acknowledged } = await open();
    send(init(token));
    await acknowledged();
    expect(await closed).toBe(4403);
  });

  test('is only spoken at /graphql', async () => {
    const socket = new WebSocket(`${shop.url.replace('http', 'ws')}/elsewhere`);
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(error.message).toContain('404');
  });
});
