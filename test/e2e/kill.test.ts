import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const notifications = 400;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidings-kill-'));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** The demo as a newcomer runs it, on a data directory that is kept. */
const demo = (): {
  readonly child: ChildProcess;
  readonly progress: () => number;
  readonly out: () => string;
} => {
  const script = join(import.meta.dirname, '../../dist/main.js');
  const options = ['--notifications', String(notifications), '--data-dir', dataDir, '--json'];
  const child = spawn(process.execPath, [script, 'demo', ...options, '--window', '100'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let ended = 0;
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    for (const [, count] of chunk.toString().matchAll(/(\d+)\/\d+ ended/g)) ended = Number(count);
  });
  return { child, progress: () => ended, out: () => out };
};

test('killed in the middle and started again, every notification reaches its end exactly once', async () => {
  const first = demo();
  const exited = once(first.child, 'exit');
  const deadline = Date.now() + 60_000;
  while (first.progress() < 50 && Date.now() < deadline && first.child.exitCode === null) {
    await Promise.race([once(first.child.stderr ?? first.child, 'data'), exited]);
  }
  first.child.kill('SIGKILL');
  await exited;
  expect(first.progress()).toBeGreaterThanOrEqual(50);

  const second = demo();
  const [code] = (await once(second.child, 'exit')) as [number | null];
  const summary = JSON.parse(second.out()) as {
    readonly requested: number;
    readonly problems: readonly string[];
  };
  expect(summary.problems).toEqual([]);
  expect(summary.requested).toBe(notifications);
  expect(code).toBe(0);
}, 180_000);
