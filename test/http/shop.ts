import type { Principal } from '../../src/http/auth.ts';
import { graphql, type GraphqlAnswer } from './client.ts';
import { startWorld, type World } from './world.ts';
import type { ApiDependencies } from '../../src/http/server.ts';

export const shop: Principal = { role: 'service', clientId: 'shop' };
export const ada: Principal = { role: 'user', clientId: 'inbox', userId: 'ada' };
export const bob: Principal = { role: 'user', clientId: 'inbox', userId: 'bob' };
export const operator: Principal = { role: 'admin', clientId: 'operator' };

/** A world with users ada and bob and the template `welcome`, and the tokens that ask it. */
export interface Shop extends World {
  readonly tokens: {
    readonly shop: string;
    readonly ada: string;
    readonly bob: string;
    readonly operator: string;
  };
  /** Asks GraphQL, as the shop unless told otherwise. */
  ask(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    token?: string,
  ): Promise<GraphqlAnswer>;
}

export const requestDocument = `mutation ($input: RequestNotificationInput!) {
  requestNotification(input: $input) {
    __typename
    ... on NotificationAccepted { userId notificationId status duplicate cursor }
    ... on NotificationSuppressed { userId notificationId ruleId reason duplicate cursor }
    ... on RequestRefused { userId code field message }
  }
}`;

export const welcomeToAda = {
  userId: 'ada',
  channel: 'IN_APP',
  template: 'welcome',
  variables: { name: 'Ada' },
};

export const openShop = async (changes: Partial<ApiDependencies> = {}): Promise<Shop> => {
  const world = await startWorld(changes);
  const tokens = {
    shop: await world.token(shop),
    ada: await world.token(ada),
    bob: await world.token(bob),
    operator: await world.token(operator),
  };
  const ask: Shop['ask'] = (query, variables, token = tokens.shop) =>
    graphql(world.url, token, query, variables);
  const content = {
    category: 'TRANSACTIONAL',
    channels: {
      email: { subject: 'Hi {{name}}', html: '<p>{{name}}</p>', text: '{{name}}' },
      inApp: { title: 'Hi', body: '{{name}}' },
    },
    variables: [{ name: 'name', type: 'STRING' }],
  };
  const { errors } = await ask(
    `mutation ($content: TemplateContentInput!) {
      createTemplate(input: { name: "welcome", content: $content }) { cursor }
      ada: registerUser(input: { id: "ada", email: "ada@example.org", name: "Ada" }) { cursor }
      bob: registerUser(input: { id: "bob" }) { cursor }
    }`,
    { content },
  );
  if (errors?.[0]) throw new Error(errors[0].message);
  return { ...world, tokens, ask };
};
