import type { DemoChannel, DemoTemplate, DemoUser, DemoValues } from './input.ts';
import { demoTemplates } from './templates/index.ts';
import { demoUsers } from './users.ts';
import { demoVariables } from './variables.ts';

/**
 * How a notification of the demo is to end. To a dead mailbox the first ones bounce, and as soon as that is
 * known nothing is sent there any more.
 */
export type Ending = 'DELIVERED' | 'SUPPRESSED' | 'UNDELIVERABLE';

const statusesOf: Readonly<Record<Ending, readonly string[]>> = {
  DELIVERED: ['DELIVERED'],
  SUPPRESSED: ['SUPPRESSED'],
  UNDELIVERABLE: ['BOUNCED', 'SUPPRESSED'],
};

/** The statuses of what went to a provider without receipts: what it takes or refuses is all that it tells. */
const statusesWithoutReceipts: typeof statusesOf = {
  ...statusesOf,
  DELIVERED: ['SENT'],
  UNDELIVERABLE: ['DEAD_LETTERED', 'SUPPRESSED'],
};

const withoutReceipts: ReadonlySet<string> = new Set(['smtp', 'sns']);

/** Whether a notification that was last taken to this provider is where it is to end. */
export const isEnd = (ending: Ending, status: string, provider: string | undefined): boolean => {
  const silent = provider !== undefined && withoutReceipts.has(provider);
  return (silent ? statusesWithoutReceipts : statusesOf)[ending].includes(status);
};

/** One call of the API: one template over one channel to some users. */
export interface Group {
  readonly key: string;
  readonly template: DemoTemplate;
  readonly channel: DemoChannel;
  readonly users: readonly DemoUser[];
  readonly variables: DemoValues;
}

const channels: readonly DemoChannel[] = ['email', 'sms', 'push', 'in_app'];
/** Single messages and lists, as services and campaigns send them. */
const sizes = [1, 1, 2, 1, 5, 1, 20, 1, 3, 50];

/** Groups with that many notifications in all: every template over every channel, the same in every run. */
export function* planOf(notifications: number): Generator<Group> {
  let sent = 0;
  let turn = 0;
  for (let index = 0; sent < notifications; index += 1) {
    const template = demoTemplates[index % demoTemplates.length];
    const channel = channels[(index + Math.floor(index / demoTemplates.length)) % channels.length];
    const size = Math.min(sizes[index % sizes.length] ?? 1, notifications - sent);
    if (!template || !channel) return;
    const users = Array.from({ length: size }, () => {
      turn += 1;
      return demoUsers[turn % demoUsers.length];
    }).filter((user) => user !== undefined);
    sent += users.length;
    yield {
      key: `group-${index}`,
      template,
      channel,
      users,
      variables: demoVariables(template.name, index),
    };
  }
}

/** What ought to become of a message, by the user's own choices and the state of the mailbox. */
export const endingOf = (user: DemoUser, template: DemoTemplate, channel: DemoChannel): Ending => {
  if (user.preferences[channel]?.[template.category] === false) return 'SUPPRESSED';
  const asksForConsent = template.category === 'marketing' && channel === 'sms';
  if (asksForConsent && !user.wantsOffersBySms) return 'SUPPRESSED';
  return channel === 'email' && user.email.startsWith('bounce') ? 'UNDELIVERABLE' : 'DELIVERED';
};
