import { offers, type TemplateContent } from '../../domain/template/content.ts';
import type { Preference, TopicPreference } from '../../domain/user/events.ts';
import {
  hasAddress,
  isEnabled,
  preferenceFor,
  unsubscribedBy,
} from '../../domain/user/questions.ts';
import { preferenceKey, type RegisteredUser, topicKey } from '../../domain/user/state.ts';
import { type Category, type Channel, categories, channels } from '../../domain/vocabulary.ts';

/** A template that the reader got something of, or said something about, in its active version. */
export interface Topic {
  readonly name: string;
  readonly content: TemplateContent;
}

/** Why the reader can't turn a switch here: it is required, unsubscribed from as a whole, or stopped by STOP. */
export type Fixed = 'required' | 'unsubscribed' | 'stopped';

/** One kind of message, or one topic, over one channel. */
export interface Switch {
  /** Names it in the form: `marketing:email`, `topic:welcome:email`. */
  readonly key: string;
  readonly channel: Channel;
  readonly on: boolean;
  readonly fixed?: Fixed;
  /** What is said when it is turned. */
  readonly about: Omit<Preference, 'enabled'> | Omit<TopicPreference, 'enabled'>;
}

export interface Row<N extends string = string> {
  readonly name: N;
  readonly switches: readonly Switch[];
}

/** Everything that one person may choose. */
export interface Board {
  /** Those over which the person can be reached. */
  readonly channels: readonly Channel[];
  readonly kinds: readonly Row<Category>[];
  readonly topics: readonly Row[];
  /** What was unsubscribed from as a whole: everything, or some channels and categories. */
  readonly walls: readonly ('all' | Channel | Category)[];
  readonly stopped: readonly Channel[];
}

export const boardOf = (user: RegisteredUser, topics: readonly Topic[]): Board => {
  const reached = channels.filter((channel) => hasAddress(user, channel));
  const { unsubscribed } = user;
  return {
    channels: reached,
    kinds: categories.map((category) => ({
      name: category,
      switches: reached.map((channel) => kindSwitch(user, channel, category)),
    })),
    topics: topics
      .map((topic) => ({
        name: topic.name,
        switches: reached
          .filter((channel) => offers(topic.content, channel))
          .map((channel) => topicSwitch(user, channel, topic)),
      }))
      .filter(({ switches }) => switches.length > 0),
    walls: unsubscribed.all ? ['all'] : [...unsubscribed.channels, ...unsubscribed.categories],
    stopped: reached.filter((channel) => user.stopped.includes(channel)),
  };
};

export const switchesOf = ({ kinds, topics }: Board): readonly Switch[] =>
  [...kinds, ...topics].flatMap(({ switches }) => switches);

const kindSwitch = (user: RegisteredUser, channel: Channel, category: Category): Switch => {
  const key = preferenceKey(channel, category);
  const about = { channel, category };
  if (user.stopped.includes(channel)) return { key, channel, about, on: false, fixed: 'stopped' };
  const wall = unsubscribedBy(user, channel, category);
  // A kind that was unsubscribed from alone is subscribed to again by its own switch.
  if (wall !== undefined && wall !== key) {
    return { key, channel, about, on: false, fixed: 'unsubscribed' };
  }
  return { key, channel, about, on: isEnabled(user, channel, category) };
};

/** As the rules decide it (`domain/policy/eligibility.ts`). */
const topicSwitch = (user: RegisteredUser, channel: Channel, { name, content }: Topic): Switch => {
  const { category, required, purpose } = content;
  const key = topicKey(name, channel);
  const about = { topic: name, channel };
  if (user.stopped.includes(channel)) return { key, channel, about, on: false, fixed: 'stopped' };
  if (required) return { key, channel, about, on: true, fixed: 'required' };
  if (purpose === undefined && unsubscribedBy(user, channel, category) !== undefined) {
    return { key, channel, about, on: false, fixed: 'unsubscribed' };
  }
  return {
    key,
    channel,
    about,
    on: preferenceFor(user, { channel, category, topic: name }).enabled,
  };
};
