import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { graphql } from './client.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let service: string;

const ask = (query: string, variables?: Readonly<Record<string, unknown>>, token = service) =>
  graphql(world.url, token, query, variables);

const request = `mutation ($input: RequestNotificationInput!) {
  requestNotification(input: $input) {
    __typename
    ... on NotificationAccepted { userId notificationId status duplicate cursor }
    ... on NotificationSuppressed { userId notificationId ruleId reason duplicate cursor }
    ... on RequestRefused { userId code field message }
  }
}`;

beforeAll(async () => {
  world = await startWorld();
  service = await world.token({ role: 'service', clientId: 'shop' });
  await ask(
    `mutation ($content: TemplateContentInput!) {
      createTemplate(input: { name: "welcome", content: $content }) { template { name } cursor }
    }`,
    {
      content: {
        category: 'TRANSACTIONAL',
        channels: {
          email: { subject: 'Hi {{name}}', html: '<p>{{name}}</p>', text: '{{name}}' },
          inApp: { title: 'Hi', body: '{{name}}' },
        },
        variables: [{ name: 'name', type: 'STRING' }],
      },
    },
  );
  await ask(
    `mutation { registerUser(input: { id: "u1", email: "ada@example.org" }) { user { id } } }`,
  );
});
afterAll(() => world.api.close());

describe('a request', () => {
  const input = { userId: 'u1', channel: 'EMAIL', template: 'welcome', variables: { name: 'Ada' } };

  test('is accepted with an id and a cursor', async () => {
    const { data, errors } = await ask(request, { input });
    expect(errors).toBeUndefined();
    expect(data.requestNotification).toMatchObject({
      __typename: 'NotificationAccepted',
      userId: 'u1',
      status: 'PENDING',
      duplicate: false,
      cursor: expect.any(String),
    });
  });
});
