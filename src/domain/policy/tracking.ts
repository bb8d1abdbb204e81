import type { TemplateContent, Tracking } from '../template/content.ts';
import { preferenceKey, type RegisteredUser } from '../user/state.ts';
import type { Instant } from '../vocabulary.ts';
import { regionOf } from './eligibility.ts';
import { jurisdictionOf, type PolicyRules } from './rules.ts';

export interface TrackingQuestion {
  readonly content: Pick<TemplateContent, 'category' | 'purpose' | 'tracking'>;
  readonly user: Pick<RegisteredUser, 'profile' | 'consents'>;
  readonly rules: PolicyRules;
  /** The provider tells by itself what was opened and clicked. */
  readonly providerTells: boolean;
  /** The moment of the call. */
  readonly at: Instant;
}

const nothing: Tracking = { opens: false, clicks: false };

/**
 * What Tidings puts into an email to learn of its reading: what the version of the template asks for, unless
 * the provider tells it anyway, the message is a security notice or a one-time code (its links are secrets),
 * or the law where the reader is asks for a consent that nobody gave.
 */
export const trackingOf = (question: TrackingQuestion): Tracking => {
  const { tracking, purpose } = question.content;
  if (!tracking || purpose !== undefined || question.providerTells) return nothing;
  return mayTrack(question) ? tracking : nothing;
};

const mayTrack = ({ content, user, rules, at }: TrackingQuestion): boolean => {
  const consent = user.consents[preferenceKey('email', content.category)];
  if (consent?.given === false) return false;
  const holds = consent?.expiresAt === undefined || consent.expiresAt > at;
  if (consent?.tracking === true && holds) return true;
  // Words that say no count everywhere.
  if (consent?.tracking === false) return false;
  const region = regionOf(user);
  // Whose place nobody told is taken to be where their clocks are.
  if (region === undefined && user.profile.timezone.startsWith('Europe/')) return false;
  return jurisdictionOf(rules, region).trackingWithoutConsent ?? false;
};
