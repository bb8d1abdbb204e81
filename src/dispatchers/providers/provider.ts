import type { Platform } from '../../domain/user/state.ts';
import type { Category } from '../../domain/vocabulary.ts';

/** A rendered email. Addresses are single and validated before they get here. */
export interface EmailMessage {
  readonly channel: 'email';
  readonly notificationId: string;
  readonly attempt: number;
  readonly to: { readonly address: string; readonly name?: string };
  readonly from: { readonly address: string; readonly name?: string };
  readonly subject: string;
  readonly html?: string;
  readonly text: string;
  /** Not personal: providers keep it in their statistics. */
  readonly category: string;
  /** Adds `List-Unsubscribe` and `List-Unsubscribe-Post` (RFC 8058). Only an URL that Tidings built. */
  readonly unsubscribeUrl?: string;
}

/** A rendered text message. */
export interface SmsMessage {
  readonly channel: 'sms';
  readonly notificationId: string;
  readonly attempt: number;
  /** E.164. */
  readonly to: string;
  readonly body: string;
  readonly category: Category;
  /** Where the provider reports the status; its query carries our id as `nid`. */
  readonly statusCallbackUrl: string;
}

/** A device as the push services know it. */
export interface PushDevice {
  readonly platform: Platform;
  /** Of Web Push: the endpoint. */
  readonly token: string;
  /** Of Web Push, for its encryption. */
  readonly keys?: { readonly p256dh: string; readonly auth: string };
}

/** A rendered push message for one user. */
export interface PushMessage {
  readonly channel: 'push';
  readonly notificationId: string;
  readonly attempt: number;
  /** All of the user's devices, at least one; an adapter sends to those of its platform. */
  readonly devices: readonly PushDevice[];
  readonly title: string;
  readonly body: string;
  /** Already holds `notificationId`, `ackUrl` and `ackToken`. */
  readonly data: Readonly<Record<string, string>>;
}

/** A message for the user's inbox inside the product. */
export interface InAppMessage {
  readonly channel: 'in_app';
  readonly notificationId: string;
  readonly attempt: number;
  readonly userId: string;
  readonly title: string;
  readonly body: string;
  /** Where a click leads. */
  readonly actionUrl?: string;
}

export type RenderedMessage = EmailMessage | SmsMessage | PushMessage | InAppMessage;

/**
 * What became of one call. `code` and `detail` are our own words: never an address, a token, a credential or a
 * raw SDK error, because SDK errors carry the live credential (facts, providers §0 row 5).
 */
export type Outcome =
  /** The provider took it. `deadTokens` are devices that no longer exist. */
  | {
      readonly kind: 'accepted';
      readonly providerMessageId: string;
      readonly deadTokens?: readonly string[];
    }
  /** Certainly not accepted; worth another attempt (429, 5xx, connection refused). */
  | {
      readonly kind: 'deferred';
      readonly code: string;
      readonly detail: string;
      readonly retryAfterMs?: number;
    }
  /** Certainly not accepted, and another attempt would end the same way. `scope` says whose fault it is. */
  | {
      readonly kind: 'rejected';
      readonly code: string;
      readonly detail: string;
      readonly scope: 'recipient' | 'message' | 'configuration';
      readonly deadTokens?: readonly string[];
    }
  /** Bytes were written and the answer never came: accepted or not, nobody here knows. */
  | { readonly kind: 'unknown'; readonly code: string; readonly detail: string };

/** One provider of one channel: a function from a rendered message to an outcome. */
export interface Provider<M extends RenderedMessage = RenderedMessage> {
  readonly name: string;
  readonly channel: M['channel'];
  /** What a second call for the same notification does: nothing, merged on the device, a second message. */
  readonly repeat: 'safe' | 'merged' | 'unsafe';
  /** Milliseconds after which `send` gives up waiting and answers `unknown`. */
  readonly timeoutMs: number;
  /** Calls the provider once and never throws; a refusal or a failure is an outcome. */
  send(message: M): Promise<Outcome>;
  /** Closes idle connections; sends under way end by themselves. */
  close(): Promise<void>;
}
