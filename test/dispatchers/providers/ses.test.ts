import { describe } from '@jest/globals';
import type { EmailMessage } from '../../../src/dispatchers/providers/provider.ts';
import { createSes } from '../../../src/dispatchers/providers/ses.ts';
import { keepsTheProviderContract } from './contract.ts';
import { email } from './messages.ts';

describe('Amazon SES', () => {
  keepsTheProviderContract<EmailMessage>({
    name: 'ses',
    create: (sandbox, { baseUrl, timeoutMs }) =>
      createSes({
        ...sandbox.ses,
        endpoint: baseUrl ?? sandbox.ses.endpoint,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }),
    createStranger: (sandbox) => createSes({ ...sandbox.ses, accessKeyId: 'AKIASTRANGER' }),
    message: email,
    refusedMessage: (id) => email(id, { to: { address: 'zoe.okafor@localhost' } }),
    secrets: ({ ses }) => ['zoe.okafor', 'STRANGER', ses.accessKeyId, ses.secretAccessKey],
  });
});
