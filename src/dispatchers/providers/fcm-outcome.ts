import type { FirebaseError } from 'firebase-admin/app';
import type { DeviceOutcome } from './devices.ts';
import { deferred, refusal, rejected, retryAfterMs, unknown } from './outcome.ts';
import type { Outcome } from './provider.ts';

/** What `send()` resolves to is the `name` of the answer, checked by nobody. */
export const outcomeOfName = (name: unknown): Outcome =>
  typeof name === 'string' && name !== ''
    ? { kind: 'accepted', providerMessageId: name }
    : unknown('no_message_id', 'a success without a message id');

/** Maps an error of `send()`. The SDK's code alone is not enough: it calls every JSON 404 an unregistered device (facts §0 row 7). */
export function outcomeOfError(error: unknown): DeviceOutcome {
  const { code = 'unknown', httpResponse, cause } = error as Partial<FirebaseError>;
  if (httpResponse !== undefined) {
    return outcomeOfAnswer(httpResponse.status, httpResponse.headers, httpResponse.data);
  }
  if (code.startsWith('messaging/')) {
    return { outcome: rejected('invalid_message', 'the SDK refused the message', 'message') };
  }
  if (code === 'app/invalid-credential') {
    return { outcome: deferred('no_access_token', 'no access token could be had') };
  }
  if (neverConnected(cause)) {
    return { outcome: deferred('not_connected', 'no connection, nothing was sent') };
  }
  return {
    outcome: unknown(
      code === 'app/network-timeout' ? 'timeout' : 'connection_lost',
      'the request was written and no answer came',
    ),
  };
}

function outcomeOfAnswer(
  status: number,
  headers: Readonly<Record<string, string | undefined>>,
  data: string | object | undefined,
): DeviceOutcome {
  const fcmCode = fcmCodeOf(data);
  switch (fcmCode) {
    case 'UNREGISTERED':
      return {
        outcome: rejected('fcm_unregistered', 'the device is no longer registered', 'recipient'),
        dead: true,
      };
    case 'SENDER_ID_MISMATCH':
      return {
        outcome: rejected('fcm_sender_mismatch', 'the device belongs to another app', 'recipient'),
      };
    case 'QUOTA_EXCEEDED':
      return {
        outcome: deferred(
          'fcm_quota_exceeded',
          'the provider limits our rate',
          retryAfterMs(headers, Date.now()),
        ),
      };
    case 'THIRD_PARTY_AUTH_ERROR':
      return {
        outcome: rejected('fcm_third_party_auth', 'the push certificate fails', 'configuration'),
      };
    default:
      return status < 300
        ? { outcome: unknown('unreadable_answer', 'a success that could not be read') }
        : { outcome: refusal(status, headers) };
  }
}

/** The `errorCode` of the FcmError detail: the only proof that FCM itself, not a proxy or a wrong project, said so. */
function fcmCodeOf(data: string | object | undefined): string | undefined {
  const details = (data as { error?: { details?: unknown } } | undefined)?.error?.details;
  if (!Array.isArray(details)) return undefined;
  const detail = (details as readonly { '@type'?: unknown; errorCode?: unknown }[]).find(
    (each) => each['@type'] === 'type.googleapis.com/google.firebase.fcm.v1.FcmError',
  );
  return typeof detail?.errorCode === 'string' ? detail.errorCode : undefined;
}

const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

function neverConnected(cause: Error | undefined): boolean {
  const { code = '', syscall = '' } = (cause ?? {}) as NodeJS.ErrnoException;
  return syscall === 'connect' || syscall === 'getaddrinfo' || NEVER_CONNECTED.has(code);
}
