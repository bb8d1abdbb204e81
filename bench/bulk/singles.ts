import { setTimeout as after } from 'node:timers/promises';
import type { TidingsProcess } from '../../tools/tidingsProcess.ts';

const IN_FLIGHT = 64;
const URGENT_EVERY_MS = 100;
const PATIENCE_MS = 60_000;

/** A single send, by when its request left here. */
interface Single {
  readonly id: string;
  readonly askedAt: number;
}

const request = `mutation ($input: RequestNotificationInput!) {
  requestNotification(input: $input) { __typename ... on NotificationAccepted { notificationId } ... on RequestRefused { message } }
}`;

const send = async (
  tidings: TidingsProcess,
  channel: string,
  userId: string,
  priority: string,
): Promise<Single> => {
  const input = { userId, channel, template: 'news', variables: { product: 'Tea' }, priority };
  const askedAt = Date.now();
  const { requestNotification } = await tidings.run<{
    requestNotification: { notificationId?: string; message?: string };
  }>(request, { input });
  const id = requestNotification.notificationId;
  if (id === undefined) throw new Error(requestNotification.message ?? 'suppressed');
  return { id, askedAt };
};

/** When each was handed to its provider, by the log; waits until all were. */
const sentAt = async (tidings: TidingsProcess, id: string): Promise<number> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { notification } = await tidings.run<{ notification: { sentAt: string | null } | null }>(
      'query ($id: ID!) { notification(id: $id) { sentAt } }',
      { id },
    );
    if (notification?.sentAt) return Date.parse(notification.sentAt);
    if (Date.now() > deadline) throw new Error(`${id} was not sent`);
    await after(50);
  }
};

/** Single sends, one request each, as fast as they go with 64 under way; until the last one is dispatched. */
export const sendSingles = async (
  tidings: TidingsProcess,
  channel: string,
  count: number,
  userIdOf: (n: number) => string,
) => {
  const began = Date.now();
  const cpuBefore = tidings.cpuMs();
  let next = 0;
  const last: Single[] = [];
  const worker = async () => {
    while (next < count) {
      const n = next;
      next += 1;
      const single = await send(tidings, channel, userIdOf(n), 'NORMAL');
      if (n >= count - IN_FLIGHT) last.push(single);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const ends = await Promise.all(last.map(({ id }) => sentAt(tidings, id)));
  const seconds = (Math.max(...ends) - began) / 1_000;
  const cpuUsEach = ((tidings.cpuMs() - cpuBefore) * 1_000) / count;
  return { perSecond: count / seconds, cpuUsEach };
};

/** Urgent singles, ten a second whatever their answers take, until they are stopped. */
export const startUrgents = (
  tidings: TidingsProcess,
  channel: string,
  userIdOf: (n: number) => string,
): { stop(): Promise<readonly Single[]> } => {
  const sent: Promise<Single>[] = [];
  const timer = setInterval(() => {
    sent.push(send(tidings, channel, userIdOf(sent.length * 37), 'URGENT'));
  }, URGENT_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(sent);
    },
  };
};

/** From the request's leaving here to the provider's acceptance, in milliseconds. */
export const latencies = async (tidings: TidingsProcess, singles: readonly Single[]) => {
  const values: number[] = [];
  for (const { id, askedAt } of singles) values.push((await sentAt(tidings, id)) - askedAt);
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1), count: sorted.length };
};
