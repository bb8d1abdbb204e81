import { type Decider, type Event, fold } from '../../src/domain/decider.ts';
import { DomainError } from '../../src/domain/errors.ts';

const decided = <S, C, E extends Event>(
  decider: Decider<S, C, E>,
  state: S,
  command: C,
): readonly E[] | undefined => {
  try {
    return decider.decide(command, state);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};

/** The state after commands, one after the other; those that are refused change nothing. */
export const afterCommands = <S, C, E extends Event>(
  decider: Decider<S, C, E>,
  commands: readonly C[],
): S =>
  commands.reduce(
    (state, command) => fold(decider, decided(decider, state, command) ?? [], state),
    decider.initialState,
  );

/** Whether a command, given again on what it led to, yields nothing or a refusal. */
export const isRepeatable = <S, C, E extends Event>(
  decider: Decider<S, C, E>,
  state: S,
  command: C,
): boolean => {
  const first = decided(decider, state, command);
  if (first === undefined) return true;
  const again = decided(decider, fold(decider, first, state), command);
  return again === undefined || again.length === 0;
};
