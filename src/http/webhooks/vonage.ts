import { hash, timingSafeEqual } from 'node:crypto';
import { jwtVerify } from 'jose';
import { asNotificationId, fieldsOf, oneHeader, refuse } from './report.ts';
import type { DeliveryReport, Refusal, WebhookHeaders, WebhookResult } from './report.ts';
import type { InboundWebhook } from './twilioInbound.ts';

export interface VonageWebhookAccount {
  readonly signatureSecret: string;
  readonly applicationId: string;
}

type Call = VonageWebhookAccount & { readonly now: Date };
type Fields = ReturnType<typeof fieldsOf>;

/**
 * Verifies and translates a status of Vonage's Messages API (facts, providers §3 and §3.1): a token (HS256) of at most
 * five minutes that holds a hash of the raw body. The vendor's own verifier looks at neither age nor body. Statuses that
 * change nothing, or that are not about a message of ours, are left out.
 */
export async function readVonageWebhook(
  rawBody: Buffer,
  headers: WebhookHeaders,
  call: Call,
): Promise<WebhookResult> {
  const body = await readSigned(rawBody, headers, call);
  if ('ok' in body) return body;
  const { message_uuid: uuid, status } = body.fields;
  if (typeof uuid !== 'string' || typeof status !== 'string' || !/^[\w-]{1,64}$/.test(uuid)) {
    return refuse(400, 'the body names no message or no status');
  }
  const notificationId = asNotificationId(body.fields['client_ref']);
  const news = newsOf(status, body.fields);
  if (notificationId === undefined || news === undefined) return { ok: true, reports: [] };
  return {
    ok: true,
    reports: [
      {
        notificationId,
        at: timeOf(body.fields['timestamp']) ?? call.now.toISOString(),
        provider: 'vonage',
        providerEventId: `${uuid}:${status}`,
        ...news,
      },
    ],
  };
}

/** Verifies and reads a text message that somebody sent to us, signed like a status. */
export async function readVonageInbound(
  rawBody: Buffer,
  headers: WebhookHeaders,
  call: Call,
): Promise<InboundWebhook> {
  const body = await readSigned(rawBody, headers, call);
  if ('ok' in body) return body;
  const { from, text, message_uuid: id } = body.fields;
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) {
    return refuse(400, 'the body names no message');
  }
  if (typeof from !== 'string' || !/^\+?[1-9]\d{6,14}$/.test(from)) {
    return refuse(400, 'the body names no sender');
  }
  const said = typeof text === 'string' ? text.slice(0, 1_600) : '';
  const sender = `+${from.replace('+', '')}`;
  return { ok: true, text: { id, provider: 'vonage', from: sender, body: said } };
}

async function readSigned(
  rawBody: Buffer,
  headers: WebhookHeaders,
  { signatureSecret, applicationId, now }: Call,
): Promise<{ readonly fields: Fields } | Refusal> {
  const [scheme, token = ''] = (oneHeader(headers, 'authorization') ?? '').split(' ');
  if (scheme !== 'Bearer' || token === '') return refuse(401, 'not signed');
  try {
    const { payload } = await jwtVerify(token, Buffer.from(signatureSecret), {
      algorithms: ['HS256'],
      issuer: 'Vonage',
      maxTokenAge: '5m',
      clockTolerance: 30,
      requiredClaims: ['iat', 'jti', 'payload_hash'],
      currentDate: now,
    });
    const { payload_hash: given, application_id: application = applicationId } = payload;
    if (application !== applicationId) return refuse(401, 'not our application');
    if (!isHashOf(given, rawBody)) return refuse(401, 'the body is not the one that was signed');
  } catch {
    return refuse(401, 'wrong signature, or too old');
  }
  try {
    return { fields: fieldsOf(JSON.parse(rawBody.toString('utf8'))) };
  } catch {
    return refuse(400, 'the body is not JSON');
  }
}

function isHashOf(given: unknown, rawBody: Buffer): boolean {
  if (typeof given !== 'string') return false;
  const expected = Buffer.from(hash('sha256', rawBody));
  const presented = Buffer.from(given.toLowerCase());
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}

/** Codes that say the number itself is bad. All else, of which there is much, may be only for now. */
const BAD_NUMBER: ReadonlySet<string> = new Set(['1240']);

function newsOf(
  status: string,
  fields: Fields,
): Pick<DeliveryReport, 'kind' | 'permanent' | 'reason'> | undefined {
  switch (status) {
    case 'delivered':
      return { kind: 'delivered' };
    case 'read':
      return { kind: 'opened' };
    case 'rejected':
    case 'undeliverable': {
      const code = errorCodeOf(fieldsOf(fields['error']));
      return {
        kind: 'undelivered',
        permanent: code !== undefined && BAD_NUMBER.has(code),
        reason: code ?? status,
      };
    }
    default:
      return undefined;
  }
}

/** `1240`, as the title or at the end of the type, which is an URL. */
const errorCodeOf = ({ title, type }: Fields): string | undefined =>
  [title, type]
    .map((text) => (typeof text === 'string' ? /\d{3,5}$/.exec(text)?.[0] : undefined))
    .find((code) => code !== undefined);

/** ISO 8601, before the year 2100. */
function timeOf(value: unknown): string | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return time > 0 && time < 4_102_444_800_000 ? new Date(time).toISOString() : undefined;
}
