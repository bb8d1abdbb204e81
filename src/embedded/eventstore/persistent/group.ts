/**
 * A subscription group: reads the log ahead of its consumers, hands events out, takes them back
 * when they aren't acknowledged in time, parks those that nobody can handle.
 */
import { groupDropped, groupFull } from '../errors.ts';
import { idOf, type StoredEvent } from '../record.ts';
import type { Store } from '../store/store.ts';
import { compileFilter } from '../streams/filter.ts';
import { resolve } from '../streams/links.ts';
import { openSource } from '../streams/source.ts';
import type { Call } from '../transport.ts';
import { trackProgress } from './checkpoint.ts';
import { chooser, createConsumer, type Consumer, type Delivery } from './consumer.ts';
import { createInFlight } from './in-flight.ts';
import { openParking } from './parking.ts';
import { createQueue } from './queue.ts';
import { createReadAhead } from './read-ahead.ts';
import type { GroupRequest, GroupSettings } from './settings.ts';
import { createRate } from './statistics.ts';

/** What a consumer says about events that it can't handle. */
export type NackAction = 'park' | 'retry' | 'skip' | 'stop';

export interface Group {
  readonly stream: string;
  readonly name: string;
  readonly settings: GroupSettings;
  /** Throws when the group has all the consumers that it may have. */
  connect(call: Call, capacity: number, structuredIds: boolean): Consumer;
  disconnect(consumer: Consumer): void;
  ack(consumer: Consumer, ids: readonly string[]): void;
  nack(consumer: Consumer, ids: readonly string[], action: NackAction, reason: string): void;
  /** Delivers parked events again: all of them, or the first `limit`. */
  replayParked(limit: number | undefined): void;
  readonly figures: () => GroupFigures;
  /** Ends every connection, saves the checkpoint and returns it, stops every timer. */
  close(): number | undefined;
}

/** What `getInfo` reports. */
interface GroupFigures {
  readonly consumers: readonly Consumer[];
  readonly behind: boolean;
  readonly checkpoint: number | undefined;
  readonly lastKnown: number;
  readonly buffered: number;
  readonly retrying: number;
  readonly inFlight: number;
  readonly outstanding: number;
  readonly parked: number;
  readonly delivered: number;
  readonly recently: { readonly count: number; readonly perSecond: number };
}

/**
 * @param start first place to read, inclusive.
 * @param savedCheckpoint the checkpoint that is stored, if any.
 * @param save stores a checkpoint.
 */
export function openGroup(
  store: Store,
  { stream, name, settings }: GroupRequest,
  start: number,
  savedCheckpoint: number | undefined,
  save: (place: number) => void,
): Group {
  const source = openSource(store, stream);
  const filter = compileFilter(settings.filter);
  const choose = chooser(settings.strategy);
  const parking = openParking(store, stream, name);
  const progress = trackProgress(start, savedCheckpoint, () => settings, save);
  const ready = createQueue<Delivery>();
  const retry = createQueue<Delivery>();
  const rate = createRate();
  const capacity = Math.max(settings.historyBufferSize, settings.liveBufferSize);
  let consumers: readonly Consumer[] = [];
  let closed = false;

  const toDelivery = (event: StoredEvent, place?: number, onDone?: () => void): Delivery => {
    const resolved = resolve(store, event, settings.resolveLinks);
    const id = idOf((resolved.link ?? event).record);
    return { id, resolved, place, retries: 0, done: false, sentAt: 0, deadline: 0, onDone };
  };

  const ahead = createReadAhead({
    source,
    start,
    filtered: filter !== undefined,
    room: () => capacity - ready.size(),
    take(events) {
      for (const event of events) {
        const place = source.placeOf(event);
        progress.examined(place);
        if (filter && !filter(event)) continue;
        const delivery = toDelivery(event, place);
        progress.track(delivery);
        ready.push(delivery);
      }
      dispatch();
    },
    pace: store.pace,
    level: () => progress.advance(0),
    failed(error) {
      for (const { call } of consumers) call.fail(error);
    },
  });

  const offer = (delivery: Delivery): boolean => {
    if (delivery.done) return true;
    // Two events of different streams may have the same id; acks couldn't tell them apart.
    if (inFlight.has(delivery.id)) return false;
    const consumer = choose(delivery, consumers);
    if (consumer === undefined) return false;
    inFlight.add(delivery);
    rate.count();
    consumer.send(delivery);
    return true;
  };
  const offerAll = (queue: typeof ready): void => {
    if (settings.strategy.startsWith('Pinned')) {
      queue.takeIf(offer);
      return;
    }
    for (let head = queue.peek(); head !== undefined && offer(head); head = queue.peek()) {
      queue.shift();
    }
  };
  const dispatch = (): void => {
    if (consumers.length === 0) return;
    offerAll(retry);
    if (retry.size() === 0 || settings.strategy.startsWith('Pinned')) offerAll(ready);
    for (const consumer of consumers) consumer.flush();
    if (ready.size() < capacity / 2 && ahead.behind()) ahead.wake();
  };

  const release = (delivery: Delivery): Delivery => {
    inFlight.remove(delivery);
    for (const consumer of consumers) consumer.inFlight.delete(delivery);
    return delivery;
  };
  const complete = (delivery: Delivery): void => {
    if (delivery.done) return;
    delivery.done = true;
    delivery.onDone?.();
  };
  const park = (delivery: Delivery, reason: string): void => {
    parking.park(delivery, reason, (error) => {
      if (error) retry.push(delivery);
      else complete(delivery);
      progress.advance(1);
      dispatch();
    });
  };
  const retryOrPark = (delivery: Delivery): void => {
    if (delivery.retries >= settings.maxRetryCount) {
      park(delivery, `Reached retry count of ${settings.maxRetryCount}`);
      return;
    }
    delivery.retries += 1;
    retry.push(delivery);
  };
  const inFlight = createInFlight(settings.messageTimeoutMs, (expired) => {
    for (const delivery of expired) retryOrPark(release(delivery));
    dispatch();
  });
  const ownedBy = (consumer: Consumer, ids: readonly string[]): Delivery[] =>
    ids
      .map((id) => inFlight.find(id))
      .filter((delivery) => delivery !== undefined)
      .filter((delivery) => consumer.inFlight.has(delivery));

  const disconnect = (consumer: Consumer): void => {
    if (!consumers.includes(consumer)) return;
    const lost = [...consumer.inFlight];
    for (const delivery of lost) release(delivery);
    consumers = consumers.filter((other) => other !== consumer);
    retry.putFirst(lost);
    if (consumers.length === 0) ahead.close();
    dispatch();
  };

  return {
    stream,
    name,
    settings,
    connect(call, size, structuredIds) {
      if (settings.maxSubscriberCount > 0 && consumers.length >= settings.maxSubscriberCount) {
        throw groupFull(stream, name);
      }
      const framing = { withPosition: stream === '$all', structuredIds };
      const consumer = createConsumer(call, `${stream}::${name}`, size, framing, dispatch);
      consumers = [...consumers, consumer];
      dispatch();
      ahead.open();
      return consumer;
    },
    disconnect,
    ack(consumer, ids) {
      const deliveries = ownedBy(consumer, ids);
      for (const delivery of deliveries) {
        consumer.acknowledged(delivery);
        complete(release(delivery));
      }
      progress.advance(deliveries.length);
      dispatch();
    },
    nack(consumer, ids, action, reason) {
      const deliveries = ownedBy(consumer, ids);
      for (const delivery of deliveries) {
        release(delivery);
        if (action === 'skip') complete(delivery);
        else if (action === 'park') park(delivery, reason);
        else retryOrPark(delivery);
      }
      if (action === 'stop') consumer.call.fail(groupDropped(stream, name));
      progress.advance(action === 'skip' ? deliveries.length : 0);
      dispatch();
    },
    replayParked(limit) {
      for (const { event, done } of parking.replay(limit)) {
        retry.push(toDelivery(event, undefined, done));
      }
      dispatch();
    },
    figures: () => ({
      consumers,
      behind: ahead.behind(),
      checkpoint: progress.saved(),
      lastKnown: source.head(),
      buffered: ready.size(),
      retrying: retry.size(),
      inFlight: inFlight.size(),
      outstanding: progress.outstanding(),
      parked: parking.count(),
      delivered: rate.total(),
      recently: rate.measure(),
    }),
    close() {
      if (closed) return progress.saved();
      closed = true;
      inFlight.close();
      ahead.close();
      for (const { call } of consumers) call.fail(groupDropped(stream, name));
      consumers = [];
      progress.close();
      return progress.saved();
    },
  };
}
