import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rest } from './client.ts';
import { openShop, type Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.api.close());

const call = (method: string, path: string, body?: unknown, token = shop.tokens.shop) =>
  rest(shop.url, method, `/api/v1/users${path}`, token, body);

describe('users by REST', () => {
  test('are registered, read and changed', async () => {
    const eve = { id: 'eve', email: 'eve@example.org', attributes: { plan: 'pro' } };
    expect(await call('POST', '', eve)).toMatchObject({ status: 201, body: eve });
    expect(await call('POST', '', eve)).toMatchObject({ status: 201 });
    const changes = { email: null, locale: 'de', attributes: { seats: 2 } };
    const changed = {
      id: 'eve',
      locale: 'de',
      attributes: { plan: 'pro', seats: 2 },
      addresses: [],
    };
    expect(await call('PATCH', '/eve', changes)).toMatchObject({ status: 200, body: changed });
    expect(await call('GET', '/eve')).toMatchObject({ status: 200, body: changed });
  });

  test('are refused by field', async () => {
    expect(await call('POST', '', { id: 'eve@example.org' })).toMatchObject({
      status: 400,
      body: { error: { code: 'ID_LOOKS_PERSONAL' } },
    });
    expect(await call('PATCH', '/ada', { phone: '1' })).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_INPUT', field: 'phone' } },
    });
    expect((await call('GET', '/nobody')).status).toBe(404);
    expect((await call('GET', '/ada', undefined, shop.tokens.bob)).status).toBe(403);
    expect((await call('POST', '', { id: 'x' }, shop.tokens.ada)).status).toBe(403);
  });
});

describe('a list of users', () => {
  const send = (type: string, body: string, token = shop.tokens.shop) =>
    fetch(`${shop.url}/api/v1/users/import`, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${token}` },
      body,
    });

  test.each([
    ['application/x-ndjson', '{"id":"n1"}\n{"id":"n2","email":"x"}\n{"id":"n3"}\n'],
    ['text/csv; charset=utf-8', 'id,email\nc1,\nc2,x\nc3,c@example.org\n'],
  ])('comes as %s', async (type, body) => {
    const answer = await send(type, body);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      rows: 3,
      registered: 2,
      refused: 1,
      problems: [{ code: 'BAD_INPUT', field: 'email' }],
    });
  });

  test('may be longer than every other body', async () => {
    const line = '{"id":"ada","name":"Ada","locale":"en","timezone":"UTC"}\n';
    const body = line.repeat(12_000);
    expect(body.length).toBeGreaterThan(512 * 1_024);
    expect(await (await send('application/x-ndjson', body)).json()).toMatchObject({
      rows: 12_000,
      refused: 0,
    });
  });

  test('of another kind, or of somebody who may not, is refused', async () => {
    expect((await send('application/json', '[]')).status).toBe(415);
    expect((await send('text/csv', 'id\n', shop.tokens.ada)).status).toBe(403);
  });
});

describe('wishes by GraphQL', () => {
  const ask = async (document: string, token?: string) => {
    const { data, errors } = await shop.ask(document, {}, token);
    return errors?.[0] ? errors[0].extensions : data;
  };

  test('topics are switched, but not required ones and none that there are not', async () => {
    const content = (name: string, required: boolean) =>
      `createTemplate(input: { name: "${name}", content: { category: SYSTEM, required: ${required}, channels: { sms: { body: "x" } } } }) { cursor }`;
    await ask(`mutation { a: ${content('receipt', true)} b: ${content('digest', false)} }`);
    const set = (topic: string, enabled: boolean) =>
      ask(
        `mutation { updatePreferences(userId: "ada", topics: [{ topic: "${topic}", channel: SMS, enabled: ${enabled} }]) { user { topics { topic channel enabled } } } }`,
      );
    expect(await set('digest', false)).toMatchObject({
      updatePreferences: {
        user: { topics: [{ topic: 'digest', channel: 'SMS', enabled: false }] },
      },
    });
    expect(await set('receipt', false)).toEqual({ code: 'REQUIRED_TOPIC', field: 'topics' });
    expect(await set('receipt', true)).toHaveProperty('updatePreferences');
    expect(await set('nothing', true)).toEqual({ code: 'UNKNOWN_TEMPLATE', field: 'topics' });
  });

  test('quiet hours are checked and shown', async () => {
    const set = (window: string) =>
      ask(
        `mutation { setQuietHours(userId: "ada", windows: [${window}]) { user { quietHours { days from to } } } }`,
      );
    expect(await set('{ days: [1, 7], from: "22:00", to: "07:00" }')).toMatchObject({
      setQuietHours: { user: { quietHours: [{ days: [1, 7], from: '22:00', to: '07:00' }] } },
    });
    for (const [window, field] of [
      ['{ days: [], from: "22:00", to: "07:00" }', 'windows.0.days'],
      ['{ days: [1, 1], from: "22:00", to: "07:00" }', 'windows.0.days'],
      ['{ days: [8], from: "22:00", to: "07:00" }', 'windows.0.days'],
      ['{ days: [1], from: "24:00", to: "07:00" }', 'windows.0.from'],
      ['{ days: [1], from: "22:00", to: "7" }', 'windows.0.to'],
    ] as const) {
      expect(await set(window)).toEqual({ code: 'BAD_INPUT', field });
    }
  });

  test('consent is recorded in its words, and its proof is not shown', async () => {
    const answer = await ask(
      `mutation { recordConsent(userId: "ada", input: { channel: SMS, category: MARKETING, given: true, wording: "Yes.", source: "form", evidence: "192.0.2.1" }) { user { consents { channel category given wording source } } } }`,
      shop.tokens.ada,
    );
    const consent = {
      channel: 'SMS',
      category: 'MARKETING',
      given: true,
      wording: 'Yes.',
      source: 'form',
    };
    expect(answer).toEqual({ recordConsent: { user: { consents: [consent] } } });
  });

  test('who unsubscribed from a channel gets none of it until they subscribe again', async () => {
    const wish = (name: string, argument: string) =>
      ask(
        `mutation { ${name}(userId: "bob", ${argument}: { scope: CHANNEL, channel: PUSH }) { user { unsubscribed { all channels } preferences { channel enabled } } } }`,
      );
    const off = await wish('unsubscribe', 'from');
    expect(off).toMatchObject({ unsubscribe: { user: { unsubscribed: { channels: ['PUSH'] } } } });
    expect(JSON.stringify(off)).toContain('{"channel":"PUSH","enabled":false}');
    const on = await wish('resubscribe', 'to');
    expect(JSON.stringify(on)).not.toContain('"enabled":false');
    expect(
      await ask('mutation { unsubscribe(userId: "bob", from: { scope: CHANNEL }) { cursor } }'),
    ).toEqual({ code: 'BAD_INPUT', field: 'scope' });
  });

  test('an address is added, verified by a service only, and removed', async () => {
    const named = '{ channel: EMAIL, address: "bob@work.example" }';
    const shown = '{ user { addresses { address verified primary } } }';
    await ask(`mutation { addAddress(userId: "bob", address: ${named}) ${shown} }`);
    const verify = `mutation { verifyAddress(userId: "bob", address: ${named}, source: "link") ${shown} }`;
    expect(await ask(verify, shop.tokens.bob)).toEqual({ code: 'FORBIDDEN' });
    expect(await ask(verify)).toEqual({
      verifyAddress: {
        user: { addresses: [{ address: 'bob@work.example', verified: true, primary: true }] },
      },
    });
    expect(
      await ask(`mutation { removeAddress(userId: "bob", address: ${named}) ${shown} }`),
    ).toEqual({ removeAddress: { user: { addresses: [] } } });
  });

  test('an address is suppressed by hand and lifted by an operator, each with why', async () => {
    const named = 'address: { channel: EMAIL, address: "Eve@Example.org" }';
    const suppress = (why: string) =>
      ask(`mutation { suppressAddress(${named}, scope: MARKETING, why: "${why}") { changed } }`);
    expect(await suppress('asked by letter')).toEqual({ suppressAddress: { changed: true } });
    expect(await suppress('asked by letter')).toEqual({ suppressAddress: { changed: false } });
    expect(await suppress('eve@example.org asked')).toEqual({ code: 'BAD_INPUT', field: 'why' });
    expect(
      await ask('{ suppressions { edges { node { channel reasons { reason scope } } } } }'),
    ).toEqual({
      suppressions: {
        edges: [
          { node: { channel: 'EMAIL', reasons: [{ reason: 'MANUAL', scope: 'MARKETING' }] } },
        ],
      },
    });
    const lift = `mutation { liftSuppression(${named}, why: "asked again") { changed } }`;
    expect(await ask(lift)).toEqual({ code: 'FORBIDDEN' });
    expect(await ask(lift, shop.tokens.operator)).toEqual({ liftSuppression: { changed: true } });
  });
});
