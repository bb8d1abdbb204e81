import type { NotificationCommand } from '../domain/notification/commands.ts';
import { eligibility, messageKindOf, permission } from '../domain/policy/eligibility.ts';
import { instantOf } from '../domain/policy/localTime.ts';
import type { PolicyRules } from '../domain/policy/rules.ts';
import { deferralOf, rulingOf, type Verdict } from '../domain/policy/verdict.ts';
import type { TemplateContent } from '../domain/template/content.ts';
import type { Instant } from '../domain/vocabulary.ts';
import type { Request } from './compose.ts';
import type { Recipient } from './recipients.ts';

/** What is recorded instead of a call. */
export type Hold = Extract<
  NotificationCommand,
  { type: 'SuppressNotification' | 'ExpireNotification' | 'DeferDispatch' }
>;

export interface HoldQuestion {
  readonly request: Request;
  readonly recipient: Recipient | undefined;
  readonly content: TemplateContent | undefined;
  readonly rules: PolicyRules;
  readonly at: Instant;
}

/** What the rules say right before a provider is called, as a command; nothing when it may be called. */
export const holdFor = ({
  request,
  recipient,
  content,
  rules,
  at,
}: HoldQuestion): Hold | undefined => {
  const { category, channel, template, localTime, expiresAt } = request;
  const { user, suppressed } = recipient ?? {};
  const question = {
    user,
    message: messageKindOf({ ...content, category }, { channel, template }),
    rules,
    at,
    ...(suppressed ? { suppressed } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  // The user may have moved west since it was scheduled: it is not that late there yet.
  const localMoment =
    localTime !== undefined && user ? instantOf(localTime, user.profile.timezone) : at;
  if (localMoment <= at) return asHold(eligibility(question), expiresAt);
  const forLater = asHold(permission(question), expiresAt);
  return forLater ?? { type: 'DeferDispatch', until: localMoment, reason: 'scheduled' };
};

/** A verdict as the command that records it. */
export const asHold = (verdict: Verdict, expiresAt: Instant | undefined): Hold | undefined => {
  switch (verdict.kind) {
    case 'allow':
      return undefined;
    case 'refuse':
      return { type: 'SuppressNotification', refusal: rulingOf(verdict) };
    case 'defer':
      return { type: 'DeferDispatch', ...deferralOf(verdict) };
    case 'expire':
      return { type: 'ExpireNotification', at: expiresAt ?? '', because: rulingOf(verdict) };
  }
};
