import { describe } from '@jest/globals';
import type { EmailMessage } from '../../../src/dispatchers/providers/provider.ts';
import { createSmtp } from '../../../src/dispatchers/providers/smtp.ts';
import { keepsTheProviderContract } from './contract.ts';
import { email } from './messages.ts';

describe('SMTP', () => {
  keepsTheProviderContract<EmailMessage>({
    name: 'smtp',
    create: (sandbox, { baseUrl, timeoutMs }) =>
      createSmtp({
        url:
          baseUrl === undefined
            ? sandbox.smtp.url
            : `${baseUrl.replace('http', 'smtp')}?starttls=never`,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }),
    createStranger: ({ smtp }) => createSmtp({ url: smtp.url.replace(/:\w+@/, ':stranger@') }),
    message: email,
    refusedMessage: (id) => email(id, { to: { address: 'bounce.zoe.okafor@example.com' } }),
    saysRetryAfter: false,
    troubleCode: 'smtp_4.3.2',
    secrets: ({ smtp }) => ['zoe.okafor', 'stranger', new URL(smtp.url).password],
  });
});
