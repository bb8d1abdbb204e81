import { type UserEvent, userSchemas } from '../domain/user/events.ts';
import type { RegisteredUser } from '../domain/user/state.ts';
import { user as decider } from '../domain/user/user.ts';
import { type Recorded, refOf } from '../eventstore/event.ts';
import type { Collection } from '../readmodels/database.ts';
import { type Projection, type ReadModel, streamId } from './projection.ts';

/** A user as the request and the dispatch need it: addresses, devices, preferences. */
export interface UserDocument extends ReadModel {
  readonly state: RegisteredUser;
  readonly registeredAt: Date;
  readonly updatedAt: Date;
}

const apply = (document: UserDocument | null, event: Recorded, id: string): UserDocument | null => {
  const before = document?.state ?? decider.initialState;
  const state = decider.evolve(before, event as UserEvent, refOf(event));
  if (state.status === 'none') return null;
  const at = new Date(event.metadata.occurredAt);
  return {
    _id: id,
    v: event.revision,
    state,
    registeredAt: document?.registeredAt ?? at,
    updatedAt: at,
  };
};

export const usersProjection: Projection<UserDocument> = {
  name: 'users',
  version: 2,
  handles: Object.keys(userSchemas) as UserEvent['type'][],
  // By number for what comes back as a text message; the others for segments.
  indexes: [
    { key: { 'state.addresses.address': 1 } },
    { key: { 'state.profile.locale': 1 } },
    { key: { 'state.profile.timezone': 1 } },
    { key: { registeredAt: 1 } },
  ],
  personalData: { subjectPath: '_id' },
  readsPersonalData: true,
  guard: 'revision',
  pace: 'prompt',
  idsOf: (event) => [streamId(event)],
  apply,
};

export interface UserQueries {
  byId(userId: string): Promise<UserDocument | undefined>;
  /** Those of the users that exist, in one round trip. */
  byIds(userIds: readonly string[]): Promise<ReadonlyMap<string, UserDocument>>;
  /** The ids of those who have this address, as it was given. */
  idsByAddress(address: string): Promise<readonly string[]>;
}

export const userQueries = (collection: Collection<UserDocument>): UserQueries => ({
  byId: async (id) => (await collection.findOne({ _id: id })) ?? undefined,
  idsByAddress: async (address) => {
    const found = await collection
      .find({ 'state.addresses.address': address } as never)
      .project<{ readonly _id: string }>({ _id: 1 })
      .toArray();
    return found.map(({ _id }) => _id);
  },
  byIds: async (ids) => {
    const found = await collection.find({ _id: { $in: [...ids] } }).toArray();
    return new Map(found.map((document) => [document._id, document]));
  },
});
