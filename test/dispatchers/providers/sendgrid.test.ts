import { describe } from '@jest/globals';
import { createSendGrid } from '../../../src/dispatchers/providers/sendgrid.ts';
import type { EmailMessage } from '../../../src/dispatchers/providers/provider.ts';
import { keepsTheProviderContract } from './contract.ts';
import { email } from './messages.ts';

describe('SendGrid', () => {
  keepsTheProviderContract<EmailMessage>({
    name: 'sendgrid',
    create: (sandbox, changes) => createSendGrid({ ...sandbox.sendgrid, ...changes }),
    createStranger: (sandbox) => createSendGrid({ ...sandbox.sendgrid, apiKey: 'SG.stranger' }),
    message: email,
    refusedMessage: (id) => email(id, { to: { address: 'zoe.okafor@localhost' } }),
    secrets: (sandbox) => ['zoe.okafor', 'stranger', sandbox.sendgrid.apiKey, 'Bearer'],
  });
});
