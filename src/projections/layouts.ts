import {
  layout as decider,
  type LayoutEvent,
  layoutSchemas,
  type LayoutState,
} from '../domain/layout/layout.ts';
import { type Recorded, refOf } from '../eventstore/event.ts';
import type { Collection } from '../readmodels/database.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/** A layout with every published version. */
export interface LayoutDocument extends ReadModel {
  readonly state: Exclude<LayoutState, { status: 'none' }>;
  readonly updatedAt: Date;
}

const apply = (
  document: LayoutDocument | null,
  event: Recorded,
  id: string,
): LayoutDocument | null => {
  const before = document?.state ?? decider.initialState;
  const state = decider.evolve(before, event as LayoutEvent, refOf(event));
  if (state.status === 'none') return null;
  return { _id: id, v: event.revision, state, updatedAt: new Date(event.metadata.occurredAt) };
};

export const layoutsProjection: Projection<LayoutDocument> = {
  name: 'layouts',
  version: 1,
  handles: Object.keys(layoutSchemas) as LayoutEvent['type'][],
  indexes: [],
  personalData: 'none',
  readsPersonalData: false,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) => [streamId(event)],
  apply,
};

export interface LayoutQueries {
  byName(name: string): Promise<LayoutDocument | undefined>;
  /** By name, ascending; at most a hundred. */
  all(): Promise<readonly LayoutDocument[]>;
}

export const layoutQueries = (collection: Collection<LayoutDocument>): LayoutQueries => ({
  byName: async (name) => (await collection.findOne({ _id: name })) ?? undefined,
  all: () => collection.find({}).sort({ _id: 1 }).limit(100).toArray(),
});
