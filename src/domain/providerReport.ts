import type { Channel } from './vocabulary.ts';

export type BreakerState = 'closed' | 'open' | 'half open';

/** How one provider does, as one process knows it. */
export interface ProviderReport {
  readonly provider: string;
  readonly channel: Channel;
  readonly breaker: BreakerState;
  /** When the breaker got into this state. */
  readonly since: Date;
  /** What its calls came to since the process started. */
  readonly counts: {
    readonly accepted: number;
    readonly deferred: number;
    readonly rejected: number;
    readonly unknown: number;
  };
  /** The code of the last call that was not accepted. */
  readonly lastError?: string;
}
