import type { DemoClient } from './client.ts';
import { endingOf, type Group, planOf } from './plan.ts';
import type { Tracker } from './tracker.ts';

const request = `mutation ($input: RequestNotificationsInput!) {
  requestNotifications(input: $input) {
    refused
    results {
      __typename
      ... on NotificationAccepted { notificationId userId }
      ... on NotificationSuppressed { notificationId userId }
      ... on RequestRefused { userId code message }
    }
  }
}`;

interface Results {
  readonly requestNotifications: {
    readonly results: readonly (
      | {
          readonly __typename: 'RequestRefused';
          readonly userId: string;
          readonly code: string;
          readonly message: string;
        }
      | {
          readonly __typename: 'NotificationAccepted' | 'NotificationSuppressed';
          readonly notificationId: string;
          readonly userId: string;
        }
    )[];
  };
}

const callsInFlight = 12;

/** Sends the whole plan, never more than a window ahead of what has come to its end. */
export const sendAll = async (
  client: DemoClient,
  tracker: Tracker,
  options: {
    readonly runId: string;
    readonly notifications: number;
    readonly window: number;
    readonly stalledMs: number;
  },
): Promise<void> => {
  const groups = planOf(options.notifications);
  const worker = async () => {
    for (const group of groups) {
      await roomFor(tracker, options.window, options.stalledMs);
      await sendGroup(client, tracker, group, `${options.runId}/${group.key}`);
    }
  };
  await Promise.all(Array.from({ length: callsInFlight }, worker));
};

const roomFor = async (tracker: Tracker, window: number, stalledMs: number): Promise<void> => {
  while (tracker.underWay() >= window) await nextChange(tracker, stalledMs);
};

/** @throws Error when nothing comes to its end for so long */
export const nextChange = async (tracker: Tracker, stalledMs: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`nothing came to its end for ${stalledMs / 1_000} s`));
    }, stalledMs);
  });
  try {
    await Promise.race([tracker.changed(), stalled]);
  } finally {
    clearTimeout(timer);
  }
};

const sendGroup = async (
  client: DemoClient,
  tracker: Tracker,
  { template, channel, users, variables }: Group,
  idempotencyKey: string,
): Promise<void> => {
  const byId = new Map(users.map((user) => [user.userId, user]));
  const input = {
    userIds: [...byId.keys()],
    channel: channel.toUpperCase(),
    template: template.name,
    variables,
    idempotencyKey,
  };
  const { requestNotifications } = await client.run<Results>(request, { input });
  for (const result of requestNotifications.results) {
    const user = byId.get(result.userId);
    if (result.__typename === 'RequestRefused' || !user) {
      const why =
        'code' in result ? `${result.code}: ${result.message}` : 'no such user was asked for';
      throw new Error(`${template.name} over ${channel} to ${result.userId} was refused, ${why}`);
    }
    tracker.expect(result.notificationId, endingOf(user, template, channel));
  }
};
