import { createHmac, timingSafeEqual } from 'node:crypto';
import { asNotificationId, oneHeader, refuse } from './report.ts';
import type { DeliveryReport, Refusal, WebhookHeaders, WebhookResult } from './report.ts';

/**
 * Verifies and translates a Twilio status callback: HMAC-SHA1 over the URL and the sorted form fields (facts, providers
 * §3). `url` is the full public URL that Twilio called, query included, not the one behind a proxy; its `nid` is our id.
 * Twilio may sign it with or without the standard port. Twilio sends no time, so `now` (default: the clock) dates the report.
 */
export function readTwilioWebhook(
  rawBody: Buffer,
  headers: WebhookHeaders,
  config: { readonly authToken: string; readonly url: string; readonly now?: Date },
): WebhookResult {
  const form = readSignedForm(rawBody, headers, config);
  if (!(form instanceof URLSearchParams)) return form;

  const notificationId = asNotificationId(queryOf(config.url).get('nid'));
  const sid = form.get('MessageSid') ?? form.get('SmsSid');
  const status = form.get('MessageStatus') ?? form.get('SmsStatus');
  if (sid === null || status === null || !/^\w{1,64}$/.test(sid)) {
    return refuse(400, 'the form names no message or no status');
  }
  const news = newsOf(status, form.get('ErrorCode'));
  if (notificationId === undefined || news === undefined) return { ok: true, reports: [] };
  return {
    ok: true,
    reports: [
      {
        notificationId,
        at: (config.now ?? new Date()).toISOString(),
        provider: 'twilio',
        providerEventId: `${sid}:${status}`,
        ...news,
      },
    ],
  };
}

/** The form of a request that Twilio has signed, or why it isn't one. */
export function readSignedForm(
  rawBody: Buffer,
  headers: WebhookHeaders,
  config: { readonly authToken: string; readonly url: string },
): URLSearchParams | Refusal {
  const signature = oneHeader(headers, 'x-twilio-signature');
  if (signature === undefined) return refuse(401, 'not signed');
  const form = new URLSearchParams(rawBody.toString('utf8'));
  const signed = urlsToTry(config.url).some((url) => holds(signature, config.authToken, url, form));
  return signed ? form : refuse(401, 'wrong signature');
}

/** The exact URL, and the same with the standard port added or taken away. */
function urlsToTry(url: string): readonly string[] {
  const parts = /^(https?):\/\/([^/?#:]+|\[[^\]]*\])(:\d+)?(.*)$/is.exec(url);
  if (parts === null) return [url];
  const [, scheme = '', host = '', port, rest = ''] = parts;
  const standard = scheme.toLowerCase() === 'https' ? ':443' : ':80';
  if (port === undefined) return [url, `${scheme}://${host}${standard}${rest}`];
  return port === standard ? [url, `${scheme}://${host}${rest}`] : [url];
}

function holds(signature: string, authToken: string, url: string, form: URLSearchParams): boolean {
  const names = [...new Set(form.keys())].sort();
  const text = names.reduce(
    (sum, name) =>
      sum + [...new Set(form.getAll(name))].sort().reduce((all, value) => all + name + value, ''),
    url,
  );
  const expected = createHmac('sha1', authToken).update(text).digest('base64');
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
}

function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1).split('#', 1)[0]);
}

/** Codes that say the number itself is bad: unknown, landline, opted out, invalid, not mobile (facts, providers §2.2). */
const BAD_NUMBER: ReadonlySet<string> = new Set(['30005', '30006', '21610', '21211', '21614']);

function newsOf(
  status: string,
  errorCode: string | null,
): Pick<DeliveryReport, 'kind' | 'permanent' | 'reason'> | undefined {
  switch (status) {
    case 'delivered':
      return { kind: 'delivered' };
    case 'read':
      return { kind: 'opened' };
    case 'undelivered':
    case 'failed': {
      const code = errorCode !== null && /^\d{1,6}$/.test(errorCode) ? errorCode : undefined;
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
