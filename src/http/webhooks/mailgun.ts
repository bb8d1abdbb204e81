import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { asNotificationId, enhancedStatus, fieldsOf, linkOf, refuse, wordOf } from './report.ts';
import type { DeliveryReport, WebhookResult } from './report.ts';

/** Mailgun tries for eight hours; whether it signs anew each time it doesn't say. */
const OLDEST_SECONDS = 9 * 3600;
const NEWEST_SECONDS = 300;

/**
 * The bodies that came with each token. The signature doesn't cover the body (facts, providers §3), so a token that was
 * used once is good for the same body only.
 */
const bodies = new LRUCache<string, string>({ max: 100_000, ttl: OLDEST_SECONDS * 1000 });

/**
 * Verifies and translates an event of Mailgun: HMAC-SHA256 over timestamp and token with the webhook signing key.
 * Events that are not ours, or that change nothing, are left out.
 */
export function readMailgunWebhook(
  rawBody: Buffer,
  config: { readonly signingKey: string; readonly now: Date },
): WebhookResult {
  const parsed = parse(rawBody);
  if (parsed === undefined) return refuse(400, 'the body is not a JSON object');
  const { timestamp, token, signature } = fieldsOf(parsed['signature']);
  if (typeof timestamp !== 'string' || typeof token !== 'string' || typeof signature !== 'string') {
    return refuse(401, 'not signed');
  }
  if (!/^\d{1,12}$/.test(timestamp) || token.length < 16 || token.length > 200) {
    return refuse(401, 'malformed signature');
  }
  const expected = createHmac('sha256', config.signingKey)
    .update(timestamp + token)
    .digest('hex');
  if (!isSame(signature, expected)) return refuse(401, 'wrong signature');
  const age = config.now.getTime() / 1000 - Number(timestamp);
  if (age > OLDEST_SECONDS || age < -NEWEST_SECONDS) return refuse(401, 'timestamp out of range');
  const body = hash('sha256', rawBody, 'base64');
  if ((bodies.get(token) ?? body) !== body) return refuse(401, 'the token was used before');
  bodies.set(token, body);
  return { ok: true, reports: translate(fieldsOf(parsed['event-data']), config.now) };
}

function parse(rawBody: Buffer): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(rawBody.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? fieldsOf(parsed) : undefined;
  } catch {
    return undefined;
  }
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

type Fields = ReturnType<typeof fieldsOf>;
type News = Pick<DeliveryReport, 'kind' | 'permanent' | 'reason' | 'url'>;

function translate(event: Fields, now: Date): readonly DeliveryReport[] {
  // `[]` where there are none.
  const { notification_id: ours } = fieldsOf(event['user-variables']);
  const notificationId = asNotificationId(ours);
  const news = newsOf(event);
  if (notificationId === undefined || news === undefined) return [];
  const at = timeOf(event['timestamp']) ?? now.toISOString();
  const { id } = event;
  const providerEventId =
    typeof id === 'string' && id !== '' && id.length <= 200
      ? id
      : `${notificationId}:${news.kind}:${at}`;
  return [{ notificationId, at, provider: 'mailgun', providerEventId, ...news }];
}

function newsOf(event: Fields): News | undefined {
  switch (event['event']) {
    case 'delivered':
      return { kind: 'delivered' };
    case 'opened':
      return { kind: 'opened' };
    case 'clicked':
      return { kind: 'clicked', ...linkOf(event['url']) };
    case 'complained':
      return { kind: 'complained' };
    case 'rejected':
      return { kind: 'undelivered', permanent: false, reason: 'rejected' };
    case 'failed':
      return failureOf(event);
    default:
      return undefined;
  }
}

/** Gave up after trying long enough; a full mailbox or a policy is no proof that the address is bad. */
const NO_PROOF = /^(4\.|5\.2\.2$|5\.7\.)/;

function failureOf(event: Fields): News | undefined {
  // Mailgun goes on trying by itself: a delay, not yet a bounce.
  if (event['severity'] !== 'permanent') return undefined;
  const reason = wordOf(event['reason']) ?? 'failed';
  if (reason.startsWith('suppress-')) {
    return { kind: 'undelivered', permanent: reason === 'suppress-bounce', reason };
  }
  const status = enhancedStatus(fieldsOf(event['delivery-status'])['enhanced-code']);
  const isNoProof = reason === 'old' || (status !== undefined && NO_PROOF.test(status));
  return { kind: 'bounced', permanent: !isNoProof, reason: status ?? reason };
}

/** Epoch seconds with a fraction, before the year 2100. */
const timeOf = (value: unknown): string | undefined =>
  typeof value === 'number' && value > 0 && value < 4_102_444_800
    ? new Date(value * 1000).toISOString()
    : undefined;
