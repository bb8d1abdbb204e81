import { notificationSchemas } from '../../src/domain/notification/events.ts';
import { connectEventStore } from '../../src/eventstore/client.ts';
import { startEventStoreProcess } from '../../tools/eventStoreProcess.ts';

const PAGE = 2_000;

/** What the log tells of one notification. */
export interface Story {
  /** Attempts that were started. */
  readonly started: number;
  /** What providers called the messages that they are known to have taken. */
  readonly sentAs: readonly { readonly provider: string; readonly providerMessageId: string }[];
  readonly sentAttempts: readonly number[];
  /** Calls of which nobody could know what they came to. */
  readonly doubts: readonly { readonly provider: string; readonly resolution: string }[];
  /** Sent, or something that is never followed by a call. */
  readonly isSettled: boolean;
  readonly isDeadLettered: boolean;
}

export const untold: Story = {
  started: 0,
  sentAs: [],
  sentAttempts: [],
  doubts: [],
  isSettled: false,
  isDeadLettered: false,
};

/** Only these leave a notification that still waits for a call, or for the answer to one. */
const unsettling: ReadonlySet<string> = new Set([
  'NotificationRequested',
  'NotificationDeferred',
  'DispatchStarted',
  'NotificationFailed',
  'DispatchOutcomeUnknown',
  'NotificationRequeued',
]);

/** The story after one more event, by its type and what it carries. */
export const told = (
  story: Story,
  type: string,
  data: Readonly<Record<string, unknown>>,
): Story => {
  const isSent = story.sentAs.length > 0;
  const after = { ...story, isSettled: !unsettling.has(type) || isSent };
  const provider = String(data['provider']);
  switch (type) {
    case 'DispatchStarted':
      return { ...after, started: story.started + 1 };
    case 'NotificationSent': {
      const sentAs = { provider, providerMessageId: String(data['providerMessageId']) };
      return {
        ...after,
        sentAs: [...story.sentAs, sentAs],
        sentAttempts: [...story.sentAttempts, Number(data['attempt'])],
      };
    }
    case 'DispatchOutcomeUnknown':
      return {
        ...after,
        doubts: [...story.doubts, { provider, resolution: String(data['resolution']) }],
      };
    case 'NotificationDeadLettered':
      return { ...after, isDeadLettered: true };
    default:
      return after;
  }
};

/** The story of every notification in the log of a program that has ended. */
export const readStories = async (dataDir: string): Promise<ReadonlyMap<string, Story>> => {
  const server = await startEventStoreProcess(dataDir);
  const log = connectEventStore(server.url);
  const stories = new Map<string, Story>();
  const types = Object.keys(notificationSchemas);
  for await (const page of log.readAll({ types }, undefined, PAGE)) {
    for (const { type, stream, data } of page) {
      const id = stream.replace(/^notification-/, '');
      stories.set(id, told(stories.get(id) ?? untold, type, data));
    }
  }
  await log.close();
  await server.end('SIGTERM');
  return stories;
};
