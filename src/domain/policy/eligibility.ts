import type { Refusal } from '../notification/commands.ts';
import { hasAddress, isEnabled } from '../user/questions.ts';
import type { RegisteredUser } from '../user/state.ts';
import type { Category, Channel } from '../vocabulary.ts';

export interface EligibilityQuestion {
  readonly user: RegisteredUser | undefined;
  readonly channel: Channel;
  readonly category: Category;
}

/**
 * Whether this user may be sent this kind of message over this channel now. Asked at the request and
 * again right before the provider is called (facts D4); the first rule that forbids it answers.
 */
export const refusalFor = ({
  user,
  channel,
  category,
}: EligibilityQuestion): Refusal | undefined => {
  if (!user) return { ruleId: 'user-unknown', reason: 'the user does not exist' };
  if (!isEnabled(user, channel, category)) {
    const reason = `the user opted out of ${category} messages over ${channel}`;
    return { ruleId: 'opted-out', reason, evidence: `preference ${category}:${channel}` };
  }
  if (!hasAddress(user, channel)) {
    return { ruleId: 'no-address', reason: `the user has no address for ${channel}` };
  }
  return undefined;
};
