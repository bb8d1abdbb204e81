import { createHmac, timingSafeEqual } from 'node:crypto';
import { asNotificationId, refuse } from './report.ts';
import type { DeliveryReport, WebhookResult } from './report.ts';

const MOST_ACKNOWLEDGEMENTS = 500;

const KINDS = {
  delivered: 'delivered',
  received: 'delivered',
  opened: 'opened',
  clicked: 'clicked',
} as const satisfies Readonly<Record<string, DeliveryReport['kind']>>;

/**
 * The token that a push message carries so that its device may acknowledge this one notification until `expiresAt`:
 * expiry in seconds, then HMAC-SHA256 over id and expiry.
 */
export function deviceAckToken(notificationId: string, expiresAt: Date, secret: string): string {
  const expiry = Math.floor(expiresAt.getTime() / 1000).toString(36);
  return `${expiry}.${mac(notificationId, expiry, secret)}`;
}

const mac = (notificationId: string, expiry: string, secret: string): string =>
  createHmac('sha256', secret).update(`${notificationId}\n${expiry}`).digest('base64url');

/**
 * Verifies and translates acknowledgements of devices: `{notificationId, event, token}`, or an array of up to 500.
 * `event` is delivered (or received), opened or clicked; others are left out. Of a batch, those whose token holds are
 * taken; 401 when there are some and none holds.
 */
export function readDeviceAcknowledgements(
  rawBody: Buffer,
  config: { readonly secret: string; readonly now: Date },
): WebhookResult {
  const items = parseItems(rawBody);
  if (items === undefined) return refuse(400, 'the body is not JSON');
  if (items.length > MOST_ACKNOWLEDGEMENTS) return refuse(400, 'too many acknowledgements');
  const genuine = items.flatMap((item) => {
    const { notificationId, token, event } = item;
    const id = asNotificationId(notificationId);
    return id !== undefined && holds(id, token, config) ? [{ id, event }] : [];
  });
  if (genuine.length === 0 && items.length > 0) return refuse(401, 'no valid token');
  return {
    ok: true,
    reports: genuine.flatMap(({ id, event }) => {
      const kind = kindOf(event);
      return kind === undefined
        ? []
        : [
            {
              notificationId: id,
              kind,
              at: config.now.toISOString(),
              provider: 'device',
              providerEventId: `${id}:${kind}`,
            },
          ];
    }),
  };
}

type Item = Readonly<Record<string, unknown>>;

function parseItems(rawBody: Buffer): readonly Item[] | undefined {
  try {
    const parsed: unknown = JSON.parse(rawBody.toString('utf8'));
    const items: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
    return items.every((item) => typeof item === 'object' && item !== null)
      ? (items as readonly Item[])
      : undefined;
  } catch {
    return undefined;
  }
}

function holds(
  notificationId: string,
  token: unknown,
  { secret, now }: { readonly secret: string; readonly now: Date },
): boolean {
  if (typeof token !== 'string' || token.length > 100) return false;
  const [expiry = '', given = ''] = token.split('.');
  const expected = Buffer.from(mac(notificationId, expiry, secret));
  const presented = Buffer.from(given);
  if (presented.length !== expected.length || !timingSafeEqual(presented, expected)) return false;
  return Number.parseInt(expiry, 36) * 1000 > now.getTime();
}

const kindOf = (event: unknown): DeliveryReport['kind'] | undefined =>
  typeof event === 'string' && Object.hasOwn(KINDS, event)
    ? KINDS[event as keyof typeof KINDS]
    : undefined;
