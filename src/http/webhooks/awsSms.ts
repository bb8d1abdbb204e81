import { asNotificationId, fieldsOf } from './report.ts';
import type { DeliveryReport, WebhookResult } from './report.ts';
import type { TopicAccount } from './ses.ts';

/**
 * Translates an event that AWS End User Messaging publishes to a topic of SNS (facts, providers §2.2), and confirms the
 * topic's subscription. Our id comes back in the context of the message. Rejects when the message should come again.
 */
export async function readAwsSmsWebhook(
  rawBody: Buffer,
  { read, confirm, now }: TopicAccount & { readonly now: Date },
): Promise<WebhookResult> {
  const sns = await read(rawBody, now);
  if (!sns.ok) return sns;
  if (sns.kind === 'subscription') await confirm(sns.topicArn, sns.token);
  if (sns.kind !== 'notification') return { ok: true, reports: [] };

  const event = fieldsOf(sns.message);
  const notificationId = asNotificationId(fieldsOf(event['context'])['notification_id']);
  const news = newsOf(event);
  if (notificationId === undefined || news === undefined) return { ok: true, reports: [] };
  const at = timeOf(event['eventTimestamp']) ?? sns.at.toISOString();
  return {
    ok: true,
    reports: [{ notificationId, at, provider: 'aws-sms', providerEventId: sns.messageId, ...news }],
  };
}

/** Why a message did not arrive; true where the number itself is bad. */
const FAILURES: Readonly<Record<string, boolean>> = {
  TEXT_INVALID: true,
  TEXT_INVALID_MESSAGE: false,
  TEXT_UNREACHABLE: false,
  TEXT_CARRIER_UNREACHABLE: false,
  TEXT_BLOCKED: false,
  TEXT_CARRIER_BLOCKED: false,
  TEXT_PROTECT_BLOCKED: false,
  TEXT_SPAM: false,
  TEXT_TTL_EXPIRED: false,
};

function newsOf(
  event: ReturnType<typeof fieldsOf>,
): Pick<DeliveryReport, 'kind' | 'permanent' | 'reason'> | undefined {
  const { eventType: type, isFinal } = event;
  if (typeof type !== 'string') return undefined;
  // In some countries the carrier's word is the last that comes; it is final then.
  if (type === 'TEXT_DELIVERED' || (type === 'TEXT_SUCCESSFUL' && isFinal === true)) {
    return { kind: 'delivered' };
  }
  const permanent = Object.hasOwn(FAILURES, type) ? FAILURES[type] : undefined;
  return permanent === undefined
    ? undefined
    : { kind: 'undelivered', permanent, reason: type.slice('TEXT_'.length).toLowerCase() };
}

/** Epoch milliseconds, before the year 2100. */
const timeOf = (value: unknown): string | undefined =>
  typeof value === 'number' && value > 0 && value < 4_102_444_800_000
    ? new Date(value).toISOString()
    : undefined;
