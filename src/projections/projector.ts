import type { Logger } from 'pino';
import { type EventLog } from '../eventstore/client.ts';
import type { Codec } from '../eventstore/codec.ts';
import { failureOf } from '../eventstore/failure.ts';
import { keepRunning } from '../eventstore/keepRunning.ts';
import { comparePositions, type Position, type Recorded } from '../eventstore/event.ts';
import type { Checkpoints } from '../readmodels/checkpoints.ts';
import type { Collection } from '../readmodels/database.ts';
import { createFold, type FoldBatch, LostProjection } from './fold.ts';
import { createGatherer } from './gatherer.ts';
import type { Projection, ReadModel } from './projection.ts';

export interface ProjectorPorts {
  readonly log: Pick<EventLog, 'follow'>;
  readonly codec: Codec;
  readonly checkpoints: Checkpoints;
  collection<D extends ReadModel>(name: string): Collection<D>;
  readonly logger: Logger;
  now(): Date;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** How a projection stands. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  /** Position of the last event it has seen; undefined before the first. */
  readonly position?: Position;
  /** When that event happened. */
  readonly eventAt?: Date;
  readonly events: number;
  /** Set when a handler failed: the projection stands still until somebody looks. */
  readonly failure?: string;
}

export interface Projector {
  /** Follows the log until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  status(): readonly ProjectionStatus[];
}

/** The collection of one version of a projection, so that two versions can stand side by side. */
export const collectionName = ({ name, version }: Pick<Projection, 'name' | 'version'>): string =>
  `${name}_v${version}`;

/**
 * While much happens a batch waits longer: most events of a notification come within a quarter of a
 * second of each other, and a document costs the same for one of them and for three.
 */
const batchOptions = { max: 500, lingerMs: 50, busy: { perSecond: 400, lingerMs: 250 } };
const gathering = { most: 2_000, forMs: 1_000 };

interface Live {
  readonly projection: Projection;
  readonly collection: Collection<ReadModel>;
  readonly handles: ReadonlySet<string>;
  fold: FoldBatch;
  position: Position | undefined;
  eventAt: Date | undefined;
  events: number;
  failure: string | undefined;
}

/**
 * Feeds all projections from one catch-up subscription. A projection whose handler throws is stopped
 * loudly and keeps its checkpoint; the others go on; nothing is skipped.
 */
export const createProjector = (
  projections: readonly Projection<never>[],
  ports: ProjectorPorts,
): Projector => {
  const all: Live[] = (projections as readonly unknown[] as readonly Projection[]).map(
    (projection) => {
      const collection = ports.collection<ReadModel>(collectionName(projection));
      return {
        projection,
        collection,
        fold: createFold(projection, collection),
        handles: new Set<string>(projection.handles),
        position: undefined,
        eventAt: undefined,
        events: 0,
        failure: undefined,
      };
    },
  );
  const types = [...new Set(all.flatMap(({ projection }) => projection.handles))];
  const opened = new Set<string>(
    all.flatMap(({ projection: p }) => (p.readsPersonalData ? p.handles : [])),
  );

  const prepare = async () => {
    for (const { projection, collection } of all) {
      if (projection.indexes.length > 0) await collection.createIndexes([...projection.indexes]);
    }
    const names = all.map(({ projection }) => collectionName(projection));
    const stored = await ports.checkpoints.read(names);
    for (const live of all) {
      live.position = stored.get(collectionName(live.projection));
      // What is remembered may be what made the last run fail.
      live.fold = createFold(live.projection, live.collection);
    }
  };

  const applyTo = async (live: Live, events: readonly Recorded[]) => {
    const position = live.position;
    const news = events.filter(
      (event) =>
        live.handles.has(event.type) &&
        (!position || comparePositions(event.position, position) > 0),
    );
    try {
      await live.fold(news);
      live.events += news.length;
    } catch (error) {
      // Whoever else wrote may be ahead: start again from the checkpoint.
      if (error instanceof LostProjection || isConnectionTrouble(error)) throw error;
      live.failure = failureOf(error);
      const about = { projection: live.projection.name, reason: failureOf(error) };
      ports.logger.error(about, 'projection stopped');
    }
  };

  const apply = async (pace: Projection['pace'], events: readonly Recorded[]) => {
    const running = all.filter(
      (live) => live.failure === undefined && live.projection.pace === pace,
    );
    await Promise.all(running.map((live) => applyTo(live, events)));
    const last = events.at(-1);
    const done = running.filter(({ failure }) => failure === undefined);
    if (!last || done.length === 0) return;
    const names = done.map(({ projection }) => collectionName(projection));
    await ports.checkpoints.write(names, last.position, ports.now());
    for (const live of done) {
      live.position = last.position;
      live.eventAt = new Date(last.metadata.occurredAt);
    }
  };

  const start = (): 'start' | Position => {
    const running = all.filter(({ failure }) => failure === undefined);
    const positions = running.map(({ position }) => position);
    if (positions.includes(undefined)) return 'start';
    const sorted = (positions as Position[]).sort(comparePositions);
    return sorted[0] ?? 'start';
  };

  return {
    status: () =>
      all.map(({ projection, position, eventAt, events, failure }) => ({
        name: projection.name,
        version: projection.version,
        events,
        ...(position ? { position } : {}),
        ...(eventAt ? { eventAt } : {}),
        ...(failure === undefined ? {} : { failure }),
      })),
    run: (signal) =>
      keepRunning('the projector', signal, ports, async (progress) => {
        await prepare();
        const broken = new AbortController();
        const both = AbortSignal.any([signal, broken.signal]);
        const gatherer = createGatherer<Recorded>(gathering, (events) => apply('gathered', events));
        gatherer.failed.catch(() => broken.abort());
        try {
          for await (const raw of ports.log.follow({ types }, start(), {
            ...batchOptions,
            signal: both,
          })) {
            const events = await ports.codec.decode(raw, ({ type }) => opened.has(type));
            await Promise.all([apply('prompt', events), gatherer.add(events)]);
            progress();
          }
          await gatherer.flush();
        } finally {
          // The next run reads it from the log again.
          gatherer.discard();
        }
      }),
  };
};

/** Trouble of the network or of a server that restarts, by the driver's names: worth another try. */
const isConnectionTrouble = (error: unknown): boolean =>
  error instanceof Error &&
  /^Mongo(Network|ServerSelection|PoolCleared|NotConnected|Topology|ServerClosed|Expired)/.test(
    error.name,
  );
