import { DomainError } from '../errors.ts';
import type { PreferenceChanges } from './commands.ts';
import type { UserEvent } from './events.ts';
import { preferenceFor, unsubscribedBy } from './questions.ts';
import { preferenceKey, type RegisteredUser, topicKey } from './state.ts';

/**
 * The events of changed preferences: those that change something, of several for the same the last.
 *
 * A kind that is switched on is subscribed to again.
 *
 * @throws DomainError UNSUBSCRIBED when the user unsubscribed from more than the kind that is switched on
 */
export const decidePreferences = (
  { changes, topics = [], source }: PreferenceChanges & { readonly source: string },
  state: RegisteredUser,
): readonly UserEvent[] => {
  const kinds = lastOf(changes, (c) => preferenceKey(c.channel, c.category));
  const back: UserEvent[] = [];
  for (const { channel, category, enabled } of kinds) {
    const wall = enabled ? unsubscribedBy(state, channel, category) : undefined;
    if (wall === undefined) continue;
    if (wall !== preferenceKey(channel, category)) throw walled(wall);
    back.push({ type: 'Resubscribed', data: { scope: 'kind', channel, category, source } });
  }
  const newKinds = kinds.filter(
    (change) => preferenceFor(state, change).enabled !== change.enabled,
  );
  // A topic says something also where it repeats what its category says: the category may change.
  const newTopics = lastOf(topics, (t) => topicKey(t.topic, t.channel)).filter(
    (t) => state.preferences[topicKey(t.topic, t.channel)] !== t.enabled,
  );
  const events = back;
  if (newKinds.length > 0) {
    events.push({ type: 'PreferencesUpdated', data: { changes: newKinds, source } });
  }
  if (newTopics.length > 0) {
    events.push({ type: 'TopicPreferencesUpdated', data: { changes: newTopics, source } });
  }
  return events;
};

const lastOf = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => [
  ...new Map(items.map((item) => [keyOf(item), item])).values(),
];

const walled = (wall: string): DomainError => {
  const from = wall === 'all' ? 'everything' : `everything of ${wall}`;
  const message = `the user unsubscribed from ${from}; subscribe again first`;
  return new DomainError('UNSUBSCRIBED', message, 'changes');
};
