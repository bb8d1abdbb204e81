/** What a provider, or a device, told us about one notification. */
export interface DeliveryReport {
  readonly notificationId: string;
  readonly kind: 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained' | 'undelivered';
  /** ISO 8601. */
  readonly at: string;
  readonly provider: string;
  /** The same for every repeat of the same news. */
  readonly providerEventId: string;
  /** The address itself is bad: do not use it again. */
  readonly permanent?: boolean;
  /** A code or a class, never the provider's text: that may hold the address. */
  readonly reason?: string;
  /** The link that was clicked. */
  readonly url?: string;
}

/** A webhook that isn't taken. 401: the signature does not hold. 400: it holds, but the body can't be read. `reason` is fit for a log. */
export interface Refusal {
  readonly ok: false;
  readonly status: 400 | 401;
  readonly reason: string;
}

export type WebhookResult =
  { readonly ok: true; readonly reports: readonly DeliveryReport[] } | Refusal;

/** Headers as Node gives them: lower-case names. */
export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>;

export const refuse = (status: 400 | 401, reason: string): Refusal => ({
  ok: false,
  status,
  reason,
});

/** The fields of a JSON object, none for anything else. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

/** An enhanced status code of SMTP (RFC 3463). */
export const enhancedStatus = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[245]\.\d{1,3}\.\d{1,3}$/.test(value) ? value : undefined;

/** A link that was clicked, if it is fit to be kept. */
export const linkOf = (value: unknown): { readonly url?: string } =>
  typeof value === 'string' && value.length <= 2000 && /^https?:\/\//.test(value)
    ? { url: value }
    : {};

/** A word of a provider's vocabulary; its sentences may hold an address. */
export const wordOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w-]{1,40}$/.test(value) ? value : undefined;

/** The value of a header that must occur once. */
export function oneHeader(headers: WebhookHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Our id as it comes back from outside: undefined unless it could be one. */
export const asNotificationId = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : undefined;
