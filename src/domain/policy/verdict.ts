import type { Deferral, Refusal } from '../notification/commands.ts';
import type { DeferralReason } from '../notification/events.ts';
import type { Instant } from '../vocabulary.ts';
import { instantAt } from './localTime.ts';

/** What a rule says: its id, why in words, and the event that made it so. */
export type Ruling = Refusal;

/** What is to become of a message. */
export type Verdict =
  | { readonly kind: 'allow' }
  | ({ readonly kind: 'refuse' } & Ruling)
  | ({ readonly kind: 'defer'; readonly until: Instant; readonly as: DeferralReason } & Ruling)
  | ({ readonly kind: 'expire' } & Ruling);

/** A verdict as it is recorded. */
export const rulingOf = ({ ruleId, reason, evidence }: Ruling): Ruling => ({
  ruleId,
  reason,
  ...(evidence === undefined ? {} : { evidence }),
});

/** A deferral as it is recorded: its reason is the kind of wait. */
export const deferralOf = (verdict: Extract<Verdict, { kind: 'defer' }>): Deferral => {
  const { until, as: reason, ruleId, evidence } = verdict;
  return { until, reason, ruleId, ...(evidence === undefined ? {} : { evidence }) };
};

/** A message that would wait until it has expired is not kept waiting (facts L23). */
export const deferred = (
  ruling: Ruling,
  as: DeferralReason,
  until: number,
  expiresAt: Instant | undefined,
): Verdict => {
  const at = instantAt(until);
  return expiresAt !== undefined && expiresAt <= at
    ? { kind: 'expire', ...ruling }
    : { kind: 'defer', until: at, as, ...ruling };
};
