/** The settings of a subscription group, as stored and as the client sends them. */
import type { CreateReq, UpdateReq } from '@eventstore/db-client/generated/persistent_pb.js';
import { invalidArgument } from '../errors.ts';
import type { FilterOptions } from '../read-requests.ts';
import { END } from '../wire.ts';

/** Who gets the next event when several consumers are connected. */
export type Strategy = 'RoundRobin' | 'DispatchToSingle' | 'Pinned' | 'PinnedByCorrelation';

export interface GroupSettings {
  /** First revision or position, inclusive; `END` for what comes after the creation. */
  readonly startFrom: number;
  readonly resolveLinks: boolean;
  readonly extraStatistics: boolean;
  /** 0: never. */
  readonly messageTimeoutMs: number;
  /** Deliveries after the first, before an event is parked. */
  readonly maxRetryCount: number;
  readonly checkpointAfterMs: number;
  readonly minCheckpointCount: number;
  readonly maxCheckpointCount: number;
  /** 0: any number. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  readonly historyBufferSize: number;
  readonly strategy: Strategy;
  /** On $all only. */
  readonly filter: FilterOptions | undefined;
}

/** Which group, and with what settings. */
export interface GroupRequest {
  readonly stream: string;
  readonly name: string;
  readonly settings: GroupSettings;
}

const TICKS_PER_MS = 10_000;

export const streamNameOf = (
  identifier: { getStreamName_asU8(): Uint8Array } | undefined,
): string => (identifier ? Buffer.from(identifier.getStreamName_asU8()).toString('utf8') : '');

/** Integers come as text; those beyond 2^53 - 1 mean the end. */
const placeOf = (text: string): number => {
  const value = Number(text || '0');
  return value < 0 || value > END ? END : value;
};

/** Reads a Create or Update request. Throws INVALID_ARGUMENT when something is missing or absurd. */
export function readGroupRequest(
  request: CreateReq | UpdateReq,
  filterOf: (all: CreateReq.AllOptions) => FilterOptions | undefined,
): GroupRequest {
  const options = request.getOptions();
  const settings = options?.getSettings();
  if (!options || !settings) throw invalidArgument('The request has no settings.');
  const all = options.getAll();
  const stream = all
    ? '$all'
    : streamNameOf(options.getStream()?.getStreamIdentifier() ?? options.getStreamIdentifier());
  const name = options.getGroupName();
  if (stream === '' || name === '') {
    throw invalidArgument('A persistent subscription needs a stream and a group name.');
  }
  const position = all?.getPosition();
  const target = options.getStream();
  const startFrom = all
    ? position
      ? placeOf(position.getCommitPosition())
      : all.hasEnd()
        ? END
        : 0
    : target?.hasRevision()
      ? placeOf(target.getRevision())
      : target?.hasEnd()
        ? END
        : placeOf(settings.getRevision());
  const filter = all && 'getFilter' in all ? filterOf(all) : undefined;
  return {
    stream,
    name,
    settings: {
      startFrom,
      filter,
      resolveLinks: settings.getResolveLinks(),
      extraStatistics: settings.getExtraStatistics(),
      messageTimeoutMs: settings.hasMessageTimeoutTicks()
        ? Number(settings.getMessageTimeoutTicks()) / TICKS_PER_MS
        : settings.getMessageTimeoutMs(),
      maxRetryCount: settings.getMaxRetryCount(),
      checkpointAfterMs: settings.hasCheckpointAfterTicks()
        ? Number(settings.getCheckpointAfterTicks()) / TICKS_PER_MS
        : settings.getCheckpointAfterMs(),
      minCheckpointCount: settings.getMinCheckpointCount(),
      maxCheckpointCount: settings.getMaxCheckpointCount(),
      maxSubscriberCount: settings.getMaxSubscriberCount(),
      liveBufferSize: positive('liveBufferSize', settings.getLiveBufferSize()),
      readBatchSize: positive('readBatchSize', settings.getReadBatchSize()),
      historyBufferSize: positive('historyBufferSize', settings.getHistoryBufferSize()),
      strategy: strategyOf(
        'getConsumerStrategy' in settings ? settings.getConsumerStrategy() : '',
        settings.getNamedConsumerStrategy(),
      ),
    },
  };
}

function positive(name: string, value: number): number {
  if (value <= 0) throw invalidArgument(`${name} must be positive, not ${value}.`);
  return value;
}

/** Newer clients send the name, older ones a number. */
function strategyOf(name: string, number: number): Strategy {
  const strategy = name || ['DispatchToSingle', 'RoundRobin', 'Pinned'][number];
  switch (strategy) {
    case 'RoundRobin':
    case 'DispatchToSingle':
    case 'Pinned':
    case 'PinnedByCorrelation':
      return strategy;
    case undefined:
    default:
      throw invalidArgument(`There is no consumer strategy "${strategy ?? number}".`);
  }
}
