import type { Rule } from '../domain/segment/rule.ts';
import { type SegmentEvent, segmentSchemas } from '../domain/segment/segment.ts';
import type { Recorded } from '../eventstore/event.ts';
import type { Collection } from '../readmodels/database.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/** What a segment is; the members of a static list are documents of their own. */
export interface SegmentDocument extends ReadModel {
  readonly kind: 'static' | 'rule';
  readonly rule?: Rule;
  readonly description?: string;
  /** Of a static list; zero for a rule. */
  readonly members: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const apply = (
  document: SegmentDocument | null,
  event: Recorded,
  id: string,
): SegmentDocument | null => {
  const { type, data } = event as unknown as SegmentEvent;
  const at = new Date(event.metadata.occurredAt);
  const changed = { _id: id, v: event.revision, updatedAt: at };
  switch (type) {
    case 'SegmentDefined': {
      const { name: _, ...definition } = data;
      return { ...definition, ...changed, members: 0, createdAt: at };
    }
    case 'SegmentChanged': {
      if (!document) return null;
      const { members, createdAt } = document;
      return { ...data, ...changed, members, createdAt };
    }
    case 'SegmentMembersAdded':
      return (
        document && { ...document, ...changed, members: document.members + data.userIds.length }
      );
    case 'SegmentMembersRemoved':
      return (
        document && { ...document, ...changed, members: document.members - data.userIds.length }
      );
    default:
      return document;
  }
};

export const segmentsProjection: Projection<SegmentDocument> = {
  name: 'segments',
  version: 1,
  handles: Object.keys(segmentSchemas) as SegmentEvent['type'][],
  indexes: [],
  personalData: 'none',
  readsPersonalData: false,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) => [streamId(event)],
  apply,
};

/** One member of one static list, named `segment/user`: a list is a range of names. */
export interface SegmentMemberDocument extends ReadModel {
  readonly userId: string;
}

/** `0` is what comes after `/`; neither occurs in a segment's name before it. */
export const memberId = (segment: string, userId: string): string => `${segment}/${userId}`;
export const afterMembers = (segment: string): string => `${segment}0`;

export const segmentMembersProjection: Projection<SegmentMemberDocument> = {
  name: 'segment_members',
  version: 1,
  handles: ['SegmentMembersAdded', 'SegmentMembersRemoved'],
  indexes: [],
  personalData: { subjectPath: 'userId' },
  readsPersonalData: false,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) =>
    (event as unknown as { data: { userIds: readonly string[] } }).data.userIds.map((userId) =>
      memberId(streamId(event), userId),
    ),
  apply: (_document, event, id) =>
    event.type === 'SegmentMembersAdded'
      ? { _id: id, v: event.revision, userId: id.slice(id.indexOf('/') + 1) }
      : null,
};

export interface SegmentQueries {
  byName(name: string): Promise<SegmentDocument | undefined>;
  /** By name, ascending. `after` is the last name of the page before; `first` 1 to 100. */
  page(
    first: number,
    after?: string,
  ): Promise<{ readonly items: readonly SegmentDocument[]; readonly hasNextPage: boolean }>;
}

export const segmentQueries = (collection: Collection<SegmentDocument>): SegmentQueries => ({
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
