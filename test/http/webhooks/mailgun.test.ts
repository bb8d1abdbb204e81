import { describe, expect, test } from '@jest/globals';
import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { readMailgunWebhook } from '../../../src/http/webhooks/mailgun.ts';

const config = { signingKey: 'key-of-the-webhooks', now: new Date('2026-11-22T12:00:00Z') };
const NOW = config.now.getTime() / 1000;
const ID = '0196f0a0-0000-7000-8000-000000000001';

/** Mailgun's own recipe (documentation, "Securing webhooks"). */
const signatureOf = (timestamp = String(NOW), token = randomBytes(25).toString('hex')) => ({
  timestamp,
  token,
  signature: createHmac('sha256', config.signingKey).update(timestamp.concat(token)).digest('hex'),
});

const event = (changes: object) => ({
  id: 'e1',
  timestamp: 1_795_348_799.25,
  recipient: 'reader@example.com',
  'user-variables': { notification_id: ID, attempt: '1' },
  ...changes,
});
const bodyOf = (changes: object, signature: object = signatureOf()): Buffer =>
  Buffer.from(JSON.stringify({ signature, 'event-data': event(changes) }));
const read = (body: Buffer, now = config.now) => readMailgunWebhook(body, { ...config, now });
const reportsOf = (changes: object) => {
  const result = read(bodyOf(changes));
  return result.ok ? result.reports : result;
};

describe('a signed event', () => {
  test('becomes a report', () => {
    expect(reportsOf({ event: 'delivered' })).toEqual([
      {
        notificationId: ID,
        kind: 'delivered',
        at: '2026-11-22T11:59:59.250Z',
        provider: 'mailgun',
        providerEventId: 'e1',
      },
    ]);
  });

  const failed = (severity: string, reason: string, code?: string) => ({
    event: 'failed',
    severity,
    reason,
    'delivery-status': { 'enhanced-code': code, message: 'reader@example.com is unknown' },
  });

  test.each([
    [{ event: 'opened' }, { kind: 'opened' }],
    [
      { event: 'clicked', url: 'https://shop.example/7' },
      { kind: 'clicked', url: 'https://shop.example/7' },
    ],
    [{ event: 'complained' }, { kind: 'complained' }],
    [{ event: 'rejected' }, { kind: 'undelivered', permanent: false, reason: 'rejected' }],
    [failed('permanent', 'bounce', '5.1.1'), { kind: 'bounced', permanent: true, reason: '5.1.1' }],
    [failed('permanent', 'bounce'), { kind: 'bounced', permanent: true, reason: 'bounce' }],
    [
      failed('permanent', 'bounce', '5.2.2'),
      { kind: 'bounced', permanent: false, reason: '5.2.2' },
    ],
    [failed('permanent', 'old'), { kind: 'bounced', permanent: false, reason: 'old' }],
    [
      failed('permanent', 'suppress-bounce'),
      { kind: 'undelivered', permanent: true, reason: 'suppress-bounce' },
    ],
    [
      failed('permanent', 'suppress-unsubscribe'),
      { kind: 'undelivered', permanent: false, reason: 'suppress-unsubscribe' },
    ],
    [
      failed('permanent', 'reader@example.com'),
      { kind: 'bounced', permanent: true, reason: 'failed' },
    ],
  ])('%j becomes %j', (changes, expected) => {
    const reports = reportsOf(changes);
    expect(reports).toMatchObject([expected]);
    expect(JSON.stringify(reports)).not.toContain('reader');
  });

  test.each([
    { event: 'accepted' },
    { event: 'unsubscribed' },
    failed('temporary', 'generic', '4.2.2'),
    { event: 7 },
    { event: 'delivered', 'user-variables': [] },
    { event: 'delivered', 'user-variables': { notification_id: '../../etc' } },
    { event: 'delivered', 'user-variables': { notification_id: { $ne: '' } } },
  ])('%j changes nothing, and is taken', (changes) => {
    expect(reportsOf(changes)).toEqual([]);
  });

  test('that comes again is read again, for the eight hours that Mailgun tries', () => {
    const body = bodyOf({ event: 'opened' });
    const later = (hours: number) => new Date(config.now.getTime() + hours * 3_600_000);
    expect(read(body)).toMatchObject({ ok: true });
    expect(read(body, later(8))).toMatchObject({ ok: true });
    expect(read(body, later(9.1))).toMatchObject({ ok: false, status: 401 });
  });

  test('from the future is refused', () => {
    const body = bodyOf({ event: 'opened' }, signatureOf(String(NOW + 301)));
    expect(read(body)).toMatchObject({ ok: false, status: 401 });
  });
});

describe('anything else is refused:', () => {
  const refused = { ok: false, status: 401 };

  test('another body with a signature that was used before, since it does not cover the body', () => {
    const signature = signatureOf();
    expect(read(bodyOf({ event: 'delivered' }, signature))).toMatchObject({ ok: true });
    expect(read(bodyOf({ event: 'complained' }, signature))).toMatchObject(refused);
    expect(read(bodyOf({ event: 'delivered' }, signature))).toMatchObject({ ok: true });
  });

  test('the same body read and written again', () => {
    const body = bodyOf({ event: 'delivered' });
    expect(read(body)).toMatchObject({ ok: true });
    const again = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
    expect(read(again)).toMatchObject(refused);
  });

  test('a changed timestamp, token or signature', () => {
    const signature = signatureOf();
    const changes = [
      { timestamp: String(NOW + 1) },
      { token: signature.token.replace(/^./, (first) => (first === '1' ? '2' : '1')) },
      { signature: signature.signature.slice(1) },
      { signature: '' },
      { signature: undefined },
      { timestamp: NOW },
      { token: [signature.token] },
    ];
    for (const change of changes) {
      const body = bodyOf({ event: 'delivered' }, { ...signature, ...change });
      expect([change, read(body)]).toMatchObject([change, refused]);
    }
  });

  test('a signature with another key', () => {
    const body = bodyOf({ event: 'delivered' });
    expect(readMailgunWebhook(body, { ...config, signingKey: 'other' })).toMatchObject(refused);
  });

  test('a truncated body, and rubbish of any kind', () => {
    const body = bodyOf({ event: 'delivered' });
    expect(read(body.subarray(0, -1))).toMatchObject({ ok: false, status: 400 });
    expect(read(Buffer.alloc(0))).toMatchObject({ ok: false, status: 400 });
    fc.assert(fc.property(fc.json(), (json) => expect(read(Buffer.from(json)).ok).toBe(false)));
    fc.assert(fc.property(fc.object(), (changes) => expect(read(bodyOf(changes)).ok).toBe(true)));
  });
});
