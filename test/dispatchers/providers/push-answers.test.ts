import { afterEach, describe, expect, test } from '@jest/globals';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { createSecureServer } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import webpush from 'web-push';
import { createApns } from '../../../src/dispatchers/providers/apns.ts';
import type { Outcome, PushMessage } from '../../../src/dispatchers/providers/provider.ts';
import { createWebPush } from '../../../src/dispatchers/providers/webpush.ts';
import { selfSigned } from '../../../src/sandbox/certificate.ts';
import { guardLoopback } from './loopback-guard.ts';
import { push } from './messages.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const certificate = selfSigned(createPrivateKey(key), ['localhost'], new Date());
const apple = { key, keyId: 'KEY0000001', teamId: 'TEAM000001', topic: 'test.app' };
const vapid = { ...webpush.generateVAPIDKeys(), subject: 'mailto:push@tidings.example' };

type Any = IncomingMessage | Http2ServerRequest;
type Script = (response: ServerResponse & Http2ServerResponse, request: Any) => void;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that answers as `script` says. */
async function startTls(protocol: 'h1' | 'h2', script: Script) {
  const requests: { headers: Any['headers']; body: string }[] = [];
  const listener = (request: Any, response: ServerResponse | Http2ServerResponse): void => {
    let body = '';
    request.setEncoding('latin1');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => {
      requests.push({ headers: request.headers, body });
      script(response as ServerResponse & Http2ServerResponse, request);
    });
  };
  const identity = { key, cert: certificate };
  const sessions = new Set<ServerHttp2Session>();
  const server =
    protocol === 'h2' ? createSecureServer(identity, listener) : createServer(identity, listener);
  server.on('session', (session: ServerHttp2Session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closers.push(async () => {
    for (const session of sessions) session.destroy();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { requests, sessions, port: (server.address() as AddressInfo).port };
}

async function throughApns(script: Script, timeoutMs = 2_000) {
  const { port, requests, sessions } = await startTls('h2', script);
  const server = { host: 'localhost', port, ca: certificate };
  const provider = createApns({ ...apple, production: false, server, timeoutMs });
  closers.unshift(() => provider.close());
  const send = (changes: Partial<PushMessage> = {}) =>
    provider.send(push(ID, { devices: [{ platform: 'apns', token: 'phone' }], ...changes }));
  return { send, requests, sessions };
}

const keys = { p256dh: vapid.publicKey, auth: Buffer.alloc(16, 7).toString('base64url') };

async function throughWebPush(script: Script, timeoutMs = 2_000) {
  const { port, requests } = await startTls('h1', script);
  const server = { baseUrl: `https://localhost:${port}`, ca: certificate };
  const provider = createWebPush({ ...vapid, server, timeoutMs });
  closers.unshift(() => provider.close());
  const device = { platform: 'webpush', token: 'https://localhost/push/zoe', keys } as const;
  const send = (changes: Partial<PushMessage> = {}) =>
    provider.send(push(ID, { devices: [device], ...changes }));
  return { send, requests };
}

describe.each([
  ['APNs', throughApns],
  ['Web Push', throughWebPush],
])('%s', (_name, through) => {
  const answered = async (script: Script, timeoutMs?: number): Promise<Outcome> =>
    (await through(script, timeoutMs)).send();

  test('a gateway that gave up waiting leaves it unknown', async () => {
    const outcome = await answered((response) => response.writeHead(504).end());
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'http_504' });
  });

  test('trouble that answers in HTML defers, with the Retry-After', async () => {
    const outcome = await answered((response) =>
      response.writeHead(502, { 'retry-after': '9' }).end('<html>no</html>'),
    );
    expect(outcome).toMatchObject({ kind: 'deferred', code: 'http_502', retryAfterMs: 9_000 });
  });

  test('a success without what proves it leaves it unknown', async () => {
    const outcome = await answered((response) => response.writeHead(200).end('thanks'));
    expect(outcome.kind).toBe('unknown');
  });

  test('an answer of ten megabytes is survived', async () => {
    const outcome = await answered((response) =>
      response.writeHead(503).end('x'.repeat(10 * 1024 * 1024)),
    );
    expect(outcome).toMatchObject({ kind: 'deferred', code: 'http_503' });
  });

  test('silence ends at the timeout, and the next message still arrives', async () => {
    let silent = true;
    const { send, requests } = await through((response) => {
      if (!silent) response.writeHead(503).end();
    }, 150);
    expect(await send()).toMatchObject({ kind: 'unknown', code: 'timeout' });
    silent = false;
    expect(await send()).toMatchObject({ kind: 'deferred', code: 'http_503' });
    expect(requests).toHaveLength(2);
  });

  test('a message that is too large is refused before it is sent', async () => {
    const { send, requests } = await through((response) => response.writeHead(200).end());
    const outcome = await send({ body: 'x'.repeat(4_000) });
    expect(outcome).toMatchObject({ kind: 'rejected', scope: 'message' });
    expect(requests).toEqual([]);
  });
});

describe('APNs', () => {
  const refusedWith = async (status: number, reason: string) =>
    (
      await throughApns((response) => response.writeHead(status).end(JSON.stringify({ reason })))
    ).send();

  test.each([
    [400, 'BadDeviceToken', { kind: 'rejected', scope: 'recipient' }],
    [400, 'DeviceTokenNotForTopic', { kind: 'rejected', scope: 'recipient' }],
    [400, 'BadTopic', { kind: 'rejected', scope: 'configuration' }],
    [400, 'PayloadEmpty', { kind: 'rejected', scope: 'message' }],
    [403, 'InvalidProviderToken', { kind: 'rejected', scope: 'configuration' }],
    [403, 'ExpiredProviderToken', { kind: 'deferred' }],
    [413, 'PayloadTooLarge', { kind: 'rejected', scope: 'message' }],
    [429, 'TooManyProviderTokenUpdates', { kind: 'deferred' }],
    [500, 'InternalServerError', { kind: 'deferred' }],
  ])('%i %s kills no device', async (status, reason, expected) => {
    const outcome = await refusedWith(status, reason);
    expect(outcome).toMatchObject(expected);
    expect(outcome).not.toHaveProperty('deadTokens');
  });

  test.each(['Unregistered', 'ExpiredToken'])('410 %s ends the device', async (reason) => {
    expect(await refusedWith(410, reason)).toMatchObject({ deadTokens: ['phone'] });
  });

  test('a 410 that is not from Apple ends no device', async () => {
    expect(await refusedWith(410, 'gone fishing')).not.toHaveProperty('deadTokens');
  });

  test('a token that is too old is made anew for the next message', async () => {
    const { send, requests } = await throughApns((response) =>
      response.writeHead(403).end('{"reason":"ExpiredProviderToken"}'),
    );
    await send();
    await send();
    const [first, second] = requests.map(({ headers }) => headers.authorization);
    expect(first).toMatch(/^bearer eyJ/);
    expect(second).not.toBe(first);
  });

  test('every message of a device has the same id on each attempt, and replaces the one before', async () => {
    const { send, requests } = await throughApns((response) => response.writeHead(503).end());
    await send({ attempt: 1 });
    await send({ attempt: 2 });
    const [first, second] = requests;
    expect(first?.headers).toMatchObject({
      'apns-topic': 'test.app',
      'apns-push-type': 'alert',
      'apns-collapse-id': ID,
      ':path': '/3/device/phone',
    });
    expect(first?.headers['apns-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.headers['apns-id']).toBe(first?.headers['apns-id']);
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      aps: { alert: { title: 'On its way', body: 'Order 7 left the warehouse' } },
      notificationId: ID,
      attempt: '1',
    });
  });

  test('all messages share one connection, and a lost one is opened again', async () => {
    const { send, sessions } = await throughApns((response, request) => {
      const id = request.headers['apns-id'] as string;
      response.writeHead(200, { 'apns-id': id }).end();
    });
    const all = await Promise.all(Array.from({ length: 20 }, () => send()));
    expect(all.map(({ kind }) => kind)).toEqual(all.map(() => 'accepted'));
    expect(sessions.size).toBe(1);
    for (const session of sessions) session.destroy();
    expect((await send()).kind).not.toBe('rejected');
    expect((await send()).kind).toBe('accepted');
    expect(sessions.size).toBe(2);
  });

  test('a stream that the server refused was certainly not taken', async () => {
    const { send } = await throughApns((response) => response.stream.close(7));
    expect(await send()).toMatchObject({ kind: 'deferred', code: 'not_connected' });
  });

  test('a certificate that nobody vouches for gets nothing', async () => {
    const { port, requests } = await startTls('h2', (response) => response.writeHead(200).end());
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const ca = selfSigned(other, ['localhost'], new Date());
    const server = { host: 'localhost', port, ca };
    const provider = createApns({ ...apple, production: false, server });
    closers.unshift(() => provider.close());
    const outcome = await provider.send(
      push(ID, { devices: [{ platform: 'apns', token: 'phone' }] }),
    );
    expect(outcome).toMatchObject({ kind: 'deferred', code: 'not_connected' });
    expect(requests).toEqual([]);
  });
});

describe('Web Push', () => {
  test.each([404, 410])('%i ends the subscription', async (status) => {
    const { send } = await throughWebPush((response) => response.writeHead(status).end());
    expect(await send()).toMatchObject({ deadTokens: ['https://localhost/push/zoe'] });
  });

  test.each([400, 401, 403, 413, 429])('%i ends no subscription', async (status) => {
    const { send } = await throughWebPush((response) => response.writeHead(status).end());
    expect(await send()).not.toHaveProperty('deadTokens');
  });

  test('a message waits three days at most and replaces the one before', async () => {
    const { send, requests } = await throughWebPush((response) => response.writeHead(201).end());
    expect(await send()).toEqual({ kind: 'accepted', providerMessageId: ID });
    expect(requests[0]?.headers).toMatchObject({
      ttl: '259200',
      urgency: 'normal',
      topic: ID.replaceAll('-', ''),
      'content-encoding': 'aes128gcm',
    });
    expect(requests[0]?.body).not.toContain('warehouse');
  });

  const real = createWebPush(vapid);
  test.each([
    'http://fcm.googleapis.com/fcm/send/x',
    'https://fcm.googleapis.com:8443/fcm/send/x',
    'https://fcm.googleapis.com@evil.example/x',
    'https://user:pw@fcm.googleapis.com/x',
    'https://fcm.googleapis.com.evil.example/x',
    'https://evil.example/push.services.mozilla.com',
    'https://evilpush.services.mozilla.com.example/x',
    'https://localhost/push/zoe',
    'https://127.0.0.1/push/zoe',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://169.254.169.254/latest/meta-data',
    'https://metadata.google.internal/x',
    'file:///etc/passwd',
    'rubbish',
    '',
  ])('%p is not called', async (token) => {
    const guard = guardLoopback();
    try {
      const device = { platform: 'webpush', token, keys } as const;
      expect(await real.send(push(ID, { devices: [device] }))).toMatchObject({
        kind: 'rejected',
        code: 'webpush_endpoint_refused',
        scope: 'recipient',
      });
      expect(guard.attempts).toEqual([]);
    } finally {
      guard.lift();
    }
  });

  test.each([
    'https://fcm.googleapis.com/fcm/send/x',
    'https://updates.push.services.mozilla.com/wpush/v2/x',
    'https://db5p.notify.windows.com/w/?token=x',
    'https://web.push.apple.com/x',
  ])('%p is', async (token) => {
    const guard = guardLoopback();
    try {
      const device = { platform: 'webpush', token, keys } as const;
      await real.send(push(ID, { devices: [device] }));
      expect(guard.attempts).toEqual([new URL(token).hostname]);
    } finally {
      guard.lift();
    }
  });

  test('a subscription whose keys are rubbish is refused', async () => {
    const { send, requests } = await throughWebPush((response) => response.writeHead(201).end());
    const device = {
      platform: 'webpush',
      token: 'https://localhost/push/zoe',
      keys: { p256dh: 'AAAA', auth: 'AAAA' },
    } as const;
    expect(await send({ devices: [device] })).toMatchObject({ code: 'webpush_keys_refused' });
    expect(requests).toEqual([]);
  });
});
