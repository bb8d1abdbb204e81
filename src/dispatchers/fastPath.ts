import type { Logger } from 'pino';
import type { NotificationEventOf } from '../domain/notification/events.ts';
import { notificationStream } from '../domain/notification/events.ts';
import { notification } from '../domain/notification/notification.ts';
import type { Consumer, EventLog, Message } from '../eventstore/client.ts';
import type { Codec } from '../eventstore/codec.ts';
import { type Recorded, refOf } from '../eventstore/event.ts';
import { failureOf } from '../eventstore/failure.ts';
import { keepRunning } from '../eventstore/keepRunning.ts';
import type { Attempt } from './attempt.ts';
import type { Lanes } from './lanes.ts';
import type { FindRecipients, Recipient } from './recipients.ts';

export interface FastPathPorts {
  readonly log: Pick<EventLog, 'ensureGroup' | 'consume'>;
  readonly codec: Codec;
  readonly attempt: Attempt;
  readonly lanes: Lanes;
  readonly logger: Logger;
  readonly findRecipients: FindRecipients;
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The persistent subscription that all dispatchers share. */
export const dispatchGroup = 'dispatch';

const selection = { types: ['NotificationRequested'] };
/** Messages in hand at once; the store sends more as they are acknowledged. */
const bufferSize = 500;
const batchOptions = { max: 200, lingerMs: 3 };
const ackEveryMs = 20;
const ackAtMost = 100;
const mostRetries = 3;
/** A user read longer ago is read again before the call: an opt-out holds within seconds. */
const userIsFreshMs = 2_000;

/**
 * Sends what is requested as soon as it is in the log. A message is acknowledged when its attempt is
 * recorded; what a provider does wrong is an event with a next moment, never a negative acknowledgement
 * (facts D16).
 */
export const createFastPath = (ports: FastPathPorts) => {
  const handle = async (
    message: Message,
    event: Recorded<NotificationEventOf<'NotificationRequested'>>,
    found: Recipient & { readonly readAt: number },
    acks: Acks,
  ): Promise<void> => {
    const { data: request, metadata } = event;
    try {
      await ports.lanes.run(request.channel, request.priority, async () => {
        const isFresh = ports.now() - found.readAt < userIsFreshMs;
        const recipient = isFresh ? found : (await ports.findRecipients([request]))[0];
        await ports.attempt({
          request,
          requestedAt: Date.parse(metadata.occurredAt),
          correlationId: metadata.$correlationId,
          causationId: event.id,
          recipient,
          hint: {
            state: notification.evolve(notification.initialState, event, refOf(event)),
            revision: 0,
          },
        });
      });
      acks.add(message);
    } catch (error) {
      const reason = failureOf(error);
      ports.logger.error({ stream: event.stream, reason }, 'dispatch failed');
      const action = message.retries >= mostRetries ? 'park' : 'retry';
      await acks.refuse(message, action, error instanceof Error ? error.name : 'error');
    }
  };

  const handleBatch = async (messages: readonly Message[], acks: Acks): Promise<void> => {
    const decoded = await ports.codec.decode(
      messages.map(({ event }) => event),
      () => true,
    );
    const events = decoded as readonly Recorded<NotificationEventOf<'NotificationRequested'>>[];
    const now = new Date(ports.now()).toISOString();
    const readAt = ports.now();
    const recipients = await ports.findRecipients(events.map(({ data }) => data));
    for (const [index, message] of messages.entries()) {
      const event = events[index];
      if (!event || isForLater(event, now) || !isNotificationStream(event)) {
        acks.add(message);
        continue;
      }
      const found = { user: undefined, ...recipients[index], readAt };
      void handle(message, event, found, acks);
    }
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    await keepRunning('the dispatcher', signal, ports, async (progress) => {
      await ports.log.ensureGroup(dispatchGroup, selection);
      const consumer = ports.log.consume(dispatchGroup, bufferSize, { ...batchOptions, signal });
      const acks = createAcks(consumer, ports.logger);
      for await (const messages of consumer.batches()) {
        progress();
        await handleBatch(messages, acks);
      }
    });
    await ports.lanes.idle();
  };

  return { run };
};

/** Scheduled or suppressed in the same append: the due projection or nobody is to look at it. */
const isForLater = (
  { data }: Recorded<NotificationEventOf<'NotificationRequested'>>,
  now: string,
) => data.scheduledAt !== undefined && data.scheduledAt > now;

const isNotificationStream = ({
  stream,
  data,
}: Recorded<NotificationEventOf<'NotificationRequested'>>) =>
  stream === notificationStream(data.notificationId);

interface Acks {
  add(message: Message): void;
  refuse(message: Message, action: 'retry' | 'park', reason: string): Promise<void>;
}

/** Gathers acknowledgements: twenty in one frame cost what one does (facts, performance). */
const createAcks = (consumer: Consumer, logger: Logger): Acks => {
  let waiting: Message[] = [];
  let timer: NodeJS.Timeout | undefined;
  const failed = (error: unknown) => {
    // The store sends the messages again; their attempts are recorded, so nothing is sent twice.
    logger.warn(
      { reason: error instanceof Error ? error.name : typeof error },
      'ack not delivered',
    );
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const messages = waiting;
    waiting = [];
    consumer.ack(messages).catch(failed);
  };
  return {
    add: (message) => {
      waiting.push(message);
      if (waiting.length >= ackAtMost) flush();
      else timer ??= setTimeout(flush, ackEveryMs);
    },
    refuse: (message, action, reason) => consumer.nack(action, reason, [message]).catch(failed),
  };
};
