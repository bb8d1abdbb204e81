import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { temporaryFolder } from '../support/embedded.ts';

// Each command is a process of its own.
jest.setTimeout(180_000);

const run = promisify(execFile);
const MAIN = ['dist/main.js', 'embedded', 'eventstore'];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ChildProcess | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await end('SIGKILL');
  await folder.remove();
});

const pathOf = (name: string): string => join(folder.path, name);

const tidings = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [...MAIN, ...args])).stdout;

const start = async (name: string): Promise<EventStoreDBClient> => {
  const child = spawn(process.execPath, [...MAIN, '--port', '0', '--data-dir', pathOf(name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server = child;
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return EventStoreDBClient.connectionString(url);
};

const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
  if (server?.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
};

const events = (count: number) =>
  Array.from({ length: count }, (_, n) => jsonEvent({ type: 'Counted', data: { n } }));

const count = async (client: EventStoreDBClient, stream: string): Promise<number> => {
  let found = 0;
  for await (const _event of client.readStream(stream)) found += 1;
  return found;
};

test('a log is backed up and scavenged while it is served, verified, and restored elsewhere', async () => {
  const client = await start('served');
  await client.appendToStream('kept-1', events(3));
  await client.appendToStream('gone-1', events(20));
  await client.deleteStream('gone-1');
  await expect(tidings('verify', '--data-dir', pathOf('served'))).rejects.toThrow(/in use/);
  expect(await tidings('scavenge', '--data-dir', pathOf('served'))).toMatch(/^20 events removed/);
  await tidings('backup', '--data-dir', pathOf('served'), '--to', pathOf('copy'));
  await client.appendToStream('kept-1', events(1));
  expect(await count(client, 'kept-1')).toBe(4);
  await client.dispose();
  await end('SIGTERM');

  expect(await tidings('verify', '--data-dir', pathOf('copy'))).toMatch(/no problem/);
  await tidings('restore', '--from', pathOf('copy'), '--data-dir', pathOf('restored'));
  const restored = await start('restored');
  expect(await count(restored, 'kept-1')).toBe(3);
  await restored.dispose();
});

test('a log that a killed server left behind is backed up all the same', async () => {
  const client = await start('left');
  await client.appendToStream('kept-1', events(3));
  await end('SIGKILL');
  await client.dispose();
  await tidings('backup', '--data-dir', pathOf('left'), '--to', pathOf('copy'));
  expect(await tidings('verify', '--data-dir', pathOf('copy'))).toMatch(/no problem/);
  expect(await tidings('scavenge', '--data-dir', pathOf('left'))).toMatch(/^0 events removed/);
});

test('the address for operators is for the owner of the data directory alone', async () => {
  const client = await start('private');
  const contact = join(pathOf('private'), 'eventstore.contact');
  expect(statSync(contact).mode & 0o777).toBe(0o600);
  await client.dispose();
  await end('SIGTERM');
  expect(() => statSync(contact)).toThrow(/ENOENT/);
});

test('what is missing, in the way or damaged is refused in words', async () => {
  const client = await start('store');
  await client.appendToStream('kept-1', events(50));
  await client.dispose();
  await end('SIGTERM');
  const nowhere = tidings('backup', '--data-dir', pathOf('nowhere'), '--to', pathOf('copy'));
  await expect(nowhere).rejects.toThrow(/There is no/);
  await tidings('backup', '--data-dir', pathOf('store'), '--to', pathOf('copy'));
  const again = tidings('backup', '--data-dir', pathOf('store'), '--to', pathOf('copy'));
  await expect(again).rejects.toThrow(/exists already/);
  const over = tidings('restore', '--from', pathOf('copy'), '--data-dir', pathOf('store'));
  await expect(over).rejects.toThrow(/exists already/);

  const file = join(pathOf('copy'), 'eventstore.db');
  const at = readFileSync(file).lastIndexOf('"n":7}');
  const handle = openSync(file, 'r+');
  writeSync(handle, '8', at + 4);
  closeSync(handle);
  await expect(tidings('verify', '--data-dir', pathOf('copy'))).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/differs from what was written[^]*1 problems/) as unknown,
  });
});
