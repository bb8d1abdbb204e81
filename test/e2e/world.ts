import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { RunningTidings } from '../../src/cli/ports.ts';
import { connect, type DemoClient } from '../../src/cli/demo/client.ts';
import { readConfig } from '../../src/config.ts';
import { startTidings } from '../../src/tidings.ts';

/** A whole Tidings on loopback with its API's client. */
export interface World {
  readonly tidings: RunningTidings;
  readonly url: string;
  readonly token: string;
  readonly client: DemoClient;
  readonly dataDir: string;
  /** Asks until the answer holds; fails after `patienceMs` with the last answer. */
  until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean, patienceMs?: number): Promise<T>;
  /** The sandbox's books: rows of one notification. */
  ledger(notificationId: string): Promise<readonly { readonly attempt: number | null }[]>;
  fault(provider: string, faults: object | undefined): Promise<void>;
  close(): Promise<void>;
}

export const startWorld = async (
  settings: Readonly<Record<string, string>> = {},
): Promise<World> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidings-e2e-'));
  const config = readConfig({
    TIDINGS_DATA_DIR: dataDir,
    TIDINGS_PORT: '0',
    TIDINGS_PROVIDER_TIMEOUT_MS: '1000',
    TIDINGS_LEASE_MS: '2000',
    TIDINGS_SETTLE_MS: '500',
    TIDINGS_LOG_LEVEL: 'silent',
    ...settings,
  });
  const tidings = await startTidings(config, pino({ level: config.logLevel }));
  const { url, sandboxUrl } = tidings;
  if (url === undefined || sandboxUrl === undefined) throw new Error('no API or no sandbox');
  const token = await tidings.adminToken();
  const client = connect(url, token);

  return {
    tidings,
    url,
    token,
    client,
    dataDir,
    until: async (ask, holds, patienceMs = 20_000) => {
      const deadline = Date.now() + patienceMs;
      for (;;) {
        const answer = await ask();
        if (holds(answer)) return answer;
        if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(answer)}`);
        await sleep(20);
      }
    },
    ledger: async (notificationId) => {
      const response = await fetch(`${sandboxUrl}/sandbox/ledger?after=0&limit=10000`);
      const { rows } = (await response.json()) as {
        rows: { notificationId: string | null; attempt: number | null }[];
      };
      return rows.filter((row) => row.notificationId === notificationId);
    },
    fault: async (provider, faults) => {
      const response = await fetch(`${sandboxUrl}/sandbox/faults/${provider}`, {
        method: faults ? 'PUT' : 'DELETE',
        ...(faults
          ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(faults) }
          : {}),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    close: async () => {
      await client.close();
      await tidings.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

export const welcome = {
  name: 'welcome',
  content: {
    category: 'TRANSACTIONAL',
    priority: 'NORMAL',
    channels: {
      email: { subject: 'Welcome, {{userName}}', html: '<p>{{product}}</p>', text: '{{product}}' },
      sms: { body: 'Welcome to {{product}}' },
      push: { title: 'Welcome', body: '{{product}}' },
      inApp: { title: 'Welcome', body: '{{product}}' },
    },
    variables: [{ name: 'product', type: 'STRING' }],
  },
};

const createTemplate = `mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { cursor } }`;
const registerUser = `mutation ($input: RegisterUserInput!) { registerUser(input: $input) { cursor } }`;
const registerDevice = `mutation ($id: ID!, $input: RegisterDeviceInput!) {
  registerDevice(userId: $id, input: $input) { cursor }
}`;

/** A user with an address on every channel. */
export const register = async (
  { client }: World,
  id: string,
  details: { readonly email?: string; readonly phone?: string } = {},
): Promise<string> => {
  const { email = `${id}@example.com`, phone = '+15550100123' } = details;
  await client.run(registerUser, { input: { id, name: 'Zoë Q.', email, phone } });
  await client.run(registerDevice, { id, input: { deviceId: 'phone', token: `token-${id}` } });
  return id;
};

export const create = ({ client }: World, template: object): Promise<unknown> =>
  client.run(createTemplate, { input: template });

export interface Requested {
  readonly __typename: string;
  readonly notificationId?: string;
  readonly code?: string;
  readonly field?: string;
  readonly ruleId?: string;
  readonly duplicate?: boolean;
  readonly cursor?: string;
}

const request = `mutation ($input: RequestNotificationInput!) {
  requestNotification(input: $input) {
    __typename
    ... on NotificationAccepted { notificationId duplicate cursor }
    ... on NotificationSuppressed { notificationId ruleId }
    ... on RequestRefused { code field }
  }
}`;

export const send = async (
  { client }: World,
  userId: string,
  channel: string,
  more: object = {},
): Promise<Requested> => {
  const input = { userId, channel, template: 'welcome', variables: { product: 'Tea' }, ...more };
  const answer = await client.run<{ requestNotification: Requested }>(request, { input });
  return answer.requestNotification;
};

export interface Shown {
  readonly status: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly openedAt: string | null;
  readonly timeline: readonly { readonly type: string }[];
}

const show = `query ($id: ID!) { notification(id: $id) { status attempts error openedAt timeline { type } } }`;

export const notification = async (
  { client }: World,
  id: string | undefined,
): Promise<Shown | null> =>
  (await client.run<{ notification: Shown | null }>(show, { id })).notification;

/** Waits until the read model shows a status. */
export const ended = (
  world: World,
  id: string | undefined,
  status: string,
): Promise<Shown | null> =>
  world.until(
    () => notification(world, id),
    (shown) => shown?.status === status,
  );
