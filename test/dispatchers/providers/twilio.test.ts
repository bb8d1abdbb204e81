import { describe } from '@jest/globals';
import type { SmsMessage } from '../../../src/dispatchers/providers/provider.ts';
import { createTwilio } from '../../../src/dispatchers/providers/twilio.ts';
import { keepsTheProviderContract } from './contract.ts';
import { sms } from './messages.ts';

describe('Twilio', () => {
  keepsTheProviderContract<SmsMessage>({
    name: 'twilio',
    create: (sandbox, changes) => createTwilio({ ...sandbox.twilio, ...changes }),
    createStranger: (sandbox) => createTwilio({ ...sandbox.twilio, authToken: 'stranger' }),
    message: sms,
    refusedMessage: (id) => sms(id, { to: '+15551230021' }),
    secrets: (sandbox) => ['1555123', 'stranger', sandbox.twilio.authToken, 'Basic'],
  });
});
