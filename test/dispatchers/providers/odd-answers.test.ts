import { afterEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createAwsSms } from '../../../src/dispatchers/providers/aws-sms.ts';
import { createFcm } from '../../../src/dispatchers/providers/fcm.ts';
import type { Outcome, Provider } from '../../../src/dispatchers/providers/provider.ts';
import { createMailgun } from '../../../src/dispatchers/providers/mailgun.ts';
import { createSendGrid } from '../../../src/dispatchers/providers/sendgrid.ts';
import { createSes } from '../../../src/dispatchers/providers/ses.ts';
import { createSns } from '../../../src/dispatchers/providers/sns.ts';
import { createTwilio } from '../../../src/dispatchers/providers/twilio.ts';
import { createVonage } from '../../../src/dispatchers/providers/vonage.ts';
import { guardLoopback } from './loopback-guard.ts';
import { email, push, sms } from './messages.ts';
import { startScripted } from './scripted.ts';
import type { ScriptedRequest } from './scripted.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'secret', from: '+15005550006' };
const aws = {
  region: 'eu-west-1',
  accessKeyId: 'AKIA',
  secretAccessKey: 'secret',
  configurationSet: 'set',
};
const mailgun = { apiKey: 'secret', domain: 'mg.tidings.example' };
const project = { projectId: 'some-project', credential: { accessToken: 'secret' } };

const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

interface Sender {
  readonly provider: Provider;
  readonly send: () => Promise<Outcome>;
}

const senders: Readonly<Record<string, (baseUrl: string, timeoutMs?: number) => Sender>> = {
  SendGrid: (baseUrl, timeoutMs = 2000) => {
    const provider = createSendGrid({ apiKey: 'SG.secret', baseUrl, timeoutMs });
    return { provider, send: () => provider.send(email(ID)) };
  },
  SES: (endpoint, timeoutMs = 2000) => {
    const provider = createSes({ ...aws, endpoint, timeoutMs });
    return { provider, send: () => provider.send(email(ID)) };
  },
  Mailgun: (baseUrl, timeoutMs = 2000) => {
    const provider = createMailgun({ ...mailgun, baseUrl, timeoutMs });
    return { provider, send: () => provider.send(email(ID)) };
  },
  Twilio: (baseUrl, timeoutMs = 2000) => {
    const provider = createTwilio({ ...account, baseUrl, timeoutMs });
    return { provider, send: () => provider.send(sms(ID)) };
  },
  'Amazon SNS': (endpoint, timeoutMs = 2000) => {
    const provider = createSns({ ...aws, endpoint, timeoutMs });
    return { provider, send: () => provider.send(sms(ID)) };
  },
  'AWS End User Messaging': (endpoint, timeoutMs = 2000) => {
    const originationIdentity = '+15005550009';
    const provider = createAwsSms({ ...aws, originationIdentity, endpoint, timeoutMs });
    return { provider, send: () => provider.send(sms(ID)) };
  },
  Vonage: (baseUrl, timeoutMs = 2000) => {
    const application = { applicationId: 'some-application', privateKey: rsaKey };
    const provider = createVonage({ ...application, from: 'Tidings', baseUrl, timeoutMs });
    return { provider, send: () => provider.send(sms(ID)) };
  },
  FCM: (baseUrl, timeoutMs = 2000) => {
    const provider = createFcm({ ...project, baseUrl, timeoutMs });
    return { provider, send: () => provider.send(push(ID)) };
  },
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function answered(
  sender: (baseUrl: string, timeoutMs?: number) => Sender,
  script: (response: ServerResponse) => void,
  timeoutMs?: number,
): Promise<{ outcome: Outcome; requests: readonly ScriptedRequest[] }> {
  const server = await startScripted(script);
  const { provider, send } = sender(server.url, timeoutMs);
  closers.push(() => provider.close(), server.close);
  return { outcome: await send(), requests: server.requests };
}

describe.each(Object.entries(senders))('%s', (_name, sender) => {
  test('a Retry-After given as a date is understood', async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    const { outcome } = await answered(sender, (response) =>
      response.writeHead(429, { 'retry-after': date }).end('{}'),
    );
    const { retryAfterMs = 0 } = outcome as { retryAfterMs?: number };
    expect(outcome.kind).toBe('deferred');
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test('an unreadable Retry-After is left out', async () => {
    const { outcome } = await answered(sender, (response) =>
      response.writeHead(503, { 'retry-after': 'soon' }).end('<html>no</html>'),
    );
    expect(outcome).toMatchObject({ kind: 'deferred', code: 'http_503' });
    expect(outcome).not.toHaveProperty('retryAfterMs');
  });

  test('a gateway that gave up waiting leaves it unknown', async () => {
    const { outcome } = await answered(sender, (response) => response.writeHead(504).end());
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'http_504' });
  });

  test.each(['thanks', 'null', '[]', '{}', ''])(
    'a success with the body %j leaves it unknown',
    async (body) => {
      const { outcome } = await answered(sender, (response) => response.writeHead(200).end(body));
      expect(outcome.kind).toBe('unknown');
    },
  );

  test('an address that does not exist is a matter of configuration', async () => {
    const { outcome } = await answered(sender, (response) => response.writeHead(404).end('no'));
    expect(outcome).toMatchObject({ kind: 'rejected', scope: 'configuration' });
  });

  test('an answer that breaks off leaves it unknown, after one request', async () => {
    const { outcome, requests } = await answered(sender, (response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => response.destroy());
    });
    expect(outcome.kind).toBe('unknown');
    expect(requests).toHaveLength(1);
  });

  test.each([
    [200, 'unknown'],
    [503, 'deferred'],
    [400, 'rejected'],
  ] as const)('ten megabytes of HTML with status %i are survived', async (status, kind) => {
    const page = `<html>${'x'.repeat(10 * 1024 * 1024)}</html>`;
    const { outcome } = await answered(sender, (response) =>
      response.writeHead(status, { 'content-type': 'text/html' }).end(page),
    );
    expect(outcome.kind).toBe(kind);
  });

  test('silence ends at the timeout', async () => {
    const { outcome, requests } = await answered(sender, () => undefined, 500);
    expect(outcome).toMatchObject({ kind: 'unknown', code: 'timeout' });
    expect(requests).toHaveLength(1);
  });
});

test('without a base URL the vendor itself would be called', async () => {
  const guard = guardLoopback();
  try {
    const outcomes = [
      await createSendGrid({ apiKey: 'SG.secret' }).send(email(ID)),
      await createSes(aws).send(email(ID)),
      await createMailgun(mailgun).send(email(ID)),
      await createTwilio(account).send(sms(ID)),
      await createFcm({ ...project, timeoutMs: 500 }).send(push(ID)),
    ];
    expect(outcomes.map(({ kind }) => kind)).not.toContain('accepted');
    expect(guard.attempts).toEqual([
      'api.sendgrid.com',
      'email.eu-west-1.amazonaws.com',
      'api.mailgun.net',
      'api.twilio.com',
      'fcm.googleapis.com',
    ]);
  } finally {
    guard.lift();
  }
});

test('an email carries our id, the attempt and one-click unsubscribe inside the message, not as API headers', async () => {
  const server = await startScripted((response) =>
    response.writeHead(202, { 'x-message-id': 'm1' }).end(),
  );
  const provider = createSendGrid({ apiKey: 'SG.secret', baseUrl: server.url });
  closers.push(() => provider.close(), server.close);
  await provider.send(email(ID, { attempt: 2, unsubscribeUrl: 'https://tidings.example/u/t0k' }));
  const [request] = server.requests;
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    from: { email: 'hello@tidings.example', name: 'Tidings' },
    content: [{ type: 'text/plain' }, { type: 'text/html' }],
    categories: ['order-shipped'],
    personalizations: [
      {
        to: [{ email: 'zoe.okafor@example.com', name: 'Zoë Okafor' }],
        custom_args: { notification_id: ID, attempt: '2' },
        headers: {
          'List-Unsubscribe': '<https://tidings.example/u/t0k>',
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      },
    ],
  });
  expect(Object.keys(request?.headers ?? {})).not.toContain('list-unsubscribe');
});

test('a text message goes out as a form in UTF-8', async () => {
  const server = await startScripted((response) => response.writeHead(201).end('{"sid":"SM1"}'));
  const provider = createTwilio({ ...account, baseUrl: server.url });
  closers.push(() => provider.close(), server.close);
  const message = sms(ID, { body: 'Ihr Code: 4 & 5 – schöne Grüße 🎉' });
  expect(await provider.send(message)).toEqual({ kind: 'accepted', providerMessageId: 'SM1' });
  expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual({
    To: message.to,
    From: account.from,
    Body: message.body,
    StatusCallback: message.statusCallbackUrl,
  });
});

const UNREGISTERED = JSON.stringify({
  error: {
    code: 404,
    status: 'NOT_FOUND',
    details: [
      { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'UNREGISTERED' },
    ],
  },
});

describe('a push message to several devices', () => {
  const sendTo = async (
    answer: (token: string) => readonly [number, string],
    tokens: readonly string[],
  ): Promise<Outcome> => {
    const server = await startScripted((response, { body }) => {
      const { message } = JSON.parse(body) as { message: { token: string } };
      const [status, content] = answer(message.token);
      response.writeHead(status).end(content);
    });
    const provider = createFcm({ ...project, baseUrl: server.url });
    closers.push(() => provider.close(), server.close);
    return provider.send(
      push(ID, { devices: tokens.map((token) => ({ platform: 'fcm', token })) }),
    );
  };

  test('is accepted when one device takes it, and names the dead one', async () => {
    const outcome = await sendTo(
      (token) => (token === 'old' ? [404, UNREGISTERED] : [200, '{"name":"m1"}']),
      ['old', 'new'],
    );
    expect(outcome).toEqual({ kind: 'accepted', providerMessageId: 'm1', deadTokens: ['old'] });
  });

  test('is rejected when every device is dead', async () => {
    const outcome = await sendTo(() => [404, UNREGISTERED], ['old', 'older']);
    expect(outcome).toMatchObject({ kind: 'rejected', deadTokens: ['old', 'older'] });
  });

  test('is deferred when a dead device is the only one that answered', async () => {
    const outcome = await sendTo(
      (token) => (token === 'old' ? [404, UNREGISTERED] : [503, '{}']),
      ['old', 'new'],
    );
    expect(outcome).toMatchObject({ kind: 'deferred', code: 'http_503' });
  });

  test('kills no device because of a wrong project', async () => {
    const wrongProject =
      '{"error":{"code":404,"status":"NOT_FOUND","message":"Project not found"}}';
    const outcome = await sendTo(() => [404, wrongProject], ['old', 'new']);
    expect(outcome).toMatchObject({ kind: 'rejected', scope: 'configuration' });
    expect(outcome).not.toHaveProperty('deadTokens');
  });
});
