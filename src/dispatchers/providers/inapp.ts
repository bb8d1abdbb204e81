import type { InAppMessage, Provider } from './provider.ts';

/** The user's inbox inside the product: the event log already holds the message, so it is accepted at once. */
export function createInApp(): Provider<InAppMessage> {
  return {
    name: 'inapp',
    channel: 'in_app',
    repeat: 'safe',
    timeoutMs: 1000,
    send: (message) =>
      Promise.resolve({ kind: 'accepted', providerMessageId: message.notificationId }),
    close: () => Promise.resolve(),
  };
}
