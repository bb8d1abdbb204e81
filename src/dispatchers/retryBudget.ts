/** How much of a provider's traffic may be repeats (facts D20). */
export interface RetryBudget {
  /** A message is taken to this provider for the first time. */
  first(provider: string): void;
  /** Whether a repeat may be made; taken from the budget when it may. */
  again(provider: string): boolean;
}

/** A tenth of the first calls. */
const share = 0.1;
/** So many repeats are saved up at most, so that an outage doesn't spend what an hour has saved. */
const most = 100;
/** A provider with little traffic is tried again, too. */
const least = 10;
const oneEveryMs = 5_000;

/**
 * Counted by each process for its own calls. What is over budget waits and uses up no attempt.
 *
 * @param now milliseconds since the epoch
 */
export const createRetryBudget = (now: () => number): RetryBudget => {
  const accounts = new Map<string, { tokens: number; grantedAt: number }>();
  const accountOf = (provider: string) => {
    const known = accounts.get(provider) ?? { tokens: least, grantedAt: now() };
    accounts.set(provider, known);
    return known;
  };
  const grant = (account: { tokens: number; grantedAt: number }) => {
    const due = Math.floor((now() - account.grantedAt) / oneEveryMs);
    if (due <= 0) return;
    account.grantedAt += due * oneEveryMs;
    account.tokens = Math.max(account.tokens, Math.min(account.tokens + due, least));
  };
  return {
    first: (provider) => {
      const account = accountOf(provider);
      account.tokens = Math.min(account.tokens + share, most);
    },
    again: (provider) => {
      const account = accountOf(provider);
      grant(account);
      if (account.tokens < 1) return false;
      account.tokens -= 1;
      return true;
    },
  };
};
