import {
  strongest,
  suppression as decider,
  type SuppressionEvent,
  suppressionSchemas,
  type SuppressionScope,
  type SuppressionState,
} from '../domain/suppression/suppression.ts';
import type { AddressChannel } from '../domain/user/events.ts';
import type { Instant } from '../domain/vocabulary.ts';
import { type Recorded, refOf } from '../eventstore/event.ts';
import type { Collection } from '../readmodels/database.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/** An address that is not written to, by its keyed hash; gone when the last reason is lifted. */
export interface SuppressionDocument extends ReadModel {
  readonly channel: AddressChannel;
  readonly state: SuppressionState;
  /** Of the first reason that holds. */
  readonly suppressedAt: Date;
}

const apply = (
  document: SuppressionDocument | null,
  recorded: Recorded,
  id: string,
): SuppressionDocument | null => {
  const event = recorded as Recorded<SuppressionEvent>;
  const state = decider.evolve(document?.state ?? decider.initialState, event, refOf(recorded));
  const channel = 'channel' in event.data ? event.data.channel : document?.channel;
  if (state.held.length === 0 || channel === undefined) return null;
  const suppressedAt = document?.suppressedAt ?? new Date(event.metadata.occurredAt);
  return { _id: id, v: event.revision, channel, state, suppressedAt };
};

export const suppressionsProjection: Projection<SuppressionDocument> = {
  name: 'suppressions',
  version: 2,
  handles: Object.keys(suppressionSchemas) as SuppressionEvent['type'][],
  indexes: [{ key: { suppressedAt: -1, _id: 1 } }],
  // The hash says nothing to who lacks the pepper, and must stay when the person is erased.
  personalData: 'none',
  readsPersonalData: false,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) => [streamId(event)],
  apply,
};

/** What the policy asks of an address: what may not be sent to it, why, and which event says so. */
export interface SuppressedAddress {
  readonly scope: SuppressionScope;
  readonly reason: string;
  readonly evidence: string;
  /** When it ends by itself. */
  readonly until?: Instant;
}

export interface SuppressionQueries {
  /** Of these hashes those that are suppressed, in one round trip. */
  byHashes(hashes: readonly string[]): Promise<ReadonlyMap<string, SuppressedAddress>>;
  /** The latest first. `after` is the last of the page before; `first` 1 to 100. */
  page(
    first: number,
    after?: { readonly suppressedAt: Date; readonly id: string },
  ): Promise<{ readonly items: readonly SuppressionDocument[]; readonly hasNextPage: boolean }>;
}

export const suppressionQueries = (
  collection: Collection<SuppressionDocument>,
): SuppressionQueries => ({
  byHashes: async (hashes) => {
    if (hashes.length === 0) return new Map();
    const found = await collection.find({ _id: { $in: [...hashes] } }).toArray();
    const now = new Date().toISOString();
    return new Map(
      found.flatMap(({ _id, state }) => {
        const held = strongest(state, now);
        if (!held) return [];
        const { scope, reason, because: evidence, until } = held;
        return [[_id, { scope, reason, evidence, ...(until === undefined ? {} : { until }) }]];
      }),
    );
  },
  page: async (first, after) => {
    const older = after && {
      $or: [
        { suppressedAt: { $lt: after.suppressedAt } },
        { suppressedAt: after.suppressedAt, _id: { $gt: after.id } },
      ],
    };
    const found = await collection
      .find(older ?? {})
      .sort({ suppressedAt: -1, _id: 1 })
      .limit(first + 1)
      .toArray();
    return { items: found.slice(0, first), hasNextPage: found.length > first };
  },
});
