import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { connect } from '../../src/cli/demo/client.ts';
import type { RunningTidings } from '../../src/cli/ports.ts';
import { readConfig } from '../../src/config.ts';
import { startTidings } from '../../src/tidings.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const start = async (dataDir: string) => {
  const config = readConfig({
    TIDINGS_DATA_DIR: dataDir,
    TIDINGS_PORT: '0',
    TIDINGS_LOG_LEVEL: 'silent',
    TIDINGS_CONCURRENCY: '1',
  });
  const tidings: RunningTidings = await startTidings(config, pino({ level: 'silent' }));
  const client = connect(tidings.url ?? '', await tidings.adminToken());
  return {
    client,
    close: async () => {
      await client.close();
      await tidings.close();
    },
  };
};

const request = `mutation ($input: RequestNotificationInput!) {
  requestNotification(input: $input) { ... on NotificationAccepted { notificationId status } }
}`;
const show = `query ($id: ID!) { notification(id: $id) { status sentAt } }`;

interface Shown {
  readonly status: string;
  readonly sentAt: string | null;
}

test('after a downtime what fell due is sent, the oldest first, and what has expired is not', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidings-downtime-'));
  folders.push(dataDir);
  const before = await start(dataDir);
  const content = {
    category: 'TRANSACTIONAL',
    priority: 'NORMAL',
    channels: { inApp: { title: 'Tea', body: 'Tea' } },
    variables: [],
  };
  await before.client.run(
    'mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { cursor } }',
    { input: { name: 'tea', content } },
  );
  await before.client.run(
    'mutation ($input: RegisterUserInput!) { registerUser(input: $input) { cursor } }',
    { input: { id: 'ada' } },
  );
  const first = Date.now() + 6_000;
  const iso = (at: number) => new Date(at).toISOString();
  const ask = async (scheduledAt: number, expiresAt?: number) => {
    const input = {
      userId: 'ada',
      channel: 'IN_APP',
      template: 'tea',
      scheduledAt: iso(scheduledAt),
      ...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
    };
    const { requestNotification: answer } = await before.client.run<{
      requestNotification: { readonly notificationId: string; readonly status: string };
    }>(request, { input });
    expect(answer.status).toBe('SCHEDULED');
    return answer.notificationId;
  };
  // Asked for in another order than they are due in.
  const order = [4, 1, 3, 0, 2];
  const due = new Map<number, string>();
  for (const nth of order) due.set(nth, await ask(first + nth * 300));
  const expiring = [await ask(first, first + 500), await ask(first + 300, first + 600)];
  await before.close();
  while (Date.now() < first + 2_500) await sleep(50);

  const after = await start(dataDir);
  const shown = async (id: string) =>
    (await after.client.run<{ notification: Shown | null }>(show, { id })).notification;
  const ids = [0, 1, 2, 3, 4].map((nth) => due.get(nth) ?? '');
  const deadline = Date.now() + 30_000;
  for (;;) {
    const all = await Promise.all([...ids, ...expiring].map(shown));
    if (all.every((one) => one?.status === 'EXPIRED' || one?.sentAt)) break;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(all)}`);
    await sleep(100);
  }
  const sent = await Promise.all(ids.map(shown));
  const moments = sent.map((one) => Date.parse(one?.sentAt ?? ''));
  expect(moments).toEqual([...moments].sort((a, b) => a - b));
  expect(moments.every((at) => at >= first)).toBe(true);
  for (const id of expiring)
    expect(await shown(id)).toMatchObject({ status: 'EXPIRED', sentAt: null });
  await after.close();
}, 90_000);
