import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v5 } from 'uuid';
import { create, register, startWorld, welcome, type World } from './world.ts';

let world: World;
const users = Array.from({ length: 40 }, (_, n) => `b-${String(n).padStart(2, '0')}`);

beforeAll(async () => {
  world = await startWorld({ TIDINGS_BROADCAST_WINDOW: '16' });
  await create(world, welcome);
  for (const id of users) await register(world, id);
  await world.client.run(
    `mutation { updatePreferences(userId: "b-07", changes: [
      { channel: EMAIL, category: TRANSACTIONAL, enabled: false }]) { cursor } }`,
    {},
  );
}, 60_000);

afterAll(() => world.close());

interface Shown {
  readonly status: string;
  readonly recipients: number;
  readonly progress: number;
  readonly accepted: number;
  readonly suppressed: number;
  readonly refused: number;
  readonly sent: number;
  readonly delivered: number;
  readonly cancelled: number;
  readonly refusedByCode: readonly { readonly code: string; readonly count: number }[];
  readonly refusals: {
    readonly edges: readonly { readonly node: Readonly<Record<string, unknown>> }[];
  };
}

const show = async (id: string): Promise<Shown | null> => {
  const { broadcast } = await world.client.run<{ broadcast: Shown | null }>(
    `query ($id: ID!) { broadcast(id: $id) { status recipients progress accepted suppressed refused
      sent delivered cancelled refusedByCode { code count }
      refusals { edges { node { userId line code field } } } } }`,
    { id },
  );
  return broadcast;
};
const until = (id: string, holds: (shown: Shown) => boolean) =>
  world.until(
    () => show(id),
    (shown) => shown !== null && holds(shown),
  );

const broadcast = async (input: object): Promise<string> => {
  const answer = await world.client.run<{ broadcast: { broadcastId: string } }>(
    `mutation ($input: BroadcastInput!) { broadcast(input: $input) { broadcastId } }`,
    { input: { channel: 'EMAIL', template: 'welcome', variables: { product: 'Tea' }, ...input } },
  );
  return answer.broadcast.broadcastId;
};
const run = (document: string, id: string) => world.client.run(document, { id });

const upload = async (path: string, lines: readonly string[], headers: object = {}) => {
  const response = await fetch(`${world.url}/api/v1/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.token}`,
      'content-type': 'application/x-ndjson',
      ...headers,
    },
    body: lines.join('\n'),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('a broadcast', () => {
  test('reaches every user once, says who is suppressed, and is followed live', async () => {
    const id = await broadcast({ audience: { all: true }, title: 'News' });
    const seen: string[] = [];
    world.client.subscribe<{ broadcastProgress: Shown }>(
      `subscription ($id: ID!) { broadcastProgress(id: $id) { status delivered } }`,
      { id },
      ({ broadcastProgress }) => seen.push(broadcastProgress.status),
      () => undefined,
    );
    const shown = await until(id, ({ delivered }) => delivered === 39);
    expect(shown).toMatchObject({
      status: 'COMPLETED',
      recipients: 40,
      progress: 1,
      accepted: 39,
      suppressed: 1,
      refused: 0,
      sent: 39,
    });
    for (const userId of ['b-00', 'b-39']) {
      expect(await world.ledger(v5(userId, id))).toHaveLength(1);
    }
    expect(await world.ledger(v5('b-07', id))).toHaveLength(0);
    await world.until(
      () => Promise.resolve(seen),
      (all) => all.includes('COMPLETED'),
    );
  }, 30_000);

  test('of one idempotency key is made once', async () => {
    const input = { audience: { all: true }, idempotencyKey: 'spring', channel: 'IN_APP' };
    const [first, second] = [await broadcast(input), await broadcast(input)];
    expect(second).toBe(first);
    await until(first, ({ sent }) => sent === 40);
    await expect(broadcast({ ...input, channel: 'SMS' })).rejects.toThrow('IDEMPOTENCY_KEY_REUSED');
  }, 30_000);

  test('is refused when its template, its variables or its audience are wrong', async () => {
    const all = { audience: { all: true } };
    await expect(broadcast({ ...all, template: 'none' })).rejects.toThrow('UNKNOWN_TEMPLATE');
    await expect(broadcast({ ...all, variables: {} })).rejects.toThrow('MISSING_VARIABLE');
    await expect(broadcast({ audience: { segment: 'none' } })).rejects.toThrow('UNKNOWN_SEGMENT');
    await expect(broadcast({ audience: { listId: 'none' } })).rejects.toThrow('UNKNOWN_LIST');
    await expect(broadcast({ audience: {} })).rejects.toThrow('BAD_INPUT');
    await expect(
      run('mutation ($id: ID!) { pauseBroadcast(id: $id) { cursor } }', 'none'),
    ).rejects.toThrow('UNKNOWN_BROADCAST');
  });
});

describe('a broadcast to a segment', () => {
  test('goes to whom its rule holds then, as the preview said', async () => {
    await world.client.run(
      `mutation ($rule: SegmentRuleInput!) {
        defineSegment(input: { name: "late", rule: $rule }) { segment { kind } } }`,
      {
        rule: {
          all: [
            { field: 'registeredAt', op: 'GT', value: '-P1D' },
            { not: { field: 'locale', op: 'EQ', value: 'xx' } },
          ],
        },
      },
    );
    const { previewSegment } = await world.until(
      () =>
        world.client
          .run<{ previewSegment: { count: number; sample: readonly string[] } }>(
            `{ previewSegment(name: "late", sample: 3) { count sample } }`,
            {},
          )
          .catch(() => ({ previewSegment: { count: 0, sample: [] } })),
      ({ previewSegment: { count } }) => count === 40,
    );
    expect(previewSegment.sample).toEqual(['b-00', 'b-01', 'b-02']);
    const id = await broadcast({ audience: { segment: 'late' }, channel: 'PUSH' });
    const shown = await until(id, ({ delivered }) => delivered === 40);
    expect(shown?.accepted).toBe(40);
  }, 30_000);

  test('goes to the members of a list, also of who is not there any more', async () => {
    await world.client.run(`mutation { defineSegment(input: { name: "vips" }) { cursor } }`, {});
    await world.client.run(
      `mutation { addSegmentMembers(name: "vips", userIds: ["b-01", "b-02", "gone"]) { segment { members } } }`,
      {},
    );
    const id = await broadcast({ audience: { segment: 'vips' } });
    const shown = await until(id, ({ delivered }) => delivered === 2);
    expect(shown).toMatchObject({
      accepted: 2,
      refused: 1,
      refusedByCode: [{ code: 'UNKNOWN_USER', count: 1 }],
    });
    expect(shown?.refusals.edges.map(({ node }) => node)).toMatchObject([
      { userId: 'gone', line: null, code: 'UNKNOWN_USER', field: 'userId' },
    ]);
  }, 30_000);
});

describe('an uploaded list', () => {
  const line = (userId: string, product?: unknown) =>
    JSON.stringify({ userId, ...(product === undefined ? {} : { variables: { product } }) });

  test('sends to its good rows, with the variables of each, and names the others by line', async () => {
    const lines = [
      line('b-10', 'Tea'),
      'not json',
      line('b-11', { $gt: 1 }),
      '',
      line('someone@example.com', 'Tea'),
      line('b-12', 'Coffee'),
      line('b-10', 'Tea again'),
      line('b-13'),
      line('unknown', 'Tea'),
    ];
    const query = 'broadcasts?templateName=welcome&channel=email&title=List';
    const { status, body } = await upload(query, lines, { 'idempotency-key': 'list-1' });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      rows: 4,
      refused: 4,
      duplicate: false,
      errors: [
        { line: 2, code: 'BAD_INPUT' },
        { line: 3, code: 'BAD_INPUT', field: 'variables.product.$gt' },
        { line: 5, code: 'ID_LOOKS_PERSONAL', field: 'userId' },
        { line: 7, code: 'BAD_INPUT', field: 'userId', userId: 'b-10' },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('someone@example.com');
    const id = String(body['broadcastId']);
    const shown = await until(id, ({ delivered }) => delivered === 2);
    expect(shown).toMatchObject({ accepted: 2, refused: 6 });
    expect(shown?.refusals.edges.map(({ node }) => node).slice(4)).toMatchObject([
      { userId: 'b-13', line: 8, code: 'MISSING_VARIABLE' },
      { userId: 'unknown', line: 9, code: 'UNKNOWN_USER' },
    ]);

    const again = await upload(query, lines, { 'idempotency-key': 'list-1' });
    expect(again.body).toMatchObject({ broadcastId: id, duplicate: true });
    const other = await upload(query, lines.slice(1), { 'idempotency-key': 'list-1' });
    expect(other.status).toBe(422);
  }, 30_000);

  test('may be uploaded before, and used by its id', async () => {
    const { status, body } = await upload('lists', [line('b-20'), line('b-21', 'Cocoa')]);
    expect(status).toBe(201);
    const id = await broadcast({ audience: { listId: body['listId'] } });
    await until(id, ({ delivered }) => delivered === 2);
  }, 30_000);

  test.each([
    [[''], 400, 'body'],
    [['nothing'], 400, 'body'],
  ])('%j is refused', async (lines, status, field) => {
    const refused = await upload('lists', lines);
    expect(refused.status).toBe(status);
    expect(refused.body).toMatchObject({ error: { code: 'BAD_INPUT', field } });
  });
});

describe('a broadcast that is stopped', () => {
  test('waits for its time; cancelled before, it reaches nobody', async () => {
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
    const id = await broadcast({ audience: { all: true }, scheduledAt });
    await until(id, ({ status }) => status === 'SCHEDULED');
    await run('mutation ($id: ID!) { cancelBroadcast(id: $id, why: "no") { cursor } }', id);
    const shown = await until(id, ({ status }) => status === 'CANCELLED');
    expect(shown?.accepted).toBe(0);
  }, 30_000);

  test('is cancelled also after all was asked for: what waits is not sent', async () => {
    const tomorrow = new Date(Date.now() + 48 * 3_600_000).toISOString().slice(0, 16);
    const id = await broadcast({ audience: { all: true }, channel: 'IN_APP', localTime: tomorrow });
    await until(id, ({ status }) => status === 'COMPLETED');
    await run('mutation ($id: ID!) { cancelBroadcast(id: $id) { cursor } }', id);
    const shown = await until(id, ({ cancelled }) => cancelled === 40);
    expect(shown).toMatchObject({ status: 'CANCELLED', accepted: 40, sent: 0 });
  }, 30_000);

  test('is paused while providers are slow, resumed, and reaches each user once', async () => {
    await world.fault('twilio', { latencyMs: 100 });
    const id = await broadcast({ audience: { all: true }, channel: 'SMS' });
    await run('mutation ($id: ID!) { pauseBroadcast(id: $id) { cursor } }', id);
    await until(id, ({ status }) => status === 'PAUSED');
    await run('mutation ($id: ID!) { resumeBroadcast(id: $id) { cursor } }', id);
    await world.fault('twilio', undefined);
    const shown = await until(id, ({ delivered }) => delivered === 40);
    expect(shown).toMatchObject({ status: 'COMPLETED', accepted: 40, sent: 40 });
  }, 60_000);
});
