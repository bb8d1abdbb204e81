import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type AwsAccount, awsClient, awsOutcome, named } from './aws-text.ts';
import { deferred, rejected } from './outcome.ts';
import type { Outcome, Provider, SmsMessage } from './provider.ts';
import { createTransport } from './transport.ts';

export interface SnsOptions extends AwsAccount {
  /** What the recipient sees as the sender where that is allowed, up to 11 letters and digits. */
  readonly senderId?: string;
  /** Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/**
 * Text messages through Amazon SNS (facts, providers §2.2). SNS never tells what became of them: no news comes, and a
 * number that opted out there may get a message id all the same. `aws-sms.ts` has both.
 */
export function createSns(options: SnsOptions): Provider<SmsMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createTransport({ timeoutMs });
  const client = new SNSClient(awsClient(options, transport));
  const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });

  return {
    name: 'sns',
    channel: 'sms',
    repeat: 'unsafe',
    timeoutMs,
    send: ({ to, body, category }) => {
      const command = new PublishCommand({
        PhoneNumber: to,
        Message: body,
        MessageAttributes: {
          'AWS.SNS.SMS.SMSType': attribute(
            category === 'marketing' ? 'Promotional' : 'Transactional',
          ),
          ...(options.senderId === undefined
            ? {}
            : { 'AWS.SNS.SMS.SenderID': attribute(options.senderId) }),
        },
      });
      return awsOutcome(() => client.send(command), outcomeOfCode);
    },
    close: () => {
      client.destroy();
      transport.close();
      return Promise.resolve();
    },
  };
}

function outcomeOfCode(code: string, body: string): Outcome | undefined {
  switch (code.replace(/Exception$/, '')) {
    case 'OptedOut':
      return rejected(named(code), 'the recipient has opted out', 'recipient');
    case 'InvalidParameter':
    case 'InvalidParameterValue':
      return /PhoneNumber/i.test(body)
        ? rejected(named(code), 'the provider refused the number', 'recipient')
        : rejected(named(code), 'the provider refused the message', 'message');
    case 'AuthorizationError':
    case 'InvalidSecurity':
      return rejected(named(code), 'the provider refused our account', 'configuration');
    case 'InternalError':
      return deferred(named(code), 'the provider has trouble');
    default:
      return undefined;
  }
}
