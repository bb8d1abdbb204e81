import type { NotificationCommand } from '../domain/notification/commands.ts';
import type { resolveDoubt } from '../domain/policy/doubt.ts';
import type { Outcome } from './providers/provider.ts';

/** When it is tried again, if at all, and how long the provider is left alone. */
export interface Retry {
  readonly nextAttemptAt?: string;
  readonly providerRestsUntil?: string;
}

/** Certainly not accepted, for a reason that says nothing about the message or who gets it. */
export const isInfrastructureFault = (outcome: Outcome): boolean =>
  outcome.kind === 'deferred' || (outcome.kind === 'rejected' && outcome.scope === 'configuration');

/** What one call came to, as the command that records it. */
export const recordOf = (
  outcome: Outcome,
  about: {
    readonly attempt: number;
    readonly provider: string;
    readonly contentHash: string;
    readonly resolution: ReturnType<typeof resolveDoubt>;
    readonly settleAt: string;
    /** After an infrastructure fault. */
    retry(): Retry;
    /** By when news must have come of what was accepted. */
    readonly receiptDueAt: string | undefined;
  },
): NotificationCommand => {
  const { attempt, provider, contentHash: hash, resolution, settleAt } = about;
  switch (outcome.kind) {
    case 'accepted': {
      const { providerMessageId } = outcome;
      const due = about.receiptDueAt === undefined ? {} : { receiptDueAt: about.receiptDueAt };
      return {
        type: 'RecordSent',
        attempt,
        provider,
        providerMessageId,
        contentHash: hash,
        ...due,
      };
    }
    case 'rejected':
    case 'deferred': {
      const { code } = outcome;
      const failure = { type: 'RecordFailure', attempt, provider, code } as const;
      return isInfrastructureFault(outcome)
        ? { ...failure, permanent: false, ...about.retry() }
        : { ...failure, permanent: true };
    }
    case 'unknown':
      return {
        type: 'RecordUnknownOutcome',
        attempt,
        provider,
        code: outcome.code,
        resolution,
        settleAt,
      };
  }
};
