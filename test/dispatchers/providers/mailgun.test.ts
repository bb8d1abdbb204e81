import { describe } from '@jest/globals';
import { createMailgun } from '../../../src/dispatchers/providers/mailgun.ts';
import type { EmailMessage } from '../../../src/dispatchers/providers/provider.ts';
import { keepsTheProviderContract } from './contract.ts';
import { email } from './messages.ts';

describe('Mailgun', () => {
  keepsTheProviderContract<EmailMessage>({
    name: 'mailgun',
    create: (sandbox, changes) => createMailgun({ ...sandbox.mailgun, ...changes }),
    createStranger: (sandbox) => createMailgun({ ...sandbox.mailgun, apiKey: 'stranger' }),
    message: email,
    refusedMessage: (id) => email(id, { to: { address: 'zoe.okafor@localhost' } }),
    secrets: (sandbox) => ['zoe.okafor', 'stranger', sandbox.mailgun.apiKey, 'Basic'],
  });
});
