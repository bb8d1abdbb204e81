import { describe } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { createApns } from '../../../src/dispatchers/providers/apns.ts';
import type { PushMessage } from '../../../src/dispatchers/providers/provider.ts';
import { keepsTheProviderContract } from './contract.ts';
import { push } from './messages.ts';

const device = { platform: 'apns', token: 'device-of-zoe' } as const;

describe('APNs', () => {
  keepsTheProviderContract<PushMessage>({
    name: 'apns',
    create: (sandbox, { baseUrl, timeoutMs = 10_000 }) =>
      createApns({
        ...sandbox.apns,
        timeoutMs,
        server: {
          ...sandbox.apns.server,
          ...(baseUrl === undefined ? {} : { port: Number(new URL(baseUrl).port) }),
        },
      }),
    createStranger: (sandbox) => createApns({ ...sandbox.apns, key: strangersKey }),
    message: (id) => push(id, { devices: [device] }),
    refusedMessage: (id) => push(id, { devices: [{ ...device, token: 'dead-device-of-zoe' }] }),
    secrets: () => ['device-of-zoe', 'bearer', 'eyJ'],
  });
});

const strangersKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
