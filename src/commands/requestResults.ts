import type { DomainError, ErrorCode } from '../domain/errors.ts';
import type { RequestNotification } from '../domain/notification/commands.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import { eligibility, type EligibilityQuestion, permission } from '../domain/policy/eligibility.ts';
import { deferralOf, rulingOf } from '../domain/policy/verdict.ts';
import type { Instant } from '../domain/vocabulary.ts';

/** What became of the request for one user. */
export type RequestResult =
  | {
      readonly kind: 'accepted';
      readonly userId: string;
      readonly notificationId: string;
      /** `DEFERRED`: a rule makes it wait; `EXPIRED`: for longer than it is good for. */
      readonly status: 'PENDING' | 'SCHEDULED' | 'DEFERRED' | 'EXPIRED';
      /** What is scheduled or deferred is not tried before. */
      readonly until?: Instant;
      /** The same key was used before; nothing was appended now. */
      readonly duplicate: boolean;
      readonly cursor?: string;
    }
  | {
      readonly kind: 'suppressed';
      readonly userId: string;
      readonly notificationId: string;
      readonly ruleId: string;
      readonly reason: string;
      readonly duplicate: boolean;
      readonly cursor?: string;
    }
  | {
      readonly kind: 'refused';
      readonly userId: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly field?: string;
    };

/** What the rules say now; of a message for later, whether it may be sent at all. */
export const ruledBy = (
  question: EligibilityQuestion & { readonly scheduledAt?: Instant },
): Pick<RequestNotification, 'refusal' | 'deferral' | 'expiry'> => {
  const isForLater = question.scheduledAt !== undefined && question.scheduledAt > question.at;
  const verdict = isForLater ? permission(question) : eligibility(question);
  switch (verdict.kind) {
    case 'allow':
      return {};
    case 'refuse':
      return { refusal: rulingOf(verdict) };
    case 'expire':
      return { expiry: rulingOf(verdict) };
    case 'defer':
      return { deferral: deferralOf(verdict) };
  }
};

export const resultOf = (
  base: { readonly userId: string; readonly notificationId: string; readonly duplicate: boolean },
  state: NotificationState,
): RequestResult => {
  if (state.status === 'ended' && state.as === 'suppressed') {
    const { ruleId = 'suppressed', reason = 'suppressed' } = state.refusal ?? {};
    return { kind: 'suppressed', ...base, ruleId, reason };
  }
  if (state.status === 'ended' && state.as === 'expired') {
    return { kind: 'accepted', ...base, status: 'EXPIRED' };
  }
  if (state.status !== 'waiting' || state.until === undefined) {
    return { kind: 'accepted', ...base, status: 'PENDING' };
  }
  const status = state.waitsFor === 'scheduled' ? 'SCHEDULED' : 'DEFERRED';
  return { kind: 'accepted', ...base, status, until: state.until };
};

export const refusedFor = (
  userId: string,
  { code, message, field }: DomainError,
): RequestResult => ({
  kind: 'refused',
  userId,
  code,
  message,
  ...(field === undefined ? {} : { field }),
});
