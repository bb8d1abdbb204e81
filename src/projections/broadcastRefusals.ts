import type { BroadcastEvent, RecipientRefusal } from '../domain/broadcast/events.ts';
import type { Recorded } from '../eventstore/event.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/** One recipient of a broadcast who gets nothing, and why. */
export interface BroadcastRefusalDocument extends ReadModel, RecipientRefusal {}

const refusalsOf = (event: Recorded): readonly RecipientRefusal[] => {
  const { type, data } = event as unknown as BroadcastEvent;
  const refuses = type === 'BroadcastLinesRefused' || type === 'BroadcastPageExpanded';
  return refuses ? data.refusals : [];
};

/** `broadcast/revision/index`, so that a broadcast's are a range of names in the order of the log. */
const nameOf = (event: Recorded, index: number): string =>
  `${streamId(event)}/${padded(event.revision)}/${padded(index)}`;

const padded = (n: number): string => String(n).padStart(8, '0');

export const broadcastRefusalsProjection: Projection<BroadcastRefusalDocument> = {
  name: 'broadcast_refusals',
  version: 1,
  handles: ['BroadcastLinesRefused', 'BroadcastPageExpanded'],
  indexes: [],
  personalData: { subjectPath: 'userId' },
  readsPersonalData: false,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) => refusalsOf(event).map((_, index) => nameOf(event, index)),
  apply: (document, event, id) => {
    const refusal = refusalsOf(event)[Number(id.slice(id.lastIndexOf('/') + 1))];
    return refusal ? { ...refusal, _id: id, v: event.revision } : document;
  },
};
