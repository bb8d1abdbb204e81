import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deviceAckToken, readDeviceAcknowledgements } from '../../../src/http/webhooks/device.ts';

const secret = 'a secret of the server';
const now = new Date('2026-11-22T12:00:00Z');
const config = { secret, now };
const later = new Date('2026-11-23T12:00:00Z');
const ID = '0196f0a0-0000-7000-8000-000000000001';
const OTHER = '0196f0a0-0000-7000-8000-000000000002';

const acknowledgement = (event: unknown, id = ID, token = deviceAckToken(id, later, secret)) => ({
  notificationId: id,
  event,
  token,
});
const read = (content: unknown) =>
  readDeviceAcknowledgements(Buffer.from(JSON.stringify(content)), config);

test('a device reports that a message came', () => {
  expect(read(acknowledgement('delivered'))).toEqual({
    ok: true,
    reports: [
      {
        notificationId: ID,
        kind: 'delivered',
        at: now.toISOString(),
        provider: 'device',
        providerEventId: `${ID}:delivered`,
      },
    ],
  });
});

test('a device reports several at once', () => {
  const result = read([acknowledgement('received'), acknowledgement('opened', OTHER)]);
  expect(result).toMatchObject({
    reports: [
      { notificationId: ID, kind: 'delivered' },
      { notificationId: OTHER, kind: 'opened' },
    ],
  });
});

test.each(['dismissed', 'constructor', 7, null])('the event %j changes nothing', (event) => {
  expect(read(acknowledgement(event))).toEqual({ ok: true, reports: [] });
});

test('of a batch, what is genuine is taken', () => {
  const forged = acknowledgement('opened', OTHER, deviceAckToken(ID, later, secret));
  const result = read([forged, acknowledgement('opened')]);
  expect(result).toMatchObject({ ok: true, reports: [{ notificationId: ID }] });
});

describe('refused with 401', () => {
  test.each([
    ['a token for another notification', deviceAckToken(OTHER, later, secret)],
    ['a token of another server', deviceAckToken(ID, later, 'another secret')],
    ['a token whose time is over', deviceAckToken(ID, new Date(now.getTime() - 1000), secret)],
    ['a token whose time was changed', deviceAckToken(ID, later, secret).replace(/^./, 'z')],
    ['an empty token', ''],
  ])('%s', (_what, token) => {
    expect(read(acknowledgement('opened', ID, token))).toMatchObject({ ok: false, status: 401 });
  });

  test('a flipped bit anywhere in the token', () => {
    const token = Buffer.from(deviceAckToken(ID, later, secret));
    for (let index = 0; index < token.length; index += 1) {
      const flipped = Buffer.from(token);
      flipped[index] = (flipped[index] ?? 0) ^ 1;
      const result = read(acknowledgement('opened', ID, flipped.toString('latin1')));
      expect(result).toMatchObject({ ok: false, status: 401 });
    }
  });
});

test.each(['', 'no json', '7', '[7]', '"text"', 'null'])('the body %j is a 400', (body) => {
  const result = readDeviceAcknowledgements(Buffer.from(body), config);
  expect(result).toMatchObject({ ok: false, status: 400 });
});

test('more than 500 at once are a 400', () => {
  const many = Array.from({ length: 501 }, () => acknowledgement('opened'));
  expect(read(many)).toMatchObject({ ok: false, status: 400 });
});

test('rubbish never throws and reports nothing', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const result = readDeviceAcknowledgements(Buffer.from(json), config);
      expect(result.ok ? result.reports : []).toEqual([]);
    }),
  );
});
