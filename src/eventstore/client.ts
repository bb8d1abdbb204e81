import {
  BACKWARDS,
  END,
  type AllStreamRecordedEvent,
  type AllStreamSubscription,
  type EventData,
  EventStoreDBClient,
  eventTypeFilter,
  type Filter,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  PARK,
  type PersistentSubscriptionToAll,
  type ReadStreamOptions,
  type PersistentSubscriptionToAllResolvedEvent,
  PersistentSubscriptionExistsError,
  persistentSubscriptionToAllSettingsFromDefaults,
  RETRY,
  START,
  StreamNotFoundError,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Batching, batchesOf } from './batches.ts';
import { useNativeBase64 } from './nativeBase64.ts';
import type { NewEvent, Position, RawEvent } from './event.ts';

/** The expected revision was not the stream's. */
export class RevisionConflict extends Error {
  override readonly name = 'RevisionConflict';
}

/** The events are larger than the store takes in one append. */
export class EventTooLarge extends Error {
  override readonly name = 'EventTooLarge';
}

export interface Appended {
  readonly revision: number;
  readonly position: Position;
}

/** What a subscription is to read. */
export interface Selection {
  /** Event types; all others are left out by the server. */
  readonly types: readonly string[];
}

/** Some events of a stream. */
export interface StreamPart {
  /** The first revision, or `end` for the last events. */
  readonly from: number | 'end';
  readonly count: number;
}

export interface BatchOptions extends Batching {
  readonly signal: AbortSignal;
}

/** A message of a persistent subscription; it comes again until it is acknowledged. */
export interface Message {
  readonly event: RawEvent;
  readonly retries: number;
}

export interface Consumer {
  batches(): AsyncIterableIterator<readonly Message[]>;
  /** Acknowledges in one frame. */
  ack(messages: readonly Message[]): Promise<void>;
  /** `retry` brings it again at once; `park` sets it aside for an operator. */
  nack(action: 'retry' | 'park', reason: string, messages: readonly Message[]): Promise<void>;
}

/** EventStoreDB, as far as Tidings uses it. */
export interface EventLog {
  /**
   * Appends at an expected revision (-1: the stream must not exist). Repeating a call with the same
   * event ids is idempotent.
   *
   * @throws RevisionConflict, EventTooLarge
   */
  append(stream: string, events: readonly NewEvent[], expected: number): Promise<Appended>;
  /** Oldest first, or the part of it that is asked for; nothing for a stream that doesn't exist. */
  readStream(stream: string, part?: StreamPart): Promise<readonly RawEvent[]>;
  /** Pages of `$all` after a position (from the start when absent) until its end at that moment. */
  readAll(
    selection: Selection,
    after: Position | undefined,
    pageSize: number,
  ): AsyncIterableIterator<readonly RawEvent[]>;
  /** The position of the last event in `$all`, or undefined when there is none. */
  head(): Promise<Position | undefined>;
  /** `$all` from after a position (`start`, `end` or a position) and on as it grows. */
  follow(
    selection: Selection,
    from: 'start' | 'end' | Position,
    options: BatchOptions,
  ): AsyncIterableIterator<readonly RawEvent[]>;
  /** Creates a group of competing consumers on `$all` unless it exists. */
  ensureGroup(group: string, selection: Selection): Promise<void>;
  consume(group: string, bufferSize: number, options: BatchOptions): Consumer;
  /** Events that the consumers of a group have yet to acknowledge, as the server knows them. */
  backlog(group: string): Promise<number>;
  close(): Promise<void>;
}

const disposeMs = 1_000;

/** @param url an EventStoreDB connection string */
export const connectEventStore = (url: string): EventLog => {
  useNativeBase64();
  const client = EventStoreDBClient.connectionString(url);

  const cancellable = (
    subscription: AllStreamSubscription | PersistentSubscriptionToAll,
    signal: AbortSignal,
  ): Readable => {
    const stream = subscription as unknown as Readable;
    // The batches report an error where they are read; without a listener node would end the process.
    stream.on('error', () => undefined);
    const stop = () => {
      stream.destroy();
      void subscription.unsubscribe().catch(() => undefined);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return stream;
  };

  return {
    append: async (stream, events, expected) => {
      try {
        const { nextExpectedRevision, position } = await client.appendToStream(
          stream,
          events.map(toEventData),
          { expectedRevision: expected < 0 ? NO_STREAM : BigInt(expected) },
        );
        if (!position) throw new Error(`append to ${stream} came back without a position`);
        return { revision: Number(nextExpectedRevision), position };
      } catch (error) {
        if (error instanceof WrongExpectedVersionError) throw new RevisionConflict(error.message);
        if (error instanceof MaxAppendSizeExceededError) throw new EventTooLarge(error.message);
        throw error;
      }
    },

    readStream: async (stream, part) => {
      const events: RawEvent[] = [];
      const options: ReadStreamOptions = part
        ? part.from === 'end'
          ? { direction: BACKWARDS, fromRevision: END, maxCount: part.count }
          : { fromRevision: BigInt(part.from), maxCount: part.count }
        : {};
      try {
        for await (const { event } of client.readStream(stream, options)) {
          if (event) events.push(toRawEvent(event as AllStreamRecordedEvent));
        }
      } catch (error) {
        if (error instanceof StreamNotFoundError || error instanceof StreamDeletedError) return [];
        throw error;
      }
      return part?.from === 'end' ? events.reverse() : events;
    },

    readAll: async function* (selection, after, pageSize) {
      const types = new Set(selection.types);
      let from: Position | typeof START = after ?? START;
      for (;;) {
        const page: RawEvent[] = [];
        let read = 0;
        const fromPosition: Position | typeof START = from;
        // This client can't filter a read on the server, only a subscription.
        for await (const { event } of client.readAll({ fromPosition, maxCount: pageSize })) {
          read += 1;
          if (!event) continue;
          from = event.position;
          // Reading from a position includes the event at it.
          if (types.has(event.type) && !samePosition(event.position, fromPosition)) {
            page.push(toRawEvent(event));
          }
        }
        if (page.length > 0) yield page;
        if (read < pageSize) return;
      }
    },

    head: async () => {
      for await (const { event } of client.readAll({
        direction: 'backwards',
        fromPosition: END,
        maxCount: 1,
      })) {
        if (event) return event.position;
      }
      return undefined;
    },

    follow: async function* (selection, from, options) {
      const subscription = client.subscribeToAll(
        {
          fromPosition: from === 'start' ? START : from === 'end' ? END : from,
          filter: filterFor(selection),
        },
        { highWaterMark: options.max },
      );
      const stream = cancellable(subscription, options.signal);
      for await (const batch of batchesOf<{ event?: AllStreamRecordedEvent }>(stream, options)) {
        yield batch.flatMap(({ event }) => (event ? [toRawEvent(event)] : []));
      }
    },

    ensureGroup: async (group, selection) => {
      const settings = persistentSubscriptionToAllSettingsFromDefaults({
        startFrom: START,
        messageTimeout: 120_000,
        maxRetryCount: 10,
        checkPointAfter: 1_000,
        checkPointLowerBound: 100,
        checkPointUpperBound: 2_000,
        liveBufferSize: 2_000,
        historyBufferSize: 2_000,
        readBatchSize: 200,
      });
      try {
        await client.createPersistentSubscriptionToAll(group, settings, {
          filter: filterFor(selection),
        });
      } catch (error) {
        if (!(error instanceof PersistentSubscriptionExistsError)) throw error;
      }
    },

    consume: (group, bufferSize, options) => {
      const subscription: PersistentSubscriptionToAll =
        client.subscribeToPersistentSubscriptionToAll(
          group,
          { bufferSize },
          { readableHighWaterMark: bufferSize },
        );
      const stream = cancellable(subscription, options.signal);
      const originals = new WeakMap<Message, PersistentSubscriptionToAllResolvedEvent>();
      const originalsOf = (messages: readonly Message[]) =>
        messages.flatMap((message) => originals.get(message) ?? []);
      return {
        batches: async function* () {
          type Delivered = PersistentSubscriptionToAllResolvedEvent & {
            readonly event?: AllStreamRecordedEvent;
          };
          for await (const batch of batchesOf<Delivered>(stream, options)) {
            yield batch.flatMap((delivered) => {
              if (!delivered.event) return [];
              const event = toRawEvent(delivered.event);
              const message: Message = { event, retries: delivered.retryCount };
              originals.set(message, delivered);
              return [message];
            });
          }
        },
        ack: async (messages) => {
          if (messages.length > 0) await subscription.ack(...originalsOf(messages));
        },
        nack: async (action, reason, messages) => {
          const what = action === 'park' ? PARK : RETRY;
          if (messages.length > 0) await subscription.nack(what, reason, ...originalsOf(messages));
        },
      };
    },

    backlog: async (group) => {
      const { stats } = await client.getPersistentSubscriptionToAllInfo(group);
      const { outstandingMessagesCount, readBufferCount, liveBufferCount, retryBufferCount } =
        stats;
      const counts = [outstandingMessagesCount, readBufferCount, liveBufferCount, retryBufferCount];
      return counts.reduce<number>((sum, count) => sum + Number(count), 0);
    },

    close: async () => {
      // `dispose` waits for every stream to finish, and one that was cancelled before may never say so.
      const waited = new AbortController();
      const patience = sleep(disposeMs, undefined, { signal: waited.signal }).catch(
        () => undefined,
      );
      await Promise.race([client.dispose(), patience]);
      waited.abort();
    },
  };
};

const utf8 = new TextEncoder();

// The client passes bytes on as they are; of an object it would make Base64 and decode that again.
const toEventData = ({ id, type, data, metadata }: NewEvent): EventData =>
  jsonEvent({ id, type, data, metadata: utf8.encode(JSON.stringify(metadata)) });

const toRawEvent = (event: AllStreamRecordedEvent): RawEvent => ({
  id: event.id,
  type: event.type,
  stream: event.streamId,
  revision: Number(event.revision),
  position: event.position,
  data: event.data as Record<string, unknown>,
  metadata: (event.metadata ?? {}) as Record<string, unknown>,
});

const filterFor = ({ types }: Selection): Filter =>
  eventTypeFilter({ regex: `^(${types.join('|')})$`, checkpointInterval: 32 });

const samePosition = (a: Position, b: Position | typeof START): boolean =>
  b !== START && a.commit === b.commit && a.prepare === b.prepare;
