import { Temporal } from '@js-temporal/polyfill';
import type { Purpose, TemplateContent } from '../template/content.ts';
import { hasAddress, preferenceFor, unsubscribedBy } from '../user/questions.ts';
import { preferenceKey, type RegisteredUser } from '../user/state.ts';
import type { Category, Channel, Instant } from '../vocabulary.ts';
import { marketingOpensAt, quietUntil, settled } from './hours.ts';
import { jurisdictionOf, type PolicyRules } from './rules.ts';
import { deferred, type Verdict } from './verdict.ts';

/** What a template version says of itself, as far as a rule asks for it. */
export interface MessageKind {
  readonly channel: Channel;
  readonly category: Category;
  readonly template: string;
  /** The reader can't switch it off. */
  readonly required?: boolean;
  /** A security notice or a one-time code: it can't wait (facts L28). */
  readonly purpose?: Purpose;
}

/** A message as the rules see it. */
export const messageKindOf = (
  { category, required, purpose }: Pick<TemplateContent, 'category' | 'required' | 'purpose'>,
  { channel, template }: Pick<MessageKind, 'channel' | 'template'>,
): MessageKind => ({
  channel,
  category,
  template,
  ...(required === undefined ? {} : { required }),
  ...(purpose === undefined ? {} : { purpose }),
});

/** A suppressed address of the user on this channel. */
export interface SuppressedAddress {
  readonly scope: 'all' | 'marketing';
  readonly reason: string;
  readonly evidence: string;
  /** It is paused until then. */
  readonly until?: Instant;
}

export interface EligibilityQuestion {
  readonly user: RegisteredUser | undefined;
  readonly message: MessageKind;
  readonly suppressed?: SuppressedAddress;
  readonly expiresAt?: Instant;
  readonly rules: PolicyRules;
  /** When it is asked: the moment of the call. */
  readonly at: Instant;
}

interface Asked extends Omit<EligibilityQuestion, 'user'> {
  readonly user: RegisteredUser;
  /** `marketing:email` and so on. */
  readonly key: string;
}

type Rule<V extends Verdict = Verdict> = (asked: Asked) => V | undefined;
type Refusing = Rule<Extract<Verdict, { kind: 'refuse' }>>;

const because = ({ user }: Asked, fact: string): { readonly evidence?: string } => {
  const evidence = user.because[fact];
  return evidence === undefined ? {} : { evidence };
};

const refuse = (ruleId: string, reason: string, evidence: { readonly evidence?: string } = {}) =>
  ({ kind: 'refuse', ruleId, reason, ...evidence }) as const;

const erased: Refusing = (asked) =>
  asked.user.erased ? refuse('erased', 'the user was erased', because(asked, 'erased')) : undefined;

const suppressedAddress: Refusing = ({ suppressed, message, at }) => {
  if (!suppressed || (suppressed.scope === 'marketing' && message.category !== 'marketing')) {
    return undefined;
  }
  const { reason, evidence, until } = suppressed;
  if (until !== undefined) {
    // What can't wait is worth a try: the mailbox may have room again.
    if (until <= at || message.purpose !== undefined) return undefined;
    return refuse('address-paused', `the address is paused until ${until}: ${reason}`, {
      evidence,
    });
  }
  return refuse('address-suppressed', `the address is suppressed: ${reason}`, { evidence });
};

const channelStopped: Refusing = (asked) => {
  const { channel } = asked.message;
  return asked.user.stopped.includes(channel)
    ? refuse(
        'channel-stopped',
        `the user said STOP on ${channel}`,
        because(asked, `stopped:${channel}`),
      )
    : undefined;
};

/** What the reader unsubscribed from, by link or by word; what is required or can't wait stays. */
const unsubscribed: Refusing = (asked) => {
  const { channel, category, required, purpose } = asked.message;
  if (required || purpose !== undefined) return undefined;
  const from = unsubscribedBy(asked.user, channel, category);
  if (from === undefined) return undefined;
  const reason = `the user unsubscribed from ${from === 'all' ? 'everything' : from}`;
  return refuse('unsubscribed', reason, because(asked, `unsubscribed:${from}`));
};

/** The most specific preference decides. */
const optedOut: Refusing = (asked) => {
  const { channel, category, template: topic, required } = asked.message;
  if (required) return undefined;
  const { key, enabled } = preferenceFor(asked.user, { channel, category, topic });
  if (enabled) return undefined;
  const what = key.startsWith('topic:') ? topic : category;
  const reason = `the user opted out of ${what} messages over ${channel}`;
  return refuse('opted-out', reason, because(asked, `preference:${key}`));
};

const noAddress: Refusing = ({ user, message: { channel } }) =>
  hasAddress(user, channel)
    ? undefined
    : refuse('no-address', `the user has no address for ${channel}`);

/** A consent that was taken back forbids everywhere; one that is missing, where the law asks for it. */
const consent: Refusing = (asked) => {
  const { key, at, user, rules, message } = asked;
  const given = user.consents[key];
  const evidence = because(asked, `consent:${key}`);
  const what = `${message.category} messages over ${message.channel}`;
  if (given && !given.given) {
    return refuse('consent-withdrawn', `the user withdrew the consent to ${what}`, evidence);
  }
  const { consentFor } = jurisdictionOf(rules, regionOf(user));
  if (!(consentFor as readonly string[]).includes(key)) return undefined;
  if (!given) return refuse('no-consent', `the user gave no consent to ${what}`);
  return given.expiresAt !== undefined && given.expiresAt <= at
    ? refuse('consent-expired', `the consent to ${what} has run out`, evidence)
    : undefined;
};

const expiry: Rule = ({ expiresAt, at }) =>
  expiresAt !== undefined && expiresAt <= at
    ? { kind: 'expire', ruleId: 'expired', reason: 'it was not sent in time' }
    : undefined;

/** The user's quiet hours and the law's: it waits for a moment that is in neither. */
const quietHours: Rule = (asked) => {
  const { user, message, rules } = asked;
  const { channel, category, purpose } = message;
  if (purpose !== undefined || (!user.quietHours && category !== 'marketing')) return undefined;
  const zone = user.profile.timezone;
  const now = Temporal.Instant.from(asked.at).epochMilliseconds;
  const own = (at: number) =>
    user.quietHours ? quietUntil(user.quietHours, channel, zone, at) : at;
  const jurisdiction = jurisdictionOf(rules, regionOf(user));
  const legal = (at: number) =>
    category === 'marketing' ? marketingOpensAt(jurisdiction, channel, [zone], at) : at;
  const isQuiet = own(now) > now;
  const until = settled(now, (at) => legal(own(at)));
  if (until === now) return undefined;
  const ruling = isQuiet
    ? {
        ruleId: 'quiet-hours',
        reason: 'the user has quiet hours',
        ...because(asked, 'quietHours'),
      }
    : { ruleId: 'marketing-hours', reason: 'the law keeps marketing out of these hours' };
  return deferred(ruling, 'quiet hours', until, asked.expiresAt);
};

/** ISO 3166, such as `DE` or `US-TX`: what the caller said of the user. */
export const regionOf = ({ profile }: Pick<RegisteredUser, 'profile'>): string | undefined => {
  const region = profile.attributes?.['region'];
  return typeof region === 'string' ? region.toUpperCase() : undefined;
};

const refusing: readonly Refusing[] = [
  erased,
  suppressedAddress,
  channelStopped,
  unsubscribed,
  optedOut,
  noAddress,
  consent,
];

const asking = (question: EligibilityQuestion, user: RegisteredUser): Asked => {
  const { channel, category } = question.message;
  return { ...question, user, key: preferenceKey(channel, category) };
};

const first = (rules: readonly Rule[], asked: Asked): Verdict => {
  for (const rule of rules) {
    const verdict = rule(asked);
    if (verdict) return verdict;
  }
  return { kind: 'allow' };
};

const unknownUser = refuse('user-unknown', 'the user does not exist');

/**
 * Whether a message may be sent to this user now, later, or not at all: the first rule that has
 * something to say decides, in the order of precedence (facts §2). Asked at the request and again right
 * before the provider is called (facts D4). What a rate limit says comes after it, see `deferred`.
 */
export const eligibility = (question: EligibilityQuestion): Verdict =>
  question.user
    ? first([...refusing, expiry, quietHours], asking(question, question.user))
    : unknownUser;

/** Whether it may be sent at all: what can be told of a message that is for later. */
export const permission = (question: EligibilityQuestion): Verdict =>
  question.user ? first(refusing, asking(question, question.user)) : unknownUser;
