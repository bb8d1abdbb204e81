import { describe, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import { verifySignature } from '@vonage/jwt';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { readVonageInbound, readVonageWebhook } from '../../../src/http/webhooks/vonage.ts';
import { signVonage } from '../../../src/sandbox/signing.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const NOW = new Date('2026-11-22T12:00:00.000Z');
const signatureSecret = 'the signature secret of these tests';
const account = { signatureSecret, applicationId: 'our-application' };
const call = { ...account, now: NOW };
const refused = { ok: false, status: 401 };

interface Changes {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly secret?: string;
  readonly alg?: string;
  readonly at?: Date;
}

/** The header that comes with a body. */
async function signed(body: string, { claims, secret, alg = 'HS256', at = NOW }: Changes = {}) {
  const token = await new SignJWT({
    iss: 'Vonage',
    jti: 'j-1',
    iat: Math.floor(at.getTime() / 1000),
    payload_hash: hash('sha256', body),
    application_id: account.applicationId,
    ...claims,
  })
    .setProtectedHeader({ alg })
    .sign(Buffer.from(secret ?? signatureSecret));
  return { authorization: `Bearer ${token}` };
}

const status = (name: string, more: object = {}): string =>
  JSON.stringify({
    message_uuid: 'u-1',
    to: '4915110000001',
    from: 'Tidings',
    timestamp: '2026-11-22T11:59:58.000Z',
    status: name,
    channel: 'sms',
    client_ref: ID,
    ...more,
  });

const read = async (body: string, changes?: Changes, sent = body) =>
  readVonageWebhook(Buffer.from(sent), await signed(body, changes), call);

describe('a status', () => {
  const about = { notificationId: ID, at: '2026-11-22T11:59:58.000Z', provider: 'vonage' };
  const error = (title: string) => ({ error: { title, detail: 'to 4915110000001' } });

  test.each([
    ['delivered', {}, { kind: 'delivered' }],
    ['read', {}, { kind: 'opened' }],
    ['rejected', error('1240'), { kind: 'undelivered', permanent: true, reason: '1240' }],
    ['rejected', error('1330'), { kind: 'undelivered', permanent: false, reason: '1330' }],
    ['undeliverable', {}, { kind: 'undelivered', permanent: false, reason: 'undeliverable' }],
  ])('%s is reported under our id', async (name, more, news) => {
    expect(await read(status(name, more))).toEqual({
      ok: true,
      reports: [{ ...about, providerEventId: `u-1:${name}`, ...news }],
    });
  });

  test.each([
    ['that changes nothing', status('submitted')],
    ['that is new to us', status('pondered')],
    ['of a message that is not ours', status('delivered', { client_ref: undefined })],
    ['whose id could not be ours', status('delivered', { client_ref: 'a@b.example' })],
  ])('%s is taken and left out', async (_about, body) => {
    expect(await read(body)).toEqual({ ok: true, reports: [] });
  });

  test('of the sandbox holds for the vendor’s own verifier', async () => {
    const body = status('delivered');
    const { applicationId } = account;
    const token = await signVonage({ secret: signatureSecret, applicationId }, body);
    expect(verifySignature(token, signatureSecret)).toBe(true);
    const headers = { authorization: `Bearer ${token}` };
    const reading = await readVonageWebhook(Buffer.from(body), headers, {
      ...account,
      now: new Date(),
    });
    expect(reading).toMatchObject({ ok: true, reports: [{ kind: 'delivered' }] });
  });
});

describe('what is not from Vonage is refused:', () => {
  const minutes = (count: number) => new Date(NOW.getTime() + count * 60_000);

  test.each<[string, Changes]>([
    ['another secret', { secret: 'another secret of the same length..' }],
    ['another algorithm', { alg: 'HS512' }],
    ['another issuer', { claims: { iss: 'Vonnage' } }],
    ['another application', { claims: { application_id: 'theirs' } }],
    ['no hash of the body', { claims: { payload_hash: undefined } }],
    ['a hash that is none', { claims: { payload_hash: 7 } }],
    ['no id of the token', { claims: { jti: undefined } }],
    ['a token of six minutes ago', { at: minutes(-6) }],
    ['a token of the day after', { at: minutes(1_440) }],
  ])('%s', async (_about, changes) => {
    expect(await read(status('delivered'), changes)).toMatchObject(refused);
  });

  test('no token, another scheme, and a token without a signature', async () => {
    const body = Buffer.from(status('delivered'));
    const { authorization } = await signed(body.toString());
    const [, token = ''] = authorization.split(' ');
    const [header = '', claims = ''] = token.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const given of [
      undefined,
      '',
      'Bearer',
      `Basic ${token}`,
      `Bearer ${header}.${claims}.`,
      `Bearer ${none}.${claims}.`,
      `Bearer ${token.slice(0, -3)}`,
    ]) {
      const headers = given === undefined ? {} : { authorization: given };
      expect(await readVonageWebhook(body, headers, call)).toMatchObject(refused);
    }
  });

  test('a body that was cut short, changed, or read and written again', async () => {
    const body = status('rejected');
    const spaced = JSON.stringify(JSON.parse(body), null, 1);
    for (const sent of [body.slice(0, -1), body.replace('rejected', 'delivered'), spaced, '']) {
      expect(await read(body, {}, sent)).toMatchObject(refused);
    }
  });

  test('a signed body that can not be read', async () => {
    for (const body of ['rubbish', '', '{}', '[]', 'null', status('x y'.repeat(40)).slice(0, 20)]) {
      expect(await read(body)).toMatchObject({ ok: false, status: 400 });
    }
    await fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        expect((await read(json)).ok).toBe(false);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a text message that came back', () => {
  const text = (more: object = {}): string =>
    JSON.stringify({
      from: '4915110000001',
      to: '15005550010',
      text: 'STOP',
      message_uuid: 'uuid-1',
      ...more,
    });
  const inbound = async (body: string, changes?: Changes) =>
    readVonageInbound(Buffer.from(body), await signed(body, changes), call);

  test('tells who said what', async () => {
    expect(await inbound(text())).toEqual({
      ok: true,
      text: { id: 'uuid-1', provider: 'vonage', from: '+4915110000001', body: 'STOP' },
    });
    expect(await inbound(text({ text: undefined }))).toMatchObject({ text: { body: '' } });
  });

  test('is refused without a sender, and without a signature that holds', async () => {
    for (const more of [{ from: 'Shop' }, { message_uuid: undefined }, { message_uuid: 'a b' }])
      expect(await inbound(text(more))).toMatchObject({ ok: false, status: 400 });
    expect(await inbound(text(), { secret: 'guessed' })).toMatchObject(refused);
  });
});
