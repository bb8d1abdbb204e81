import type { UnsubscribeScope } from '../../domain/user/events.ts';
import type { Channel } from '../../domain/vocabulary.ts';
import type { Unsubscription } from './token.ts';

/** How a channel is said in a sentence. */
export const channelPhrases: Readonly<Record<Channel, string>> = {
  email: 'by email',
  sms: 'by text message',
  push: 'as push notifications',
  in_app: 'in your inbox',
};

/** What the reader of a message may unsubscribe from, narrowest first. */
export const choices = {
  kind: {
    saying: ({ channel, category }: Unsubscription) =>
      `${category} messages ${channelPhrases[channel]}`,
    scopeOf: ({ channel, category }: Unsubscription): UnsubscribeScope => ({
      scope: 'kind',
      channel,
      category,
    }),
  },
  category: {
    saying: ({ category }: Unsubscription) => `${category} messages of any kind`,
    scopeOf: ({ category }: Unsubscription): UnsubscribeScope => ({ scope: 'category', category }),
  },
  channel: {
    saying: ({ channel }: Unsubscription) => `messages ${channelPhrases[channel]} at all`,
    scopeOf: ({ channel }: Unsubscription): UnsubscribeScope => ({ scope: 'channel', channel }),
  },
  all: {
    saying: () => 'messages from us at all',
    scopeOf: (): UnsubscribeScope => ({ scope: 'all' }),
  },
} as const;
export type Choice = keyof typeof choices;

export const sayingOf = (choice: Choice, named: Unsubscription): string =>
  choices[choice].saying(named);

/** What a form chooses; one click, and everything that says nothing else, means the kind of message. */
export const choiceIn = (body: unknown): Choice => {
  const from = typeof body === 'string' ? new URLSearchParams(body).get('from') : null;
  return from !== null && Object.hasOwn(choices, from) ? (from as Choice) : 'kind';
};
