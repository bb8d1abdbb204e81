import { expect } from '@jest/globals';
import { type Decider, type Event, fold } from '../../src/domain/decider.ts';
import { DomainError, type ErrorCode } from '../../src/domain/errors.ts';

/** What is expected of a command on a past. */
export interface Expectation<E> {
  /** Exactly these events. */
  then(...expected: readonly E[]): void;
  /** The command is already so. */
  thenNothing(): void;
  /** A rule forbids it. */
  thenRefused(code: ErrorCode, field?: string): void;
  /** What is decided, for a closer look. */
  decided(): readonly E[];
}

/** Past events, a command, the events expected: `given(requested).when(cancel).then(cancelled)`. */
export const specFor =
  <S, C, E extends Event>(decider: Decider<S, C, E>) =>
  (...past: readonly E[]): { when(command: C): Expectation<E> } => ({
    when: (command) => {
      const decided = () => decider.decide(command, fold(decider, past));
      return {
        decided,
        then: (...expected) => expect(decided()).toEqual(expected),
        thenNothing: () => expect(decided()).toEqual([]),
        thenRefused: (code, field) => {
          const refusal = refusalOf(decided);
          expect(refusal.code).toBe(code);
          if (field !== undefined) expect(refusal.field).toBe(field);
        },
      };
    },
  });

/** The refusal that an action ends in. */
export const refusalOf = (action: () => unknown): DomainError => {
  try {
    action();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

/** The refusal that a promise ends in. */
export const refusalFrom = async (promise: Promise<unknown>): Promise<DomainError> => {
  const settled = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (settled instanceof DomainError) return settled;
  throw new Error('it was not refused', { cause: settled });
};

/** How property tests run: the same cases every time. */
export const steady = { seed: 20_261_122, numRuns: 300 } as const;
