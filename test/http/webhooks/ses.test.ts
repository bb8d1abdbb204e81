import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSesWebhook } from '../../../src/http/webhooks/ses.ts';
import { createSnsReader } from '../../../src/http/webhooks/sns.ts';
import { NOW, openTopic, TOPIC } from './topic.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const topic = openTopic();
const confirmed: (readonly string[])[] = [];
const account = {
  read: createSnsReader({
    topicArns: [TOPIC],
    certificateOf: () => Promise.resolve(topic.certificate),
  }),
  confirm: (...given: readonly string[]) => Promise.resolve(void confirmed.push(given)),
  now: NOW,
};
const timestamp = '2026-11-22T11:59:58.123Z';
const mail = (tags: unknown = { notification_id: [ID], attempt: ['1'] }) => ({
  timestamp,
  messageId: '0102-1',
  destination: ['reader@example.com'],
  tags,
});

const read = (message: object) => readSesWebhook(topic.notification(message), account);
const reportsOf = async (message: object) => {
  const result = await read({ mail: mail(), ...message });
  return result.ok ? result.reports : result;
};

test('an event of a topic of ours becomes a report, dated by SES', async () => {
  expect(await reportsOf({ eventType: 'Delivery', delivery: { timestamp } })).toEqual([
    {
      notificationId: ID,
      kind: 'delivered',
      at: timestamp,
      provider: 'ses',
      providerEventId: 'm-1',
    },
  ]);
});

const bounce = (bounceType: string, bounceSubType: string, status?: string) => ({
  eventType: 'Bounce',
  bounce: {
    bounceType,
    bounceSubType,
    timestamp,
    bouncedRecipients: [
      {
        emailAddress: 'reader@example.com',
        diagnosticCode: 'smtp; 550 reader@example.com unknown',
        ...(status === undefined ? {} : { status }),
      },
    ],
  },
});

test.each([
  [{ eventType: 'Open', open: { timestamp } }, { kind: 'opened' }],
  [
    { eventType: 'Click', click: { timestamp, link: 'https://shop.example/7' } },
    { kind: 'clicked', url: 'https://shop.example/7' },
  ],
  [{ eventType: 'Complaint', complaint: { timestamp } }, { kind: 'complained' }],
  [
    {
      eventType: 'Complaint',
      complaint: { timestamp, complaintSubType: 'OnAccountSuppressionList' },
    },
    { kind: 'undelivered', permanent: false, reason: 'dropped_suppressed_address' },
  ],
  [
    bounce('Permanent', 'General', '5.1.1'),
    { kind: 'bounced', permanent: true, reason: '5.1.1', at: timestamp },
  ],
  [
    bounce('Permanent', 'OnAccountSuppressionList', '5.1.1'),
    { kind: 'undelivered', permanent: true, reason: 'dropped_suppressed_address' },
  ],
  [
    bounce('Transient', 'MailboxFull', '5.2.2'),
    { kind: 'bounced', permanent: false, reason: '5.2.2' },
  ],
  [
    bounce('Undetermined', 'Undetermined'),
    { kind: 'bounced', permanent: false, reason: 'Undetermined' },
  ],
  [
    { eventType: 'Reject', reject: { reason: 'Bad content' } },
    { kind: 'undelivered', permanent: false, reason: 'rejected', at: NOW.toISOString() },
  ],
  [
    { eventType: 'Rendering Failure', failure: { errorMessage: 'reader@example.com' } },
    { kind: 'undelivered', permanent: false, reason: 'rendering_failure' },
  ],
])('%j becomes %j', async (message, expected) => {
  const reports = await reportsOf(message);
  expect(reports).toMatchObject([expected]);
  expect(JSON.stringify(reports)).not.toContain('reader');
});

test.each([
  { eventType: 'Send', send: {} },
  { eventType: 'DeliveryDelay', deliveryDelay: { timestamp } },
  { eventType: 'Subscription' },
  { notificationType: 'Delivery', delivery: { timestamp } },
  { eventType: 'Delivery', mail: mail({}) },
  { eventType: 'Delivery', mail: mail({ notification_id: ID }) },
  { eventType: 'Delivery', mail: mail({ notification_id: ['../../etc'] }) },
  { eventType: 'Delivery', mail: null },
])('%j changes nothing, and is taken', async (message) => {
  expect(await reportsOf(message)).toEqual([]);
});

test('a test message of SES, which is no JSON, is taken', async () => {
  const body = topic.notification('Successfully validated SNS topic');
  expect(await readSesWebhook(body, account)).toEqual({ ok: true, reports: [] });
});

test('the subscription is confirmed by its token; when that fails the request fails, so that SNS asks again', async () => {
  const body = topic.confirmation('SubscriptionConfirmation', { Token: 'token-1' });
  expect(await readSesWebhook(body, account)).toEqual({ ok: true, reports: [] });
  expect(confirmed).toEqual([[TOPIC, 'token-1']]);
  const failing = { ...account, confirm: () => Promise.reject(new Error('no')) };
  await expect(readSesWebhook(body, failing)).rejects.toThrow();
});

test('a forged event is refused, and a forged confirmation confirms nothing', async () => {
  const stranger = openTopic();
  const forged = stranger.notification({ eventType: 'Bounce', mail: mail() });
  expect(await readSesWebhook(forged, account)).toMatchObject({ ok: false, status: 401 });
  const before = confirmed.length;
  const confirmation = stranger.confirmation('SubscriptionConfirmation');
  expect(await readSesWebhook(confirmation, account)).toMatchObject({ ok: false, status: 401 });
  expect(confirmed).toHaveLength(before);
});

test('signed rubbish is never more than left out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.object(), async (message) => {
      expect(await read(message)).toMatchObject({ ok: true });
    }),
    { numRuns: 50 },
  );
});
