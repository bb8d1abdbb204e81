import { asNotificationId, enhancedStatus, fieldsOf, linkOf, wordOf } from './report.ts';
import type { DeliveryReport, WebhookResult } from './report.ts';
import type { ReadSns } from './sns.ts';

/** The topic of SNS that a service of AWS reports through. */
export interface TopicAccount {
  readonly read: ReadSns;
  /** Confirms a subscription of ours. Rejects when that failed: SNS asks again. */
  readonly confirm: (topicArn: string, token: string) => Promise<void>;
}

/**
 * Translates an event that SES publishes to a topic of SNS (facts, providers §3.1), and confirms the topic's
 * subscription. Our id comes back as a tag of the message, so the topic must be an event destination of the
 * configuration set: notifications of an identity carry no tags and are left out. Rejects when the message should come
 * again.
 */
export async function readSesWebhook(
  rawBody: Buffer,
  { read, confirm, now }: TopicAccount & { readonly now: Date },
): Promise<WebhookResult> {
  const sns = await read(rawBody, now);
  if (!sns.ok) return sns;
  if (sns.kind === 'subscription') await confirm(sns.topicArn, sns.token);
  if (sns.kind !== 'notification') return { ok: true, reports: [] };

  const event = fieldsOf(sns.message);
  const { notification_id: ids } = fieldsOf(fieldsOf(event['mail'])['tags']);
  const notificationId = asNotificationId(Array.isArray(ids) ? ids[0] : undefined);
  const news = newsOf(event);
  if (notificationId === undefined || news === undefined) return { ok: true, reports: [] };
  const { about, ...kind } = news;
  const at = timeOf(about['timestamp']) ?? sns.at.toISOString();
  return {
    ok: true,
    reports: [{ notificationId, at, provider: 'ses', providerEventId: sns.messageId, ...kind }],
  };
}

type Fields = ReturnType<typeof fieldsOf>;
type News = Pick<DeliveryReport, 'kind' | 'permanent' | 'reason' | 'url'> & {
  /** The event's own part, which holds its time. */
  readonly about: Fields;
};

/** SES did not even try: the address bounced or complained before, at this account or another of SES. */
const SUPPRESSED: ReadonlySet<unknown> = new Set(['OnAccountSuppressionList', 'Suppressed']);

function newsOf(event: Fields): News | undefined {
  const part = (name: string): Fields => fieldsOf(event[name]);
  switch (event['eventType']) {
    case 'Delivery':
      return { kind: 'delivered', about: part('delivery') };
    case 'Open':
      return { kind: 'opened', about: part('open') };
    case 'Click':
      return { kind: 'clicked', about: part('click'), ...linkOf(part('click')['link']) };
    case 'Bounce':
      return bounceOf(part('bounce'));
    case 'Complaint': {
      const about = part('complaint');
      return SUPPRESSED.has(about['complaintSubType'])
        ? { kind: 'undelivered', permanent: false, reason: 'dropped_suppressed_address', about }
        : { kind: 'complained', about };
    }
    case 'Reject':
      return { kind: 'undelivered', permanent: false, reason: 'rejected', about: part('reject') };
    case 'Rendering Failure':
      return {
        kind: 'undelivered',
        permanent: false,
        reason: 'rendering_failure',
        about: part('failure'),
      };
    default:
      return undefined;
  }
}

function bounceOf(about: Fields): News {
  const permanent = about['bounceType'] === 'Permanent';
  if (SUPPRESSED.has(about['bounceSubType'])) {
    return { kind: 'undelivered', permanent, reason: 'dropped_suppressed_address', about };
  }
  const { bouncedRecipients: recipients } = about;
  const [first] = Array.isArray(recipients) ? (recipients as readonly unknown[]) : [];
  const reason =
    enhancedStatus(fieldsOf(first)['status']) ?? wordOf(about['bounceSubType']) ?? 'bounce';
  return { kind: 'bounced', permanent, reason, about };
}

/** ISO 8601, before the year 2100. */
function timeOf(value: unknown): string | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return time > 0 && time < 4_102_444_800_000 ? new Date(time).toISOString() : undefined;
}
