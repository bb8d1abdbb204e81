import {
  type KnownTemplate,
  template as decider,
  type TemplateEvent,
  templateSchemas,
} from '../domain/template/template.ts';
import { type Recorded, refOf } from '../eventstore/event.ts';
import type { Collection } from '../readmodels/database.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/** A template with every published version. */
export interface TemplateDocument extends ReadModel {
  readonly state: KnownTemplate;
  readonly description?: string;
  /** When each version was published; version n is at index n - 1. */
  readonly publishedAt: readonly Date[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const apply = (
  document: TemplateDocument | null,
  event: Recorded,
  id: string,
): TemplateDocument | null => {
  const before = document?.state ?? decider.initialState;
  const state = decider.evolve(before, event as TemplateEvent, refOf(event));
  if (state.status === 'none') return null;
  const at = new Date(event.metadata.occurredAt);
  const description =
    event.type === 'TemplateCreated' ? event.data.description : document?.description;
  const published = document?.publishedAt ?? [];
  return {
    _id: id,
    v: event.revision,
    state,
    ...(description === undefined ? {} : { description }),
    publishedAt: event.type === 'TemplateVersionPublished' ? [...published, at] : published,
    createdAt: document?.createdAt ?? at,
    updatedAt: at,
  };
};

export const templatesProjection: Projection<TemplateDocument> = {
  name: 'templates',
  version: 2,
  handles: Object.keys(templateSchemas) as TemplateEvent['type'][],
  indexes: [],
  personalData: 'none',
  readsPersonalData: false,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) => [streamId(event)],
  apply,
};

export interface TemplateQueries {
  byName(name: string): Promise<TemplateDocument | undefined>;
  /** By name, ascending. `after` is the last name of the page before; `first` 1 to 100. */
  page(
    first: number,
    after?: string,
  ): Promise<{ readonly items: readonly TemplateDocument[]; readonly hasNextPage: boolean }>;
}

export const templateQueries = (collection: Collection<TemplateDocument>): TemplateQueries => ({
  byName: async (name) => (await collection.findOne({ _id: name })) ?? undefined,
  page: async (first, after) => {
    const found = await collection
      .find(after === undefined ? {} : { _id: { $gt: after } })
      .sort({ _id: 1 })
      .limit(first + 1)
      .toArray();
    return { items: found.slice(0, first), hasNextPage: found.length > first };
  },
});
