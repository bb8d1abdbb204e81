import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createMailgun } from '../../src/dispatchers/providers/mailgun.ts';
import { createSes } from '../../src/dispatchers/providers/ses.ts';
import { createSmtp } from '../../src/dispatchers/providers/smtp.ts';
import type { EmailMessage, Provider } from '../../src/dispatchers/providers/provider.ts';
import { readMailgunWebhook } from '../../src/http/webhooks/mailgun.ts';
import type { DeliveryReport, WebhookResult } from '../../src/http/webhooks/report.ts';
import { readSesWebhook } from '../../src/http/webhooks/ses.ts';
import { createSnsReader, type ReadSns } from '../../src/http/webhooks/sns.ts';
import { createSnsConfirmation } from '../../src/http/webhooks/snsConfirmation.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { email } from '../dispatchers/providers/messages.ts';
import { controlsOf, eventually, startReceiver, temporaryDirectory } from './support.ts';
import type { Received, Receiver } from './support.ts';

let receiver: Receiver;
let sandbox: Sandbox;
let directory: ReturnType<typeof temporaryDirectory>;
let confirm: ReturnType<typeof createSnsConfirmation>;
const reports: DeliveryReport[] = [];
const closers: (() => Promise<void>)[] = [];

let read: ReadSns;
/** What is being read. */
let takings: Promise<void>[] = [];

/** Reads callbacks as the API does. */
const take = async ({ path, body }: Received): Promise<WebhookResult> => {
  const now = new Date();
  if (path === '/webhooks/mailgun') {
    return readMailgunWebhook(body, { signingKey: sandbox.mailgun.webhookSigningKey, now });
  }
  return readSesWebhook(body, { read, confirm, now });
};

beforeEach(async () => {
  directory = temporaryDirectory();
  reports.length = 0;
  takings = [];
  receiver = await startReceiver((request) => {
    const taking = take(request).then((result) => {
      if (!result.ok) throw new Error(`${request.path} would be refused: ${result.reason}`);
      reports.push(...result.reports);
    });
    takings.push(taking);
    return 204;
  });
  sandbox = await startSandbox({ dataDir: directory.path, webhookBaseUrl: receiver.url });
  read = createSnsReader({
    topicArns: [sandbox.ses.topicArn],
    certificateOf: async () => (await fetch(`${sandbox.url}/sandbox/sns-certificate`)).text(),
  });
  confirm = createSnsConfirmation({ ...sandbox.ses, endpoint: `${sandbox.url}/aws/topics` });
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await sandbox.close();
  await receiver.close();
  directory.remove();
});

const send = async (provider: Provider<EmailMessage>, address: string): Promise<string> => {
  const id = randomUUID();
  expect(await provider.send(email(id, { to: { address } }))).toMatchObject({ kind: 'accepted' });
  return id;
};
const kindsOf = (id: string) =>
  reports.filter(({ notificationId }) => notificationId === id).map(({ kind }) => kind);

const providers = {
  ses: () => createSes(sandbox.ses),
  mailgun: () => createMailgun(sandbox.mailgun),
} as const;

describe.each(['ses', 'mailgun'] as const)('%s', (name) => {
  test('tells by signed webhooks what became of each email, and nobody’s address', async () => {
    const provider = providers[name]();
    closers.push(() => provider.close());
    const good = await send(provider, 'reader@example.com');
    const bad = await send(provider, 'bounce.me@example.com');
    const angry = await send(provider, 'spam.me@example.com');
    await eventually(
      () => [good, bad].every((id) => kindsOf(id).length > 0) && kindsOf(angry).length === 2,
    );
    expect(kindsOf(good)[0]).toBe('delivered');
    expect(kindsOf(angry).sort()).toEqual(['complained', 'delivered']);
    expect(reports.find(({ notificationId }) => notificationId === bad)).toMatchObject({
      kind: 'bounced',
      permanent: true,
      reason: '5.1.1',
      provider: name,
    });
    await Promise.all(takings);
    const said = receiver.received.map(({ body }) => body.toString()).join('');
    expect(said).not.toMatch(/reader@|bounce\.me|spam\.me/);
  });

  test('about 40 % open and 10 % click, the same readers as those of any provider', async () => {
    const provider = providers[name]();
    closers.push(() => provider.close());
    await Promise.all(Array.from({ length: 60 }, () => send(provider, 'reader@example.com')));
    const { [name]: books } = await controlsOf(sandbox.url).summary();
    expect(books).toMatchObject({ accepted: 60, notifications: 60, repeated: [] });
    await eventually(
      async () => (await controlsOf(sandbox.url).summary())[name].callbacksPending === 0,
    );
    await Promise.all(takings);
    const share = (kind: string) => reports.filter((report) => report.kind === kind).length / 60;
    expect(share('delivered')).toBe(1);
    expect(share('opened')).toBeGreaterThan(0.2);
    expect(share('opened')).toBeLessThan(0.6);
    expect(share('clicked')).toBeLessThan(0.3);
  });
});

test('a topic delivers nothing before its subscription is confirmed', async () => {
  const refused = confirm;
  confirm = () => Promise.resolve();
  const provider = createSes(sandbox.ses);
  closers.push(() => provider.close());
  const id = await send(provider, 'reader@example.com');
  await eventually(() => receiver.received.length > 2);
  const types = receiver.received.map(({ headers }) => headers['x-amz-sns-message-type']);
  expect(new Set(types)).toEqual(new Set(['SubscriptionConfirmation']));
  await expect(refused(sandbox.ses.topicArn, 'a token of somebody’s')).rejects.toThrow();
  expect(kindsOf(id)).toEqual([]);
  confirm = refused;
  await eventually(() => kindsOf(id).length > 0);
  await Promise.all(takings);
});

test('SMTP takes only who knows the password, and refuses a mailbox that does not exist', async () => {
  const provider = createSmtp(sandbox.smtp);
  closers.push(() => provider.close());
  const id = await send(provider, 'reader@example.com');
  const rows = await controlsOf(sandbox.url).rows();
  expect(rows.filter(({ provider: name }) => name === 'smtp')).toMatchObject([
    { notificationId: id, providerMessageId: `${id}@tidings.example` },
  ]);
  await controlsOf(sandbox.url).setFaults('smtp', { bounce: { share: 1 } });
  expect(await provider.send(email(randomUUID()))).toMatchObject({
    kind: 'rejected',
    scope: 'recipient',
  });
});
