import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { readSendGridWebhook } from '../../../src/http/webhooks/sendgrid.ts';
import type { WebhookResult } from '../../../src/http/webhooks/report.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const config = {
  publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  now: new Date('2026-11-22T12:00:00Z'),
};
const NOW = String(config.now.getTime() / 1000);
const ID = '0196f0a0-0000-7000-8000-000000000001';

const headersFor = (body: Buffer, timestamp = NOW) => ({
  'x-twilio-email-event-webhook-timestamp': timestamp,
  'x-twilio-email-event-webhook-signature': sign(
    'sha256',
    Buffer.concat([Buffer.from(timestamp), body]),
    privateKey,
  ).toString('base64'),
});

function read(content: unknown, timestamp = NOW): WebhookResult {
  const body = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return readSendGridWebhook(body, headersFor(body, timestamp), config);
}

const event = (changes: object) => ({
  email: 'reader@example.com',
  timestamp: 1_795_348_800,
  sg_event_id: 'e1',
  notification_id: ID,
  ...changes,
});

const reportsOf = (changes: object) => {
  const result = read([event(changes)]);
  return result.ok ? result.reports : result;
};

describe('a signed batch', () => {
  test('is translated event by event', () => {
    expect(
      read([event({ event: 'delivered' }), event({ event: 'open', sg_event_id: 'e2' })]),
    ).toEqual({
      ok: true,
      reports: [
        {
          notificationId: ID,
          kind: 'delivered',
          at: '2026-11-22T12:00:00.000Z',
          provider: 'sendgrid',
          providerEventId: 'e1',
        },
        {
          notificationId: ID,
          kind: 'opened',
          at: '2026-11-22T12:00:00.000Z',
          provider: 'sendgrid',
          providerEventId: 'e2',
        },
      ],
    });
  });

  test.each([
    [
      { event: 'click', url: 'https://shop.example/7' },
      { kind: 'clicked', url: 'https://shop.example/7' },
    ],
    [{ event: 'spamreport' }, { kind: 'complained' }],
    [
      {
        event: 'bounce',
        type: 'bounce',
        status: '5.1.1',
        reason: '550 <reader@example.com> unknown',
      },
      { kind: 'bounced', permanent: true, reason: '5.1.1' },
    ],
    [
      { event: 'bounce', type: 'blocked' },
      { kind: 'bounced', permanent: false, reason: 'blocked' },
    ],
    [
      { event: 'dropped', reason: 'Bounced Address' },
      { kind: 'undelivered', permanent: true, reason: 'dropped_bounced_address' },
    ],
    [
      { event: 'dropped', reason: 'Unsubscribed Address' },
      { kind: 'undelivered', permanent: false, reason: 'dropped_unsubscribed_address' },
    ],
    [{ event: 'dropped' }, { kind: 'undelivered', permanent: false, reason: 'dropped' }],
  ])('%j becomes %j', (changes, expected) => {
    expect(reportsOf(changes)).toMatchObject([expected]);
  });

  test('holds no address after translation', () => {
    const reports = reportsOf({
      event: 'bounce',
      status: 'reader@example.com',
      reason: 'reader@example.com',
    });
    expect(JSON.stringify(reports)).not.toContain('reader');
  });

  test.each([
    { event: 'processed' },
    { event: 'group_unsubscribe' },
    { event: 'newfangled' },
    { event: 7 },
    { event: 'delivered', notification_id: undefined },
    { event: 'delivered', notification_id: '../../etc' },
    { event: 'delivered', notification_id: { $ne: '' } },
  ])('leaves out %j', (changes) => {
    expect(reportsOf(changes)).toEqual([]);
  });

  test('has an event id even where the vendor sends none, the same for a repeat', () => {
    const once = reportsOf({ event: 'delivered', sg_event_id: undefined });
    expect(once).toMatchObject([{ providerEventId: `${ID}:delivered:2026-11-22T12:00:00.000Z` }]);
    expect(reportsOf({ event: 'delivered', sg_event_id: undefined })).toEqual(once);
  });

  test('is dated now when its time can’t be read', () => {
    expect(reportsOf({ event: 'delivered', timestamp: 'yesterday' })).toMatchObject([
      { at: config.now.toISOString() },
    ]);
  });

  test.each(['', 'no json', '{"event":"delivered"}', 'null'])(
    'with the body %j is a 400',
    (body) => {
      expect(read(body)).toMatchObject({ ok: false, status: 400 });
    },
  );

  test('is refused when it is older or newer than five minutes', () => {
    expect(read([], String(Number(NOW) - 299))).toMatchObject({ ok: true });
    expect(read([], String(Number(NOW) - 301))).toMatchObject({ ok: false, status: 401 });
    expect(read([], String(Number(NOW) + 301))).toMatchObject({ ok: false, status: 401 });
  });
});

describe('anything else', () => {
  const body = Buffer.from(JSON.stringify([event({ event: 'delivered' })]));
  const headers = headersFor(body);

  test('a flipped bit anywhere in the body is refused', () => {
    for (let index = 0; index < body.length; index += 1) {
      const flipped = Buffer.from(body);
      flipped[index] = (flipped[index] ?? 0) ^ 1;
      expect(readSendGridWebhook(flipped, headers, config)).toMatchObject({ status: 401 });
    }
  });

  test('a changed timestamp is refused', () => {
    const changed = {
      ...headers,
      'x-twilio-email-event-webhook-timestamp': String(Number(NOW) + 1),
    };
    expect(readSendGridWebhook(body, changed, config)).toMatchObject({ status: 401 });
  });

  test('missing, doubled and rubbish headers are refused, and nothing throws', () => {
    const header = fc.oneof(
      fc.constant(undefined),
      fc.string(),
      fc.base64String(),
      fc.array(fc.string(), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(header, header, (signature, timestamp) => {
        const result = readSendGridWebhook(
          body,
          {
            'x-twilio-email-event-webhook-signature': signature,
            'x-twilio-email-event-webhook-timestamp': timestamp,
          },
          config,
        );
        expect(result).toMatchObject({ ok: false, status: 401 });
      }),
    );
  });

  test('signed rubbish never throws', () => {
    fc.assert(fc.property(fc.json(), (json) => void read(json)));
    fc.assert(fc.property(fc.array(fc.object()), (events) => void read(events)));
  });
});
