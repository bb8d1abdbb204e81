import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createSnsConfirmation } from '../../../src/http/webhooks/snsConfirmation.ts';
import { startScripted } from '../../dispatchers/providers/scripted.ts';
import { TOPIC } from './topic.ts';

const CONFIRMED = `<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <ConfirmSubscriptionResult><SubscriptionArn>${TOPIC}:1</SubscriptionArn></ConfirmSubscriptionResult>
</ConfirmSubscriptionResponse>`;
const FAILED = `<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code>
  <Message>AKIASECRET may not confirm</Message></Error></ErrorResponse>`;

let server: Awaited<ReturnType<typeof startScripted>>;
let answer: readonly [number, string];
let confirm: (topicArn: string, token: string) => Promise<void>;

beforeAll(async () => {
  server = await startScripted((response) =>
    response.writeHead(answer[0], { 'content-type': 'text/xml' }).end(answer[1]),
  );
  const keys = { accessKeyId: 'AKIASECRET', secretAccessKey: 'hidden' };
  confirm = createSnsConfirmation({ region: 'eu-west-1', ...keys, endpoint: server.url });
});
afterAll(() => server.close());

test('a subscription is confirmed by its token, signed with our account', async () => {
  answer = [200, CONFIRMED];
  await confirm(TOPIC, 'token-1');
  const [request] = server.requests;
  expect(Object.fromEntries(new URLSearchParams(request?.body))).toMatchObject({
    Action: 'ConfirmSubscription',
    TopicArn: TOPIC,
    Token: 'token-1',
    AuthenticateOnUnsubscribe: 'true',
  });
  expect(request?.headers.authorization).toContain('/eu-west-1/sns/aws4_request');
});

test.each([
  [403, FAILED],
  [500, '<html>no</html>'],
  [500, ''],
])('a refusal (%i) is told after one request, without the credentials', async (...given) => {
  answer = given;
  const before = server.requests.length;
  const failure = await confirm(TOPIC, 'token-2').catch((error: unknown) => error as Error);
  expect(failure).toBeInstanceOf(Error);
  expect(JSON.stringify([failure?.message, failure?.cause ?? null])).not.toMatch(/AKIA|hidden/);
  expect(server.requests.length - before).toBe(1);
});
