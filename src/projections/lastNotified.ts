import type { Projection, ReadModel } from './projection.ts';

/** When a user was last sent anything over any channel; rules of segments ask for it. */
export interface LastNotifiedDocument extends ReadModel {
  readonly at: Date;
}

export const lastNotifiedProjection: Projection<LastNotifiedDocument> = {
  name: 'last_notified',
  version: 1,
  handles: ['NotificationSent'],
  indexes: [],
  personalData: { subjectPath: '_id' },
  readsPersonalData: false,
  guard: 'position',
  pace: 'gathered',
  idsOf: ({ metadata }) => (metadata.subject === undefined ? [] : [metadata.subject]),
  apply: (document, event, id) => {
    const at = new Date(event.metadata.occurredAt);
    const latest = document && document.at > at ? document.at : at;
    return { _id: id, v: Number(event.position.commit), at: latest };
  },
};
