import type { DemoClient } from './client.ts';
import type { FeedUpdate } from './tracker.ts';

const acknowledge = `mutation ($inputs: [AcknowledgementInput!]!) {
  acknowledgeNotifications(inputs: $inputs) { recorded }
}`;
const mostPerCall = 100;
const gatherMs = 40;

/** Every other reader opens what arrives in the inbox. */
const opens = (notificationId: string): boolean =>
  Number.parseInt(notificationId.slice(-1), 16) % 2 === 0;

/** The users' open pages: they acknowledge what arrives in the inbox, as the inbox component does. */
export const openInboxes = (client: DemoClient, failed: (error: unknown) => void) => {
  const waiting: { readonly notificationId: string; readonly kind: string }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const pending = new Set<Promise<void>>();

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting.splice(0, mostPerCall);
    if (batch.length === 0) return;
    const call = client.run(acknowledge, { inputs: batch }).then(() => undefined, failed);
    pending.add(call);
    void call.finally(() => pending.delete(call));
    if (waiting.length > 0) timer = setTimeout(flush, 0);
  };

  return {
    see: ({ channel, type, notificationId }: FeedUpdate): void => {
      if (channel !== 'IN_APP' || type !== 'SENT') return;
      waiting.push({ notificationId, kind: 'DELIVERED' });
      if (opens(notificationId)) waiting.push({ notificationId, kind: 'OPENED' });
      if (waiting.length >= mostPerCall) flush();
      else timer ??= setTimeout(flush, gatherMs);
    },
    idle: async (): Promise<void> => {
      while (waiting.length > 0 || pending.size > 0) {
        flush();
        await Promise.all(pending);
      }
    },
  };
};
