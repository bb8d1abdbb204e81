import {
  PinpointSMSVoiceV2Client,
  SendTextMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { type AwsAccount, awsClient, awsOutcome, named } from './aws-text.ts';
import { deferred, rejected } from './outcome.ts';
import type { Outcome, Provider, SmsMessage } from './provider.ts';
import { createTransport } from './transport.ts';

export interface AwsSmsOptions extends AwsAccount {
  /** A number, sender id or pool of ours. */
  readonly originationIdentity: string;
  /** Its event destination is the SNS topic that tells what became of messages. */
  readonly configurationSet: string;
  /** Default 10,000 ms. */
  readonly timeoutMs?: number;
}

/** Text messages through AWS End User Messaging (facts, providers §2.2): like SNS, with receipts and opt-outs. */
export function createAwsSms(options: AwsSmsOptions): Provider<SmsMessage> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const transport = createTransport({ timeoutMs });
  const client = new PinpointSMSVoiceV2Client(awsClient(options, transport));

  return {
    name: 'aws-sms',
    channel: 'sms',
    repeat: 'unsafe',
    timeoutMs,
    send: ({ to, body, category, notificationId, attempt }) => {
      const command = new SendTextMessageCommand({
        DestinationPhoneNumber: to,
        OriginationIdentity: options.originationIdentity,
        MessageBody: body,
        MessageType: category === 'marketing' ? 'PROMOTIONAL' : 'TRANSACTIONAL',
        ConfigurationSetName: options.configurationSet,
        Context: { notification_id: notificationId, attempt: String(attempt) },
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
  switch (code) {
    case 'ConflictException':
      return /DESTINATION_PHONE_NUMBER_(OPTED_OUT|NOT_VERIFIED|BLOCKED)/.test(body)
        ? rejected(named(code), 'the recipient has opted out or is not allowed', 'recipient')
        : rejected(named(code), 'the provider refused our settings', 'configuration');
    case 'ValidationException':
      return /DestinationPhoneNumber|INVALID_IDENTITY_FOR_DESTINATION/.test(body)
        ? rejected(named(code), 'the provider refused the number', 'recipient')
        : rejected(named(code), 'the provider refused the message', 'message');
    case 'ResourceNotFoundException':
      return rejected(named(code), 'the provider knows no such sender', 'configuration');
    case 'ServiceQuotaExceededException':
      return deferred(named(code), 'our quota at the provider is used up');
    case 'InternalServerException':
      return deferred(named(code), 'the provider has trouble');
    default:
      return undefined;
  }
}
