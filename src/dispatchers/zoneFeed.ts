import type { Logger } from 'pino';
import { notifications } from '../commands/aggregates.ts';
import type { Execute } from '../commands/execute.ts';
import { inParallel } from '../commands/inParallel.ts';
import { instantOf, type LocalTime } from '../domain/policy/localTime.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import type { EventLog, Message } from '../eventstore/client.ts';
import type { Position, RawEvent } from '../eventstore/event.ts';
import { failureOf } from '../eventstore/failure.ts';
import { keepRunning } from '../eventstore/keepRunning.ts';

/** A notification that waits for a time on its reader's clock. */
export interface LocalSchedule {
  readonly notificationId: string;
  readonly localTime: LocalTime;
}

export interface ZoneFeedPorts {
  readonly log: Pick<EventLog, 'ensureGroup' | 'consume'>;
  readonly execute: Execute;
  readonly logger: Logger;
  findUsers(userIds: readonly string[]): Promise<ReadonlyMap<string, RegisteredUser>>;
  /** From the read model, by its index of users. */
  findLocalSchedules(userId: string): Promise<readonly LocalSchedule[]>;
  /** Resolves when the read models hold what is in the log up to a position; rejects when they don't come to. */
  readModelsReach(position: Position): Promise<void>;
  now(): number;
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

const group = 'time-zones';
const selection = { types: ['UserUpdated'] };
const bufferSize = 200;
const batchOptions = { max: 100, lingerMs: 20 };
const inFlight = 16;
const mostRetries = 5;
/** So long a request may still go by the zone of before; what it schedules is found after that. */
const oldZoneLastsMs = 3_000;

/**
 * Moves what waits for a time on the reader's clock when the reader's zone changes (facts D26). Each event
 * may come more than once: what is scheduled right already stays as it is. What it should miss is put
 * off by the attempt itself, which computes the moment once more.
 */
export const createZoneFeed = (ports: ZoneFeedPorts) => {
  const reschedule = async (event: RawEvent): Promise<void> => {
    const age = ports.now() - Date.parse(String(event.metadata['occurredAt']));
    if (age < oldZoneLastsMs) await ports.wait(oldZoneLastsMs - age);
    await ports.readModelsReach(event.position);
    const userId = event.stream.slice(event.stream.indexOf('-') + 1);
    const [user, waiting] = await Promise.all([
      ports.findUsers([userId]).then((users) => users.get(userId)),
      ports.findLocalSchedules(userId),
    ]);
    if (!user) return;
    const context = {
      actor: 'scheduler',
      correlationId: String(event.metadata['$correlationId']),
      causationId: event.id,
    };
    await inParallel(waiting, inFlight, ({ notificationId, localTime }) => {
      const until = instantOf(localTime, user.profile.timezone);
      const command = { type: 'RescheduleNotification', until } as const;
      return ports.execute(notifications, notificationId, [command], context);
    });
  };

  const handle = async (message: Message) => {
    try {
      if ('timezone' in message.event.data) await reschedule(message.event);
      return { message };
    } catch (error) {
      const { stream } = message.event;
      ports.logger.error({ stream, reason: failureOf(error) }, 'rescheduling failed');
      return { message, failed: error instanceof Error ? error.name : 'error' };
    }
  };

  const run = (signal: AbortSignal): Promise<void> =>
    keepRunning('the feed of time zones', signal, ports, async (progress) => {
      await ports.log.ensureGroup(group, selection);
      const consumer = ports.log.consume(group, bufferSize, { ...batchOptions, signal });
      for await (const messages of consumer.batches()) {
        progress();
        const done = await inParallel(messages, batchOptions.max, handle);
        const handled = done.filter(({ failed }) => failed === undefined);
        if (handled.length > 0) await consumer.ack(handled.map(({ message }) => message));
        for (const { message, failed } of done) {
          if (failed === undefined) continue;
          const action = message.retries >= mostRetries ? 'park' : 'retry';
          await consumer.nack(action, failed, [message]);
        }
      }
    });

  return { run };
};
