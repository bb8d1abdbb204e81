import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { controlsOf, eventually, startReceiver, temporaryDirectory } from './support.ts';
import type { Receiver } from './support.ts';
import { wireOf } from './wire.ts';

const directory = temporaryDirectory();
let receiver: Receiver;
let sandbox: Sandbox;
let wire: ReturnType<typeof wireOf>;
let controls: ReturnType<typeof controlsOf>;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ dataDir: directory.path, webhookBaseUrl: receiver.url });
  wire = wireOf(sandbox, receiver.url);
  controls = controlsOf(sandbox.url);
});
afterEach(() => controls.clearFaults());
afterAll(async () => {
  await sandbox.close();
  await receiver.close();
  directory.remove();
});

const ask = async (method: string, path: string, body?: string) => {
  const response = await fetch(`${sandbox.url}/sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: await response.json() };
};

describe('the switches', () => {
  test('show what is on, and clear one provider or all', async () => {
    const faults = { latencyMs: 20, rateLimit: { share: 0.5, retryAfterSeconds: 3 } };
    await controls.setFaults('sendgrid', faults);
    await controls.setFaults('twilio', { serverError: { share: 1 } });
    expect((await ask('GET', 'faults')).body).toEqual({
      sendgrid: faults,
      twilio: { serverError: { share: 1 } },
    });
    expect((await ask('DELETE', 'faults/sendgrid')).body).toMatchObject({
      sendgrid: {},
      twilio: { serverError: { share: 1 } },
    });
    expect((await ask('DELETE', 'faults')).body).toMatchObject({ sendgrid: {}, twilio: {} });
  });

  test.each([
    ['faults/pigeon', '{}', 'provider'],
    ['faults', '{}', 'provider'],
    ['faults/fcm', 'not json', 'body'],
    ['faults/fcm', '[]', 'body'],
    ['faults/fcm', '{"fire":{"share":1}}', 'fire'],
    ['faults/fcm', '{"latencyMs":"slow"}', 'latencyMs'],
    ['faults/fcm', '{"latencyMs":-1}', 'latencyMs'],
    ['faults/fcm', '{"serverError":1}', 'serverError'],
    ['faults/fcm', '{"serverError":{"share":2}}', 'serverError.share'],
    ['faults/fcm', '{"serverError":{"share":1,"code":500}}', 'serverError.code'],
    ['faults/fcm', '{"rateLimit":{"share":1}}', 'rateLimit.retryAfterSeconds'],
  ])('refuse PUT %s %s, naming %s', async (path, body, field) => {
    expect(await ask('PUT', path, body)).toMatchObject({ status: 400, body: { error: { field } } });
  });

  test('refuse pages of the ledger that do not exist', async () => {
    expect(await ask('GET', 'ledger?after=x')).toMatchObject({
      status: 400,
      body: { error: { field: 'after' } },
    });
    expect(await ask('GET', 'ledger?limit=0')).toMatchObject({
      status: 400,
      body: { error: { field: 'limit' } },
    });
  });
});

test('a share hits about that part of the requests, and a second request for the same is decided anew', async () => {
  await controls.setFaults('sendgrid', { serverError: { share: 0.3 } });
  const ids = Array.from({ length: 300 }, (_, number) => `shared-${number}`);
  const send = () => Promise.all(ids.map(async (id) => (await wire.email(id)).status));
  const [first, second] = [await send(), await send()];
  const hit = (statuses: readonly number[]): number =>
    statuses.filter((status) => status === 503).length / ids.length;
  expect(hit(first)).toBeGreaterThan(0.2);
  expect(hit(first)).toBeLessThan(0.4);
  expect(hit(second)).toBeGreaterThan(0.2);
  expect(second).not.toEqual(first);
});

test('latency delays the answer, not the acceptance', async () => {
  await controls.setFaults('twilio', { latencyMs: 300 });
  const started = performance.now();
  const answer = wire.sms('slow');
  await eventually(async () =>
    (await controls.rows()).some(({ notificationId }) => notificationId === 'slow'),
  );
  expect(performance.now() - started).toBeLessThan(290);
  expect((await answer).status).toBe(201);
  expect(performance.now() - started).toBeGreaterThan(290);
});

test('bounced mail is accepted first; a bounced device is unregistered', async () => {
  await controls.setFaults('sendgrid', { bounce: { share: 1 } });
  await controls.setFaults('fcm', { bounce: { share: 1 } });
  expect((await wire.email('bounced')).status).toBe(202);
  expect((await wire.push('bounced')).text).toContain('UNREGISTERED');
  await eventually(() =>
    receiver.received.some(({ body }) => /"event":"bounce".*"bounced"/.test(body.toString())),
  );
});
