import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { DomainError } from '../domain/errors.ts';
import { notificationSchemas, notificationStream } from '../domain/notification/events.ts';
import type { NotificationEvent } from '../domain/notification/events.ts';
import type { EventLog } from '../eventstore/client.ts';
import type { Codec } from '../eventstore/codec.ts';
import { keepRunning } from '../eventstore/keepRunning.ts';
import {
  comparePositions,
  type Position,
  positionOf,
  type RawEvent,
  type Recorded,
} from '../eventstore/event.ts';
import type { LiveFeed, LiveFilter, LiveUpdate } from './live.ts';
import { entryOf, type NotificationStatus, statusAfter } from './notifications.ts';
import { streamId } from './projection.ts';

export interface LiveFeedPorts {
  readonly log: Pick<EventLog, 'follow' | 'readAll' | 'readStream'>;
  readonly codec: Codec;
  readonly logger: Logger;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

interface Placed {
  readonly update: LiveUpdate;
  readonly position: Position;
}

interface Subscriber {
  readonly filter: LiveFilter;
  push(placed: Placed): void;
  end(error?: Error): void;
}

const types = Object.keys(notificationSchemas);
const mostBuffered = 10_000;
const pageSize = 500;
const batchOptions = { max: 500, lingerMs: 5, busy: { perSecond: 400, lingerMs: 25 } };

/** Follows the log once for all subscribers of this process. */
export const createLiveFeed = (
  ports: LiveFeedPorts,
): LiveFeed & { run(signal: AbortSignal): Promise<void> } => {
  const subscribers = new Set<Subscriber>();
  // A status needs what came before; for what is older than this memory the event itself tells.
  const statuses = new LRUCache<string, NotificationStatus>({ max: 100_000 });
  let last: Position | undefined;

  const decode = (raw: readonly RawEvent[]) => ports.codec.decode(raw, () => false);

  const broadcast = (events: readonly Recorded[]) => {
    for (const event of events) {
      const id = streamId(event);
      const status = statusAfter(statuses.get(id) ?? 'PENDING', event);
      statuses.set(id, status);
      last = event.position;
      if (subscribers.size === 0) continue;
      const placed = { update: updateOf(event, status), position: event.position };
      for (const subscriber of subscribers) {
        if (matches(subscriber.filter, placed.update)) subscriber.push(placed);
      }
    }
  };

  /** What the log holds after a position, oldest first. */
  async function* missed(filter: LiveFilter, after: Position): AsyncGenerator<Placed> {
    const pages: AsyncIterable<readonly RawEvent[]> =
      filter.notificationId === undefined
        ? ports.log.readAll({ types }, after, pageSize)
        : pageOf(ports.log.readStream(notificationStream(filter.notificationId)));
    const seen = new Map<string, NotificationStatus>();
    for await (const page of pages) {
      for (const event of await decode(page)) {
        const id = streamId(event);
        const status = statusAfter(seen.get(id) ?? 'PENDING', event);
        seen.set(id, status);
        if (comparePositions(event.position, after) <= 0) continue;
        const update = updateOf(event, status);
        if (matches(filter, update)) yield { update, position: event.position };
      }
    }
  }

  const follow: LiveFeed['follow'] = (filter, after) => {
    const from = after === undefined ? undefined : positionOf(after);
    if (after !== undefined && !from) {
      throw new DomainError('BAD_INPUT', 'after is not a cursor of this server', 'after');
    }
    let buffer: Placed[] = [];
    let reached: Position | undefined = from;
    let ended = false;
    let failure: Error | undefined;
    let wake: () => void = () => undefined;
    const replay = from && missed(filter, from);
    let replaying = replay !== undefined;

    const subscriber: Subscriber = {
      filter,
      push: (placed) => {
        if (buffer.length >= mostBuffered) {
          subscriber.end(
            new DomainError(
              'UNAVAILABLE',
              'the subscriber fell behind; subscribe after its last cursor',
            ),
          );
          return;
        }
        buffer.push(placed);
        wake();
      },
      end: (error) => {
        failure ??= error;
        ended = true;
        subscribers.delete(subscriber);
        wake();
      },
    };
    subscribers.add(subscriber);

    const next = async (): Promise<IteratorResult<LiveUpdate>> => {
      if (replay && replaying && !ended) {
        const step = await replay.next();
        if (step.done !== true) {
          reached = step.value.position;
          return { value: step.value.update, done: false };
        }
        replaying = false;
      }
      for (;;) {
        const placed = buffer.shift();
        if (placed) {
          if (reached && comparePositions(placed.position, reached) <= 0) continue;
          reached = placed.position;
          return { value: placed.update, done: false };
        }
        if (failure) throw failure;
        if (ended) return { value: undefined, done: true };
        await new Promise<void>((resolve) => (wake = resolve));
      }
    };
    const iterator: AsyncIterableIterator<LiveUpdate> = {
      next,
      return: () => {
        buffer = [];
        subscriber.end();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  };

  const run = async (signal: AbortSignal) => {
    await keepRunning('the live feed', signal, ports, async (progress) => {
      const batches = ports.log.follow({ types }, last ?? 'end', { ...batchOptions, signal });
      for await (const raw of batches) {
        broadcast(await decode(raw));
        progress();
      }
    });
    for (const subscriber of [...subscribers]) subscriber.end();
  };

  return { follow, run };
};

async function* pageOf(events: Promise<readonly RawEvent[]>): AsyncGenerator<readonly RawEvent[]> {
  yield await events;
}

const updateOf = (event: Recorded, status: NotificationStatus): LiveUpdate => {
  const data = (event as Recorded<NotificationEvent>).data;
  return {
    ...entryOf(event, new Date(event.metadata.occurredAt)),
    notificationId: streamId(event),
    userId: event.metadata.subject ?? '',
    channel: data.channel,
    template: data.template,
    category: data.category,
    status,
  };
};

const matches = (filter: LiveFilter, update: LiveUpdate): boolean =>
  (filter.notificationId === undefined || filter.notificationId === update.notificationId) &&
  (filter.userId === undefined || filter.userId === update.userId) &&
  (filter.channel === undefined || filter.channel === update.channel) &&
  (filter.template === undefined || filter.template === update.template) &&
  (filter.category === undefined || filter.category === update.category) &&
  (filter.types === undefined || filter.types.includes(update.type));
