import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox, SandboxAddresses } from '../../src/sandbox/index.ts';
import { controlsOf, eventually, startReceiver, temporaryDirectory } from './support.ts';
import { wireOf } from './wire.ts';

let directory: ReturnType<typeof temporaryDirectory>;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  directory.remove();
});

async function start(webhookBaseUrl: string): Promise<Sandbox> {
  const sandbox = await startSandbox({ dataDir: directory.path, webhookBaseUrl });
  closers.push(() => sandbox.close());
  return sandbox;
}

async function receive(answer?: Parameters<typeof startReceiver>[0]) {
  const receiver = await startReceiver(answer);
  closers.push(() => receiver.close());
  return receiver;
}

const nothingPending = (sandbox: SandboxAddresses) => async () =>
  Object.values(await controlsOf(sandbox.url).summary()).every(
    ({ callbacksPending }) => callbacksPending === 0,
  );

test('callbacks that the API refuses come again until it takes them', async () => {
  const receiver = await receive((_request, number) => (number <= 3 ? 503 : 204));
  const sandbox = await start(receiver.url);
  await wireOf(sandbox, receiver.url).sms(randomUUID());
  await eventually(nothingPending(sandbox));
  expect(receiver.received).toHaveLength(5);
});

test('a restart keeps the ledger, the credentials and what was still to be called back', async () => {
  const nobody = await startReceiver();
  await nobody.close();
  const first = await start(nobody.url);
  const [email, sms, push] = [randomUUID(), randomUUID(), randomUUID()];
  await wireOf(first, nobody.url).email(email);
  await wireOf(first, nobody.url).sms(sms);
  await wireOf(first, nobody.url).push(push);
  const rows = await controlsOf(first.url).rows();
  await closers.pop()?.();

  const receiver = await receive();
  const second = await start(receiver.url);
  await eventually(nothingPending(second));
  expect(await controlsOf(second.url).rows()).toEqual(rows);
  expect(rows.map(({ notificationId }) => notificationId)).toEqual([email, sms, push]);
  expect(second.sendgrid).toEqual({ ...first.sendgrid, baseUrl: second.url });
  expect(second.twilio).toEqual({ ...first.twilio, baseUrl: second.url });
  const paths = new Set(receiver.received.map(({ path }) => path.split('?')[0]));
  expect([...paths].sort()).toEqual(['/webhooks/device', '/webhooks/sendgrid', '/webhooks/twilio']);
});

test('everything that was answered survives kill -9', async () => {
  const nobody = await startReceiver();
  await nobody.close();
  const index = new URL('../../src/sandbox/index.ts', import.meta.url).href;
  const program = `
    const { startSandbox } = await import(${JSON.stringify(index)});
    const sandbox = await startSandbox(${JSON.stringify({ dataDir: directory.path, webhookBaseUrl: nobody.url })});
    console.log(JSON.stringify(sandbox));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const sandbox = JSON.parse(line.toString()) as Sandbox;

  const answered: string[] = [];
  const wire = wireOf(sandbox, nobody.url);
  const sending = Array.from({ length: 200 }, async () => {
    const id = randomUUID();
    const { status } = await wire.email(id);
    if (status === 202) answered.push(id);
    if (answered.length === 50) child.kill('SIGKILL');
  });
  await Promise.allSettled(sending);
  await (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined);

  const receiver = await receive();
  const again = await start(receiver.url);
  await eventually(nothingPending(again));
  const kept = (await controlsOf(again.url).rows()).map(({ notificationId }) => notificationId);
  expect(answered.length).toBeGreaterThanOrEqual(50);
  expect(answered.filter((id) => !kept.includes(id))).toEqual([]);
  const told = receiver.received.map(({ body }) => body.toString()).join();
  expect(kept.filter((id) => id !== null && !told.includes(id))).toEqual([]);
});

test('a second sandbox on the same data directory does not start', async () => {
  const receiver = await receive();
  await start(receiver.url);
  await expect(
    startSandbox({ dataDir: directory.path, webhookBaseUrl: receiver.url }),
  ).rejects.toThrow(/can't start: database is locked/);
});

test('the ledger holds no address', async () => {
  const receiver = await receive();
  const sandbox = await start(receiver.url);
  await wireOf(sandbox, receiver.url).email(randomUUID(), 'secret.reader@example.com');
  await eventually(nothingPending(sandbox));
  const shown = JSON.stringify(await controlsOf(sandbox.url).rows());
  expect(shown).not.toContain('secret.reader');
  expect(receiver.received.map(({ body }) => body.toString()).join()).not.toContain(
    'secret.reader',
  );
});
