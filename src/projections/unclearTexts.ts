import type { InboundTextEvent } from '../domain/inbound/inboundText.ts';
import type { Recorded } from '../eventstore/event.ts';
import type { Collection } from '../readmodels/database.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/** A text that an operator has yet to judge; gone once that is done. What it says stays in its stream. */
export interface UnclearTextDocument extends ReadModel {
  readonly provider: string;
  readonly receivedAt: Date;
  /** Who had the sender's number then. */
  readonly userIds: readonly string[];
}

const apply = (
  document: UnclearTextDocument | null,
  recorded: Recorded,
  id: string,
): UnclearTextDocument | null => {
  const event = recorded as Recorded<InboundTextEvent>;
  switch (event.type) {
    case 'TextReceived': {
      const { meaning, provider, userIds } = event.data;
      if (meaning !== 'unclear') return null;
      const receivedAt = new Date(event.metadata.occurredAt);
      return { _id: id, v: event.revision, provider, receivedAt, userIds };
    }
    case 'TextHandled':
      return document && { ...document, v: event.revision };
    case 'TextSettled':
      return null;
  }
};

const handles: readonly InboundTextEvent['type'][] = ['TextReceived', 'TextHandled', 'TextSettled'];

export const unclearTextsProjection: Projection<UnclearTextDocument> = {
  name: 'unclear_texts',
  version: 1,
  handles,
  indexes: [{ key: { receivedAt: 1, _id: 1 } }],
  personalData: { subjectPath: 'userIds' },
  readsPersonalData: false,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) => [streamId(event)],
  apply,
};

export interface UnclearTextQueries {
  /** The oldest first. `after` is the last of the page before; `first` 1 to 100. */
  page(
    first: number,
    after?: { readonly receivedAt: Date; readonly id: string },
  ): Promise<{ readonly items: readonly UnclearTextDocument[]; readonly hasNextPage: boolean }>;
}

export const unclearTextQueries = (
  collection: Collection<UnclearTextDocument>,
): UnclearTextQueries => ({
  page: async (first, after) => {
    const later = after && {
      $or: [
        { receivedAt: { $gt: after.receivedAt } },
        { receivedAt: after.receivedAt, _id: { $gt: after.id } },
      ],
    };
    const found = await collection
      .find(later ?? {})
      .sort({ receivedAt: 1, _id: 1 })
      .limit(first + 1)
      .toArray();
    return { items: found.slice(0, first), hasNextPage: found.length > first };
  },
});
