import { describe, expect, test } from '@jest/globals';
import { readAwsSmsWebhook } from '../../../src/http/webhooks/awsSms.ts';
import { createSnsReader } from '../../../src/http/webhooks/sns.ts';
import { NOW, openTopic, TOPIC } from './topic.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const topic = openTopic();
const confirmed: string[] = [];
const account = {
  read: createSnsReader({
    topicArns: [TOPIC],
    certificateOf: () => Promise.resolve(topic.certificate),
  }),
  confirm: (arn: string) => Promise.resolve(void confirmed.push(arn)),
  now: NOW,
};

const event = (eventType: string, more: object = {}) => ({
  eventType,
  eventTimestamp: Date.parse('2026-11-22T11:59:00.000Z'),
  isFinal: true,
  destinationPhoneNumber: '+4915110000001',
  messageId: 'm-7',
  messageStatusDescription: 'to +4915110000001',
  context: { notification_id: ID },
  ...more,
});
const read = (message: unknown) => readAwsSmsWebhook(topic.notification(message), account);

describe('an event of AWS End User Messaging', () => {
  const failed = (reason: string, permanent = false) => ({
    kind: 'undelivered',
    permanent,
    reason,
  });

  test.each([
    ['TEXT_DELIVERED', {}, { kind: 'delivered' }],
    ['TEXT_SUCCESSFUL', {}, { kind: 'delivered' }],
    ['TEXT_INVALID', {}, failed('invalid', true)],
    ['TEXT_BLOCKED', {}, failed('blocked')],
    ['TEXT_TTL_EXPIRED', {}, failed('ttl_expired')],
  ])('%s is reported under our id', async (type, more, news) => {
    const about = { notificationId: ID, at: '2026-11-22T11:59:00.000Z', provider: 'aws-sms' };
    expect(await read(event(type, more))).toEqual({
      ok: true,
      reports: [{ ...about, providerEventId: 'm-1', ...news }],
    });
  });

  test.each([
    ['that is not the last word', event('TEXT_SUCCESSFUL', { isFinal: false })],
    ['that changes nothing', event('TEXT_PENDING')],
    ['that is new to us', event('constructor')],
    ['of a message that is not ours', event('TEXT_DELIVERED', { context: undefined })],
    ['that is none', 'rubbish'],
  ])('%s is taken and left out', async (_about, message) => {
    expect(await read(message)).toEqual({ ok: true, reports: [] });
  });

  test('that somebody else has signed, or that was cut short, is refused', async () => {
    const forged = openTopic().notification(event('TEXT_DELIVERED'));
    expect(await readAwsSmsWebhook(forged, account)).toMatchObject({ ok: false, status: 401 });
    const whole = topic.notification(event('TEXT_DELIVERED'));
    const cut = await readAwsSmsWebhook(whole.subarray(0, -2), account);
    expect(cut).toMatchObject({ ok: false, status: 400 });
  });
});

test('the subscription to the topic is confirmed', async () => {
  const body = topic.confirmation('SubscriptionConfirmation');
  expect(await readAwsSmsWebhook(body, account)).toEqual({ ok: true, reports: [] });
  expect(confirmed).toEqual([TOPIC]);
});
