import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { controlsOf, startReceiver, temporaryDirectory } from './support.ts';
import type { Receiver } from './support.ts';
import { wireOf } from './wire.ts';

const directory = temporaryDirectory();
let receiver: Receiver;
let sandbox: Sandbox;
let wire: ReturnType<typeof wireOf>;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ dataDir: directory.path, webhookBaseUrl: receiver.url });
  wire = wireOf(sandbox, receiver.url);
});
afterAll(async () => {
  await sandbox.close();
  await receiver.close();
  directory.remove();
});

test('each vendor answers in its own way', async () => {
  const email = await wire.email(randomUUID());
  expect([email.status, email.text]).toEqual([202, '']);
  expect(email.headers.get('x-message-id')).toMatch(/^[\w-]{22}$/);

  const sms = await wire.sms(randomUUID());
  expect(sms.status).toBe(201);
  expect((JSON.parse(sms.text) as { sid: string }).sid).toMatch(/^SM[0-9a-f]{32}$/);

  const push = await wire.push(randomUUID());
  expect(push.status).toBe(200);
  expect((JSON.parse(push.text) as { name: string }).name).toMatch(
    /^projects\/tidings-sandbox\/messages\/0:/,
  );
});

describe('SendGrid', () => {
  test.each([
    ['personalizations', { personalizations: [] }],
    ['from.email', { from: { email: 'nobody' } }],
    ['content', { content: [] }],
    ['subject', { subject: '' }],
  ])('names %s when it is wrong', async (field, changes) => {
    const { status, text } = await wire.email(randomUUID(), 'reader@example.com', changes);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ field }] });
  });

  test('names the recipient that is wrong', async () => {
    const { status, text } = await wire.email(randomUUID(), 'no address');
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({
      errors: [{ field: 'personalizations.0.to.0.email' }],
    });
  });
});

test('Twilio refuses bad numbers and people who opted out, by code', async () => {
  const codeOf = async (to: string): Promise<unknown> =>
    (JSON.parse((await wire.sms(randomUUID(), to)).text) as { code: unknown }).code;
  expect(await codeOf('12')).toBe(21211);
  expect(await codeOf('+15551230021')).toBe(21610);
});

test('FCM knows dead devices and messages that are too big', async () => {
  const dead = await wire.push(randomUUID(), 'dead-device');
  expect(dead.status).toBe(404);
  expect(dead.text).toContain('UNREGISTERED');
  const big = await wire.push(randomUUID(), 'device', { more: 'x'.repeat(5000) });
  expect(big.status).toBe(400);
});

test('wrong credentials, unknown paths and other methods are refused', async () => {
  const post = async (path: string): Promise<number> =>
    (await fetch(sandbox.url + path, { method: 'POST', body: '{}' })).status;
  expect(await post('/v3/mail/send')).toBe(401);
  expect(await post(`/2010-04-01/Accounts/${sandbox.twilio.accountSid}/Messages.json`)).toBe(401);
  expect(await post(`/v1/projects/${sandbox.fcm.projectId}/messages:send`)).toBe(401);
  expect(await post('/elsewhere')).toBe(404);
  expect((await fetch(`${sandbox.url}/v3/mail/send`)).status).toBe(404);
});

test('the ledger is read in pages and its summary names what was accepted more than once', async () => {
  const [once, twice] = [randomUUID(), randomUUID()];
  await wire.push(once, 'phone');
  await wire.push(once, 'tablet');
  await wire.push(twice, 'phone');
  await wire.push(twice, 'phone');
  const { fcm } = await controlsOf(sandbox.url).summary();
  expect(fcm.repeated).toEqual([twice]);
  expect(fcm.accepted).toBeGreaterThan(fcm.notifications);

  const rows = await controlsOf(sandbox.url).rows();
  const seen: number[] = [];
  for (let after: number | null = 0; after !== null;) {
    const response = await fetch(`${sandbox.url}/sandbox/ledger?after=${after}&limit=2`);
    const page = (await response.json()) as { rows: { seq: number }[]; next: number | null };
    expect(page.rows.length).toBeLessThanOrEqual(2);
    seen.push(...page.rows.map(({ seq }) => seq));
    after = page.next;
  }
  expect(seen).toEqual(rows.map(({ seq }) => seq));
});
