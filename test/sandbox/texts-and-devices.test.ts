import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createApns } from '../../src/dispatchers/providers/apns.ts';
import { createAwsSms } from '../../src/dispatchers/providers/aws-sms.ts';
import type { Provider, RenderedMessage } from '../../src/dispatchers/providers/provider.ts';
import { createVonage } from '../../src/dispatchers/providers/vonage.ts';
import { createWebPush } from '../../src/dispatchers/providers/webpush.ts';
import { readAwsSmsWebhook } from '../../src/http/webhooks/awsSms.ts';
import type { WebhookResult } from '../../src/http/webhooks/report.ts';
import { createSnsReader } from '../../src/http/webhooks/sns.ts';
import { createSnsConfirmation } from '../../src/http/webhooks/snsConfirmation.ts';
import { readVonageWebhook } from '../../src/http/webhooks/vonage.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { push, sms } from '../dispatchers/providers/messages.ts';
import { browserAt, controlsOf, eventually, startReceiver, temporaryDirectory } from './support.ts';
import type { Received, Receiver } from './support.ts';

const directory = temporaryDirectory();
const closers: (() => Promise<void>)[] = [];
let receiver: Receiver;
let sandbox: Sandbox;
let readSms: (received: Received) => Promise<WebhookResult>;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ dataDir: directory.path, webhookBaseUrl: receiver.url });
  const { awsSms, url } = sandbox;
  const read = createSnsReader({
    topicArns: [awsSms.topicArn],
    certificateOf: async () => (await fetch(`${url}/sandbox/sns-certificate`)).text(),
  });
  const confirm = createSnsConfirmation({ ...awsSms, endpoint: `${url}/aws/topics` });
  readSms = ({ body }) => readAwsSmsWebhook(body, { read, confirm, now: new Date() });
});
afterAll(async () => {
  for (const close of closers) await close();
  await sandbox.close();
  await receiver.close();
  directory.remove();
});

const opened = <M extends RenderedMessage>(provider: Provider<M>): Provider<M> => {
  closers.push(() => provider.close());
  return provider;
};

/** Everything that came to `path`, read as the API reads it. */
async function newsAt(path: string, read: (received: Received) => Promise<WebhookResult>) {
  let seen = 0;
  const reports: { notificationId: string; kind: string; permanent?: boolean }[] = [];
  const owed = async () => {
    for (; seen < receiver.received.length; seen += 1) {
      const each = receiver.received[seen];
      if (!each?.path.startsWith(path)) continue;
      const result = await read(each);
      if (!result.ok) throw new Error(`it would be refused: ${result.reason}`);
      reports.push(...result.reports);
    }
    const summary = await controlsOf(sandbox.url).summary();
    return Object.values(summary).every(({ callbacksPending }) => callbacksPending === 0);
  };
  await eventually(owed);
  await owed();
  return reports;
}

test('Vonage tells what became of text messages by signed webhooks', async () => {
  const vonage = opened(createVonage(sandbox.vonage));
  const [good, gone] = [randomUUID(), randomUUID()];
  const statusCallbackUrl = `${receiver.url}/webhooks/vonage`;
  await vonage.send(sms(good, { statusCallbackUrl }));
  await vonage.send(sms(gone, { statusCallbackUrl, to: '+15551230009' }));
  const reports = await newsAt('/webhooks/vonage', ({ body, headers }) =>
    readVonageWebhook(body, headers, { ...sandbox.vonage, now: new Date() }),
  );
  expect(reports).toHaveLength(2);
  expect(reports).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ notificationId: good, kind: 'delivered' }),
      expect.objectContaining({ notificationId: gone, kind: 'undelivered', permanent: true }),
    ]),
  );
});

test('AWS tells by a topic, once its subscription is confirmed', async () => {
  const aws = opened(createAwsSms(sandbox.awsSms));
  const [good, gone] = [randomUUID(), randomUUID()];
  await aws.send(sms(good));
  await aws.send(sms(gone, { to: '+15551230009' }));
  const reports = await newsAt('/webhooks/aws-sms', readSms);
  expect(reports).toHaveLength(2);
  expect(reports).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ notificationId: good, kind: 'delivered' }),
      expect.objectContaining({ notificationId: gone, kind: 'undelivered', permanent: true }),
    ]),
  );
});

test('devices of Apple and browsers acknowledge with the token that came with the message', async () => {
  const apns = opened(createApns(sandbox.apns));
  const web = opened(createWebPush(sandbox.webpush));
  const [toPhone, toBrowser] = [randomUUID(), randomUUID()];
  const data = (notificationId: string) => ({
    notificationId,
    ackUrl: `${receiver.url}/webhooks/device`,
    ackToken: `token-of-${notificationId}`,
  });
  const devices = [
    { platform: 'apns', token: 'phone' },
    await browserAt(sandbox.url, 'zoe'),
  ] as const;
  await apns.send(push(toPhone, { devices, data: data(toPhone) }));
  await web.send(push(toBrowser, { devices, data: data(toBrowser) }));
  const acknowledged = await eventually(() => {
    const bodies = receiver.received.filter(({ path }) => path === '/webhooks/device');
    const all = bodies.flatMap(({ body }) => {
      const parsed = JSON.parse(body.toString()) as object;
      return (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, string>[];
    });
    const ids = new Set(all.map(({ notificationId }) => notificationId));
    return ids.size === 2 && all;
  });
  for (const id of [toPhone, toBrowser]) {
    expect(acknowledged).toContainEqual({
      notificationId: id,
      event: 'delivered',
      token: `token-of-${id}`,
    });
  }
});

test('what is encrypted for another browser is taken and never acknowledged', async () => {
  const web = opened(createWebPush(sandbox.webpush));
  const id = randomUUID();
  const [zoe, max] = [await browserAt(sandbox.url, 'zoe'), await browserAt(sandbox.url, 'max')];
  const outcome = await web.send(push(id, { devices: [{ ...zoe, keys: max.keys }] }));
  expect(outcome.kind).toBe('accepted');
  const rows = await controlsOf(sandbox.url).rows();
  expect(rows.filter(({ notificationId }) => notificationId === id)).toEqual([]);
});

test('a browser has the same subscription every time, and a name that is none has none', async () => {
  const [first, second] = [
    await browserAt(sandbox.url, 'zoe'),
    await browserAt(sandbox.url, 'zoe'),
  ];
  expect(first).toEqual(second);
  const response = await fetch(`${sandbox.url}/sandbox/subscriptions/a.b`);
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { error: { field: 'browser' } },
  ]);
});
