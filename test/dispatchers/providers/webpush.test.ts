import { describe } from '@jest/globals';
import webpush from 'web-push';
import type { PushDevice, PushMessage } from '../../../src/dispatchers/providers/provider.ts';
import { createWebPush } from '../../../src/dispatchers/providers/webpush.ts';
import { browserAt } from '../../sandbox/support.ts';
import { keepsTheProviderContract } from './contract.ts';
import { push } from './messages.ts';

describe('Web Push', () => {
  let browser: PushDevice;
  let goneBrowser: PushDevice;

  keepsTheProviderContract<PushMessage>({
    name: 'webpush',
    prepare: async ({ url }) => {
      browser = await browserAt(url, 'zoe');
      goneBrowser = await browserAt(url, 'gone-zoe');
    },
    create: ({ webpush: account }, { baseUrl, timeoutMs = 10_000 }) => {
      const elsewhere = baseUrl?.replace('http://127.0.0.1', 'https://localhost');
      const server = { ...account.server, baseUrl: elsewhere ?? account.server.baseUrl };
      return createWebPush({ ...account, server, timeoutMs });
    },
    createStranger: (sandbox) =>
      createWebPush({ ...sandbox.webpush, ...webpush.generateVAPIDKeys() }),
    message: (id) => push(id, { devices: [browser] }),
    refusedMessage: (id) => push(id, { devices: [goneBrowser] }),
    secrets: (sandbox) => ['zoe', 'vapid', sandbox.webpush.privateKey],
  });
});
