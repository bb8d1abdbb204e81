import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readSendGridWebhook } from '../../src/http/webhooks/sendgrid.ts';
import { readTwilioWebhook } from '../../src/http/webhooks/twilio.ts';
import type { DeliveryReport, WebhookResult } from '../../src/http/webhooks/report.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { controlsOf, eventually, startReceiver, temporaryDirectory } from './support.ts';
import type { Received, Receiver } from './support.ts';
import { wireOf } from './wire.ts';

let receiver: Receiver;
let sandbox: Sandbox;
let wire: ReturnType<typeof wireOf>;
let directory: ReturnType<typeof temporaryDirectory>;

beforeEach(async () => {
  directory = temporaryDirectory();
  receiver = await startReceiver();
  sandbox = await startSandbox({ dataDir: directory.path, webhookBaseUrl: receiver.url });
  wire = wireOf(sandbox, receiver.url);
});
afterEach(async () => {
  await sandbox.close();
  await receiver.close();
  directory.remove();
});

/** What the API would make of a request, or a failure if it would refuse it. */
function read({ path, headers, body }: Received): readonly DeliveryReport[] {
  const url = receiver.url + path;
  const result: WebhookResult = path.startsWith('/webhooks/twilio')
    ? readTwilioWebhook(body, headers, { authToken: sandbox.twilio.authToken, url })
    : readSendGridWebhook(body, headers, {
        publicKey: sandbox.sendgrid.webhookPublicKey,
        now: new Date(),
      });
  if (!result.ok) throw new Error(`${path} would be refused: ${result.reason}`);
  return result.reports;
}

async function everythingCalledBack(): Promise<void> {
  const controls = controlsOf(sandbox.url);
  await eventually(async () =>
    Object.values(await controls.summary()).every(({ callbacksPending }) => callbacksPending === 0),
  );
}

const kindsOf = (reports: readonly DeliveryReport[], id: string): readonly string[] =>
  reports.filter((each) => each.notificationId === id).map(({ kind }) => kind);

test('emails are delivered, bounced or complained about by signed batches', async () => {
  const [good, bad, angry] = [randomUUID(), randomUUID(), randomUUID()];
  await wire.email(good);
  await wire.email(bad, 'bounce.me@example.com');
  await wire.email(angry, 'spam.me@example.com');
  await everythingCalledBack();
  const reports = receiver.received.flatMap(read);
  expect(kindsOf(reports, good)).toContain('delivered');
  expect(kindsOf(reports, angry)).toEqual(['delivered', 'complained']);
  expect(reports.find(({ notificationId }) => notificationId === bad)).toMatchObject({
    kind: 'bounced',
    permanent: true,
    reason: '5.1.1',
  });
  expect(receiver.received.length).toBeLessThan(6);
});

test('about 40 % of emails are opened and 10 % clicked, each after its delivery', async () => {
  const ids = Array.from({ length: 400 }, () => randomUUID());
  await Promise.all(ids.map((id) => wire.email(id)));
  await everythingCalledBack();
  const reports = receiver.received.flatMap(read);
  const share = (kind: string): number =>
    reports.filter((report) => report.kind === kind).length / ids.length;
  expect(share('delivered')).toBe(1);
  expect(share('opened')).toBeGreaterThan(0.3);
  expect(share('opened')).toBeLessThan(0.5);
  expect(share('clicked')).toBeGreaterThan(0.04);
  expect(share('clicked')).toBeLessThan(0.17);
  expect(reports.find(({ kind }) => kind === 'clicked')?.url).toBe('https://shop.example/7');
  expect(new Set(reports.map(({ providerEventId }) => providerEventId)).size).toBe(reports.length);
  expect(receiver.received.length).toBeLessThan(60);
});

test('text messages are sent and delivered, or undelivered, by signed forms', async () => {
  const [good, gone] = [randomUUID(), randomUUID()];
  await wire.sms(good);
  await wire.sms(gone, '+15551230009');
  await everythingCalledBack();
  const reports = receiver.received.flatMap(read);
  expect(kindsOf(reports, good)).toEqual(['delivered']);
  expect(reports.find(({ notificationId }) => notificationId === gone)).toMatchObject({
    kind: 'undelivered',
    permanent: true,
    reason: '30005',
  });
  expect(receiver.received).toHaveLength(4);
});

test('devices acknowledge with the token that came with the message, many in one request', async () => {
  const ids = Array.from({ length: 60 }, () => randomUUID());
  await Promise.all(ids.map((id) => wire.push(id)));
  await everythingCalledBack();
  const acknowledgements = receiver.received.flatMap(({ body }) => {
    const parsed = JSON.parse(body.toString()) as object;
    return (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, string>[];
  });
  for (const id of ids) {
    expect(acknowledgements).toContainEqual({
      notificationId: id,
      event: 'delivered',
      token: `token-of-${id}`,
    });
  }
  expect(receiver.received.length).toBeLessThan(30);
  expect(receiver.received[0]?.path).toBe('/webhooks/device');
});

test('the same seed has the same readers', async () => {
  const ids = Array.from({ length: 30 }, (_, number) => `notification-${number}`);
  const openers = async (): Promise<readonly string[]> => {
    await Promise.all(ids.map((id) => wire.email(id)));
    await everythingCalledBack();
    const reports = receiver.received.flatMap(read).filter(({ kind }) => kind === 'opened');
    return [...new Set(reports.map(({ notificationId }) => notificationId))].sort();
  };
  const first = await openers();
  expect(first.length).toBeGreaterThan(5);
  expect(await openers()).toEqual(first);
});
