import { describe } from '@jest/globals';
import type { SmsMessage } from '../../../src/dispatchers/providers/provider.ts';
import { createSns } from '../../../src/dispatchers/providers/sns.ts';
import { keepsTheProviderContract } from './contract.ts';
import { sms } from './messages.ts';

describe('Amazon SNS', () => {
  keepsTheProviderContract<SmsMessage>({
    name: 'sns',
    create: ({ sns }, { baseUrl, timeoutMs = 10_000 }) =>
      createSns({ ...sns, endpoint: baseUrl ?? sns.endpoint, timeoutMs }),
    createStranger: ({ sns }) => createSns({ ...sns, accessKeyId: 'AKIASTRANGER' }),
    // SNS carries no id of ours; its simulator finds one in the text.
    message: (id) => sms(id, { body: `Your code is 481516 [${id}]` }),
    refusedMessage: (id) => sms(id, { to: '+15551230021' }),
    secrets: ({ sns }) => ['+1555', 'STRANGER', sns.accessKeyId, sns.secretAccessKey],
  });
});
