import { chance } from './chance.ts';
import type { ProviderName } from './faults.ts';
import type { CallbackDraft } from './ledger.ts';
import { asText, relativeTo } from './vendor.ts';
import type { Message } from './vendor.ts';

/** A message on its way to a device, with the data that the app gets. */
export interface Push extends Message {
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a device says to `data.ackUrl`: that it received the message, and about 40 % that it was opened. */
export function acknowledgementsOf(
  provider: ProviderName,
  { notificationId, data }: Push,
  now: number,
  config: { readonly webhookBaseUrl: string; readonly seed: number },
): CallbackDraft[] {
  const ackUrl = asText(data['ackUrl']);
  if (notificationId === null || ackUrl === null || !URL.canParse(ackUrl)) return [];
  const acknowledgement = (event: 'delivered' | 'opened', at: number): CallbackDraft => ({
    provider,
    url: relativeTo(config.webhookBaseUrl, ackUrl),
    dueAt: Math.round(at),
    body: JSON.stringify({ notificationId, event, token: data['ackToken'] }),
  });
  const delivery = now + 20 + chance(config.seed, 'delivery', notificationId) * 60;
  const opening = delivery + 100 + chance(config.seed, 'opening', notificationId) * 500;
  return [
    acknowledgement('delivered', delivery),
    ...(chance(config.seed, 'interest', notificationId) < 0.4
      ? [acknowledgement('opened', opening)]
      : []),
  ];
}
