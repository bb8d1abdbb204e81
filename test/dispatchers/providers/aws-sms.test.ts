import { describe } from '@jest/globals';
import { createAwsSms } from '../../../src/dispatchers/providers/aws-sms.ts';
import type { SmsMessage } from '../../../src/dispatchers/providers/provider.ts';
import { keepsTheProviderContract } from './contract.ts';
import { sms } from './messages.ts';

describe('AWS End User Messaging', () => {
  keepsTheProviderContract<SmsMessage>({
    name: 'aws-sms',
    create: ({ awsSms }, { baseUrl, timeoutMs = 10_000 }) =>
      createAwsSms({ ...awsSms, endpoint: baseUrl ?? awsSms.endpoint, timeoutMs }),
    createStranger: ({ awsSms }) => createAwsSms({ ...awsSms, accessKeyId: 'AKIASTRANGER' }),
    message: sms,
    refusedMessage: (id) => sms(id, { to: '+15551230021' }),
    secrets: ({ awsSms }) => ['+1555', 'STRANGER', awsSms.accessKeyId, awsSms.secretAccessKey],
  });
});
