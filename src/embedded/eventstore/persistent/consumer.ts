/** One connection that consumes from a group, and how the group chooses among several. */
import { createHash, randomUUID } from 'node:crypto';
import { putConfirmation, putEvent, type EventFraming, type ResolvedEvent } from '../frames.ts';
import { streamOf } from '../record.ts';
import type { Call } from '../transport.ts';
import { createWriter } from '../wire.ts';
import type { Strategy } from './settings.ts';
import { createLatencies, createRate, type Latencies, type Rate } from './statistics.ts';

/** An event on its way through a group. */
export interface Delivery {
  /** The id that the client acknowledges: the link's when there is one. */
  readonly id: string;
  readonly resolved: ResolvedEvent;
  /** Revision or position; undefined for a replayed event, which no checkpoint depends on. */
  readonly place: number | undefined;
  retries: number;
  /** Acknowledged, skipped, or parked. */
  done: boolean;
  /** Milliseconds since the epoch. */
  sentAt: number;
  /** Milliseconds since the epoch at which it is taken back from its consumer. */
  deadline: number;
  /** Called once when done. */
  readonly onDone: (() => void) | undefined;
}

export interface Consumer {
  readonly id: string;
  readonly call: Call;
  readonly capacity: number;
  readonly connectionName: string;
  readonly inFlight: Set<Delivery>;
  readonly rate: Rate;
  readonly latencies: Latencies;
  readonly hasRoom: () => boolean;
  send(delivery: Delivery): void;
  /** Notes how long the acknowledgement took. */
  acknowledged(delivery: Delivery): void;
  /** Writes what was sent since the last flush. */
  flush(): void;
}

/**
 * @param capacity most unacknowledged events at a time.
 * @param onRoom called when a connection that was too slow takes events again.
 */
export function createConsumer(
  call: Call,
  subscriptionId: string,
  capacity: number,
  framing: EventFraming,
  onRoom: () => void,
): Consumer {
  const inFlight = new Set<Delivery>();
  const writer = createWriter(4 * 1024);
  const name = call.headers['connection-name'];
  const rate = createRate();
  const latencies = createLatencies();
  let blocked = false;

  const flush = (): void => {
    if (writer.length() === 0 || call.write(writer.take())) return;
    blocked = true;
    void call.drained().then(() => {
      blocked = false;
      onRoom();
    });
  };
  putConfirmation(writer, subscriptionId);
  flush();

  return {
    id: randomUUID(),
    call,
    capacity,
    connectionName: typeof name === 'string' ? name : '',
    inFlight,
    rate,
    latencies,
    hasRoom: () => !blocked && inFlight.size < capacity,
    send(delivery) {
      rate.count();
      delivery.sentAt = Date.now();
      inFlight.add(delivery);
      putEvent(writer, delivery.resolved, framing, delivery.retries);
    },
    acknowledged: ({ sentAt }) => latencies.add(Date.now() - sentAt),
    flush,
  };
}

/** Picks the consumer for a delivery, or none when it has to wait. */
export type Choose = (delivery: Delivery, consumers: readonly Consumer[]) => Consumer | undefined;

export function chooser(strategy: Strategy): Choose {
  switch (strategy) {
    case 'DispatchToSingle':
      return (_delivery, consumers) => consumers.find((consumer) => consumer.hasRoom());
    case 'RoundRobin':
      return roundRobin();
    case 'Pinned':
      return pinned((delivery) => streamOf(recordOf(delivery)));
    case 'PinnedByCorrelation':
      return pinned((delivery) => correlationOf(delivery));
  }
}

function roundRobin(): Choose {
  let turn = 0;
  return (_delivery, consumers) => {
    for (let tried = 0; tried < consumers.length; tried += 1) {
      const consumer = consumers[turn % consumers.length];
      turn = (turn + 1) % consumers.length;
      if (consumer?.hasRoom()) return consumer;
    }
    return undefined;
  };
}

const BUCKETS = 1024;

/** Rendezvous hashing: a consumer that joins or leaves moves only its own share of the streams. */
function pinned(keyOf: (delivery: Delivery) => string): Choose {
  let assigned: (Consumer | undefined)[] = [];
  let assignedFor: readonly Consumer[] = [];
  return (delivery, consumers) => {
    if (assignedFor !== consumers) {
      assignedFor = consumers;
      assigned = [];
    }
    const bucket = hash(keyOf(delivery)) % BUCKETS;
    assigned[bucket] ??= highest(bucket, consumers);
    const consumer = assigned[bucket];
    return consumer?.hasRoom() ? consumer : undefined;
  };
}

function highest(bucket: number, consumers: readonly Consumer[]): Consumer | undefined {
  let best: Consumer | undefined;
  let bestScore = -1;
  for (const consumer of consumers) {
    const score = hash(`${consumer.id}/${bucket}`);
    if (score > bestScore) {
      best = consumer;
      bestScore = score;
    }
  }
  return best;
}

const hash = (text: string): number => createHash('md5').update(text).digest().readUInt32LE(0);

const NO_RECORD = new Uint8Array(64);

const recordOf = ({ resolved }: Delivery): Uint8Array =>
  (resolved.event ?? resolved.link)?.record ?? NO_RECORD;

function correlationOf(delivery: Delivery): string {
  const text = Buffer.from(recordOf(delivery)).toString('latin1');
  return /"\$correlationId"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? streamOf(recordOf(delivery));
}
