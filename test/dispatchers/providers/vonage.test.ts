import { describe } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import type { SmsMessage } from '../../../src/dispatchers/providers/provider.ts';
import { createVonage } from '../../../src/dispatchers/providers/vonage.ts';
import { keepsTheProviderContract } from './contract.ts';
import { sms } from './messages.ts';

const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

describe('Vonage', () => {
  keepsTheProviderContract<SmsMessage>({
    name: 'vonage',
    create: ({ vonage }, { baseUrl = vonage.baseUrl, timeoutMs = 10_000 }) =>
      createVonage({ ...vonage, baseUrl, timeoutMs }),
    createStranger: ({ vonage }) => createVonage({ ...vonage, privateKey: strangersKey }),
    message: sms,
    refusedMessage: (id) => sms(id, { to: '+15551230021' }),
    secrets: ({ vonage }) => ['1555123', 'eyJ', 'Bearer', vonage.applicationId],
  });
});
