import type { NotificationCommand } from '../domain/notification/commands.ts';
import type { resolveDoubt } from '../domain/policy/doubt.ts';
import type { Outcome } from './providers/provider.ts';

/** What one call came to, as the command that records it. */
export const recordOf = (
  outcome: Outcome,
  about: {
    readonly attempt: number;
    readonly provider: string;
    readonly contentHash: string;
    readonly resolution: ReturnType<typeof resolveDoubt>;
    readonly settleAt: string;
    retryAt(retryAfterMs: number | undefined): string | undefined;
  },
): NotificationCommand => {
  const { attempt, provider, contentHash: hash, resolution, settleAt } = about;
  switch (outcome.kind) {
    case 'accepted': {
      const { providerMessageId } = outcome;
      return { type: 'RecordSent', attempt, provider, providerMessageId, contentHash: hash };
    }
    case 'rejected':
      return { type: 'RecordFailure', attempt, provider, code: outcome.code, permanent: true };
    case 'deferred': {
      const retryAt = about.retryAt(outcome.retryAfterMs);
      const next = retryAt === undefined ? {} : { nextAttemptAt: retryAt };
      return {
        type: 'RecordFailure',
        attempt,
        provider,
        code: outcome.code,
        permanent: false,
        ...next,
      };
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
