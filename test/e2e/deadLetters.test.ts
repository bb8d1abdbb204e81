import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, ended, register, send, startWorld, welcome, type World } from './world.ts';

let world: World;
const ids: string[] = [];

/** Numbers of these tests are refused by the simulator as opted out. */
beforeAll(async () => {
  world = await startWorld();
  await create(world, welcome);
  for (const name of ['u-one', 'u-two', 'u-three']) {
    await register(world, name, { phone: `+1555010${String(ids.length + 1)}0021` });
    const { notificationId = '' } = await send(world, name, 'SMS');
    await ended(world, notificationId, 'DEAD_LETTERED');
    ids.push(notificationId);
  }
});
afterAll(() => world.close());

interface Page {
  readonly edges: readonly { readonly node: { readonly id: string; readonly error: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

const deadLetters = async (filter: object = {}, first = 20, after?: string): Promise<Page> => {
  const query = `query ($filter: DeadLetterFilterInput, $first: Int!, $after: String) {
    deadLetters(filter: $filter, first: $first, after: $after) {
      edges { node { id error timeline { type attempt provider detail } } } pageInfo { hasNextPage endCursor }
    }
  }`;
  const answer = await world.client.run<{ deadLetters: Page }>(query, { filter, first, after });
  return answer.deadLetters;
};
const idsOf = ({ edges }: Page) => edges.map(({ node }) => node.id);

describe('dead letters', () => {
  test('are listed with every attempt and its error, page by page', async () => {
    const first = await deadLetters({}, 2);
    expect(idsOf(first)).toEqual([ids[2], ids[1]]);
    expect(first.edges[0]?.node).toMatchObject({
      error: 'twilio_21610',
      timeline: expect.arrayContaining([
        { type: 'FAILED', attempt: 1, provider: 'twilio', detail: 'twilio_21610' },
      ]) as unknown,
    });
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = await deadLetters({}, 2, first.pageInfo.endCursor);
    expect(idsOf(rest)).toEqual([ids[0]]);
  });

  test('are found by channel, provider, error, template and time', async () => {
    const now = new Date().toISOString();
    const all = { channel: 'SMS', provider: 'twilio', error: 'twilio_21610', template: 'welcome' };
    expect(idsOf(await deadLetters({ ...all, deadLetteredUntil: now }))).toHaveLength(3);
    const others = [
      { channel: 'EMAIL' },
      { provider: 'vonage' },
      { error: 'http_503' },
      { template: 'offer' },
      { category: 'MARKETING' },
      { deadLetteredFrom: now },
    ];
    for (const other of others) expect(idsOf(await deadLetters(other))).toEqual([]);
  });

  test('that are discarded are listed no more, and can not be requeued', async () => {
    const discard = `mutation ($id: ID!, $why: String!) { discardDeadLetter(id: $id, why: $why) { cursor } }`;
    await expect(world.client.run(discard, { id: ids[0], why: ' ' })).rejects.toThrow('why');
    await world.client.run(discard, { id: ids[0], why: 'the customer was called' });
    await world.until(
      async () => idsOf(await deadLetters()),
      (left) => left.length === 2,
    );
    await expect(
      world.client.run(`mutation ($id: ID!) { requeueNotification(id: $id) { cursor } }`, {
        id: ids[0],
      }),
    ).rejects.toThrow('not dead-lettered');
  });

  test('are requeued by filter, with the reason, and sent once the cause is gone', async () => {
    const user = `mutation ($id: ID!, $phone: String!) { updateUser(id: $id, input: { phone: $phone }) { cursor } }`;
    await world.client.run(user, { id: 'u-two', phone: '+15550100124' });
    await world.client.run(user, { id: 'u-three', phone: '+15550100125' });
    const requeue = `mutation ($filter: DeadLetterFilterInput!, $most: Int!) {
      requeueNotifications(filter: $filter, why: "new numbers", most: $most) { requeued skipped hasMore }
    }`;
    const ask = (filter: object, most: number) => world.client.run(requeue, { filter, most });
    await expect(ask({}, 0)).rejects.toThrow('most must be 1 to 1000');
    expect(await ask({ channel: 'EMAIL' }, 10)).toEqual({
      requeueNotifications: { requeued: 0, skipped: 0, hasMore: false },
    });
    expect(await ask({ error: 'twilio_21610' }, 1)).toEqual({
      requeueNotifications: { requeued: 1, skipped: 0, hasMore: true },
    });
    await ended(world, ids[2], 'DELIVERED');
    await ask({ error: 'twilio_21610' }, 10);
    await ended(world, ids[1], 'DELIVERED');
  });
});
