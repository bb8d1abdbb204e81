import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { temporaryFolder } from '../support/embedded.ts';

/** `tidings embedded mongodb …` as a process of its own. */
const start = (...args: string[]): ChildProcessByStdio<null, Readable, Readable> =>
  spawn(process.execPath, ['dist/main.js', 'embedded', 'mongodb', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

test('it serves a Unix socket alone, logs scans, and ends at SIGTERM with what it stored', async () => {
  const folder = await temporaryFolder();
  const socket = join(folder.path, 'mongo.sock');
  for (const round of [1, 2]) {
    const server = start('--socket', socket, '--slow-ms', '0', '--data-dir', folder.path);
    const log = text(server.stderr);
    const [url] = (await once(createInterface(server.stdout), 'line')) as [string];
    expect(url).toBe(`mongodb://${encodeURIComponent(socket)}/?directConnection=true`);
    const client = new MongoClient(url);
    const collection = client.db('shared').collection('docs');
    await collection.insertOne({ secret: 'hidden', round });
    expect(await collection.countDocuments({ secret: 'hidden' })).toBe(round);
    await client.close();
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([0, null]);
    const lines = (await log).split('\n');
    const slow = lines.find((line) => line.includes('slow query without an index'));
    expect(slow).toContain('"plan":"COLLSCAN"');
    expect(slow).toContain('"namespace":"shared.docs"');
    expect(await log).not.toContain('hidden');
  }
  await folder.remove();
});

test('it takes a port or a socket, not both', async () => {
  const server = start('--socket', '/tmp/never.sock', '--port', '1');
  const log = text(server.stderr);
  expect(await once(server, 'exit')).toEqual([1, null]);
  expect(await log).toContain('cannot be used with option');
});
