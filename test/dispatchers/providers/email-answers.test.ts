import { afterEach, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { createMailgun } from '../../../src/dispatchers/providers/mailgun.ts';
import type {
  EmailMessage,
  Outcome,
  Provider,
} from '../../../src/dispatchers/providers/provider.ts';
import { createSes } from '../../../src/dispatchers/providers/ses.ts';
import { email } from './messages.ts';
import { startScripted } from './scripted.ts';
import type { ScriptedRequest } from './scripted.ts';

const ID = '0196f0a0-0000-7000-8000-000000000001';
const LINK = 'https://tidings.example/unsubscribe/t0k';
const aws = {
  region: 'eu-west-1',
  accessKeyId: 'AKIA',
  secretAccessKey: 'secret',
  configurationSet: 'set',
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function answered(
  create: (baseUrl: string) => Provider<EmailMessage>,
  script: (response: ServerResponse) => void,
  message = email(ID),
): Promise<{ outcome: Outcome; requests: readonly ScriptedRequest[] }> {
  const server = await startScripted(script);
  const provider = create(server.url);
  closers.push(() => provider.close(), server.close);
  return { outcome: await provider.send(message), requests: server.requests };
}

const ses = (endpoint: string) => createSes({ ...aws, endpoint });
const mailgun = (baseUrl: string) =>
  createMailgun({ apiKey: 'secret', domain: 'mg.tidings.example', baseUrl });

test.each([
  [429, 'TooManyRequestsException', 'Maximum sending rate exceeded', { kind: 'deferred' }],
  [
    429,
    'TooManyRequestsException',
    'Daily message quota exceeded.',
    { kind: 'deferred', retryAfterMs: 3_600_000 },
  ],
  [400, 'LimitExceededException', 'Quota', { kind: 'deferred', retryAfterMs: 3_600_000 }],
  [400, 'ThrottlingException', 'Rate exceeded', { kind: 'deferred' }],
  [400, 'BadRequestException', 'Illegal address', { scope: 'recipient' }],
  [400, 'BadRequestException', "Missing final '@domain'", { scope: 'recipient' }],
  [400, 'BadRequestException', 'Domain contains illegal character', { scope: 'recipient' }],
  [400, 'BadRequestException', 'Expected a subject', { scope: 'message' }],
  [400, 'MessageRejected', 'Message has a virus', { scope: 'message' }],
  [
    400,
    'MessageRejected',
    'Email address is not verified. zoe.okafor@example.com',
    { scope: 'configuration' },
  ],
  [400, 'MailFromDomainNotVerifiedException', '', { scope: 'configuration' }],
  [400, 'SendingPausedException', '', { scope: 'configuration' }],
  [400, 'AccountSuspendedException', '', { scope: 'configuration' }],
  [404, 'NotFoundException', 'Configuration set <set> does not exist.', { scope: 'configuration' }],
  [403, 'InvalidSignatureException', 'secret', { scope: 'configuration' }],
  [500, 'InternalServiceErrorException', '', { kind: 'deferred' }],
])('SES answering %i %s "%s" means %j', async (status, name, message, expected) => {
  const { outcome, requests } = await answered(ses, (response) =>
    response
      .writeHead(status, { 'x-amzn-errortype': `${name}:http://internal.amazon.com/` })
      .end(JSON.stringify({ message })),
  );
  expect(outcome).toMatchObject(expected);
  expect(JSON.stringify(outcome)).not.toMatch(/zoe|secret/);
  expect(requests).toHaveLength(1);
});

test.each([
  [400, "'to' parameter is not a valid address. please check documentation", 'recipient'],
  [400, 'ECONNRESET', 'message'],
  [401, 'Forbidden', 'configuration'],
  [402, 'Payment required', 'configuration'],
  [404, 'Domain not found: mg.tidings.example', 'configuration'],
  [413, 'Too large', 'message'],
])('Mailgun answering %i "%s" is a matter of: %s', async (status, message, scope) => {
  const { outcome } = await answered(mailgun, (response) =>
    response.writeHead(status).end(JSON.stringify({ message })),
  );
  expect(outcome).toMatchObject({ kind: 'rejected', scope });
});

test('Mailgun’s 420 is a limit of the rate', async () => {
  const { outcome } = await answered(mailgun, (response) =>
    response.writeHead(420, { 'retry-after': '3' }).end('{}'),
  );
  expect(outcome).toMatchObject({ kind: 'deferred', retryAfterMs: 3000 });
});

const marketing = email(ID, {
  attempt: 2,
  subject: 'Grüße 🎉',
  to: { address: 'zoe.okafor@example.com', name: 'Okafor, Zoë' },
  unsubscribeUrl: LINK,
});

test('SES is given one recipient, our tags and both headers for unsubscribing, and signed by our account', async () => {
  const { outcome, requests } = await answered(
    ses,
    (response) => response.writeHead(200).end('{"MessageId":"0102-1"}'),
    marketing,
  );
  expect(outcome).toEqual({ kind: 'accepted', providerMessageId: '0102-1' });
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
    FromEmailAddress: 'Tidings <hello@tidings.example>',
    Destination: { ToAddresses: ['=?UTF-8?B?T2thZm9yLCBab8Or?= <zoe.okafor@example.com>'] },
    Content: {
      Simple: {
        Subject: { Data: 'Grüße 🎉', Charset: 'UTF-8' },
        Body: {
          Text: { Data: marketing.text, Charset: 'UTF-8' },
          Html: { Data: marketing.html, Charset: 'UTF-8' },
        },
        Headers: [
          { Name: 'List-Unsubscribe', Value: `<${LINK}>` },
          { Name: 'List-Unsubscribe-Post', Value: 'List-Unsubscribe=One-Click' },
        ],
      },
    },
    ConfigurationSetName: 'set',
    EmailTags: [
      { Name: 'notification_id', Value: ID },
      { Name: 'attempt', Value: '2' },
    ],
  });
  expect(requests[0]?.headers.authorization).toContain('/eu-west-1/ses/aws4_request');
});

test('Mailgun is given one recipient, our id and both headers for unsubscribing', async () => {
  const { outcome, requests } = await answered(
    mailgun,
    (response) => response.writeHead(200).end('{"id":"<1@mg.tidings.example>"}'),
    marketing,
  );
  expect(outcome).toEqual({ kind: 'accepted', providerMessageId: '1@mg.tidings.example' });
  const [request] = requests;
  const parts = [...(request?.body ?? '').matchAll(/ name="([^"]+)"\r\n\r\n([^]*?)\r\n--/g)];
  expect(Object.fromEntries(parts.map(([, name, value]) => [name, value]))).toEqual({
    from: 'Tidings <hello@tidings.example>',
    to: '=?UTF-8?B?T2thZm9yLCBab8Or?= <zoe.okafor@example.com>',
    subject: 'Grüße 🎉',
    text: marketing.text,
    html: marketing.html,
    'o:tag': 'order-shipped',
    'v:notification_id': ID,
    'v:attempt': '2',
    'h:List-Unsubscribe': `<${LINK}>`,
    'h:List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  });
  expect(request?.headers.authorization).toBe(
    `Basic ${Buffer.from('api:secret').toString('base64')}`,
  );
});

test.each([
  ['SES', (endpoint: string) => createSes({ ...aws, endpoint, timeoutMs: 300 })],
  [
    'Mailgun',
    (baseUrl: string) =>
      createMailgun({ apiKey: 'secret', domain: 'a.example', baseUrl, timeoutMs: 300 }),
  ],
] as const)(
  'at %s silence before the connection is encrypted defers: nothing was sent',
  async (_, create) => {
    const silent = net.createServer((socket) => socket.resume().on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const provider = create(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    closers.push(
      () => provider.close(),
      () => new Promise<void>((resolve) => silent.close(() => resolve())),
    );
    expect(await provider.send(email(ID))).toMatchObject({ kind: 'deferred', code: 'timeout' });
  },
);
