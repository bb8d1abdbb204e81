import { describe } from '@jest/globals';
import { createFcm } from '../../../src/dispatchers/providers/fcm.ts';
import type { PushMessage } from '../../../src/dispatchers/providers/provider.ts';
import { keepsTheProviderContract } from './contract.ts';
import { push } from './messages.ts';

describe('FCM', () => {
  keepsTheProviderContract<PushMessage>({
    name: 'fcm',
    create: (sandbox, changes) =>
      createFcm({
        projectId: sandbox.fcm.projectId,
        credential: { accessToken: sandbox.fcm.accessToken },
        baseUrl: sandbox.fcm.baseUrl,
        ...changes,
      }),
    createStranger: (sandbox) =>
      createFcm({ ...sandbox.fcm, credential: { accessToken: 'stranger' } }),
    message: push,
    refusedMessage: (id) =>
      push(id, { devices: [{ platform: 'fcm', token: 'dead-device-of-zoe' }] }),
    secrets: (sandbox) => ['device-of-zoe', 'stranger', sandbox.fcm.accessToken, 'Bearer'],
  });
});
