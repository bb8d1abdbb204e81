import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import twilio from 'twilio';
import { readTwilioWebhook } from '../../../src/http/webhooks/twilio.ts';
import type { WebhookResult } from '../../../src/http/webhooks/report.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const URL_CALLED = `https://tidings.example/webhooks/twilio?nid=${ID}&note=caf%C3%A9`;
const authToken = '12345678901234567890123456789012';
const now = new Date('2026-11-22T12:00:00Z');

/** A form signed by the vendor's own function. */
function signed(form: Readonly<Record<string, string>>, signedUrl = URL_CALLED) {
  return {
    body: Buffer.from(new URLSearchParams(form).toString()),
    headers: {
      'x-twilio-signature': twilio.getExpectedTwilioSignature(authToken, signedUrl, form),
    },
  };
}

function read(form: Readonly<Record<string, string>>, signedUrl?: string): WebhookResult {
  const { body, headers } = signed(form, signedUrl);
  return readTwilioWebhook(body, headers, { authToken, url: URL_CALLED, now });
}

const status = (name: string, more: Readonly<Record<string, string>> = {}) => ({
  MessageSid: 'SM1',
  MessageStatus: name,
  To: '+15551230001',
  Body: 'Grüße & mehr = ja',
  ...more,
});

test('a delivered message is reported under the id in the callback’s query', () => {
  expect(read(status('delivered'))).toEqual({
    ok: true,
    reports: [
      {
        notificationId: ID,
        kind: 'delivered',
        at: now.toISOString(),
        provider: 'twilio',
        providerEventId: 'SM1:delivered',
      },
    ],
  });
});

test.each([
  [status('read'), { kind: 'opened' }],
  [
    status('undelivered', { ErrorCode: '30005' }),
    { kind: 'undelivered', permanent: true, reason: '30005' },
  ],
  [
    status('undelivered', { ErrorCode: '30008' }),
    { kind: 'undelivered', permanent: false, reason: '30008' },
  ],
  [status('failed'), { kind: 'undelivered', permanent: false, reason: 'failed' }],
  [status('failed', { ErrorCode: '+15551230001' }), { kind: 'undelivered', reason: 'failed' }],
])('%j becomes %j', (form, expected) => {
  expect(read(form)).toMatchObject({ ok: true, reports: [expected] });
});

test.each(['accepted', 'queued', 'sending', 'sent', 'newfangled'])('%s changes nothing', (name) => {
  expect(read(status(name))).toEqual({ ok: true, reports: [] });
});

test('a callback without our id changes nothing', () => {
  const url = 'https://tidings.example/webhooks/twilio';
  const { body, headers } = signed(status('delivered'), url);
  expect(readTwilioWebhook(body, headers, { authToken, url })).toEqual({ ok: true, reports: [] });
});

test('the signature may be over the URL with or without its standard port', () => {
  const withPort = URL_CALLED.replace('tidings.example', 'tidings.example:443');
  expect(read(status('delivered'), withPort)).toMatchObject({ ok: true });
  const { body, headers } = signed(status('delivered'), URL_CALLED);
  expect(readTwilioWebhook(body, headers, { authToken, url: withPort })).toMatchObject({
    ok: true,
  });
});

describe('refused with 401', () => {
  const { body, headers } = signed(status('delivered'));
  const config = { authToken, url: URL_CALLED, now };

  test('a flipped bit anywhere in the body', () => {
    for (let index = 0; index < body.length; index += 1) {
      const flipped = Buffer.from(body);
      flipped[index] = (flipped[index] ?? 0) ^ 1;
      expect(readTwilioWebhook(flipped, headers, config)).toMatchObject({ status: 401 });
    }
  });

  test.each([
    ['another notification', URL_CALLED.replace('0001&', '0002&')],
    ['another scheme', URL_CALLED.replace('https', 'http')],
    ['another port', URL_CALLED.replace('example/', 'example:8443/')],
  ])('%s in the URL', (_what, url) => {
    expect(readTwilioWebhook(body, headers, { ...config, url })).toMatchObject({ status: 401 });
  });

  test('another account’s token', () => {
    const other = { ...config, authToken: authToken.replace('1', '2') };
    expect(readTwilioWebhook(body, headers, other)).toMatchObject({ status: 401 });
  });

  test('missing, doubled and rubbish signatures, without throwing', () => {
    const header = fc.oneof(fc.constant(undefined), fc.string(), fc.array(fc.string()));
    fc.assert(
      fc.property(header, fc.uint8Array(), (signature, bytes) => {
        const rubbish = { 'x-twilio-signature': signature };
        expect(readTwilioWebhook(body, rubbish, config)).toMatchObject({ status: 401 });
        expect(readTwilioWebhook(Buffer.from(bytes), rubbish, config)).toMatchObject({
          status: 401,
        });
      }),
    );
  });
});

test('a signed form without message or status is a 400', () => {
  expect(read({ MessageStatus: 'delivered' })).toMatchObject({ ok: false, status: 400 });
  expect(read({ MessageSid: 'SM1' })).toMatchObject({ ok: false, status: 400 });
});

test('we agree with the vendor’s own signature for any form', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (form) => {
      const { body, headers } = signed(form);
      const result = readTwilioWebhook(body, headers, { authToken, url: URL_CALLED, now });
      expect(result).not.toMatchObject({ status: 401 });
    }),
  );
});
