/** An event as it is stored: its type is the storage name, its data are primitives and ISO strings. */
export interface Event<T extends string = string, D extends object = object> {
  readonly type: T;
  readonly data: Readonly<D>;
}

/**
 * The behaviour of one aggregate (Chassaing's Decider).
 *
 * `decide` returns the events that a command causes, `[]` when the command is already so, and throws
 * `DomainError` when a rule forbids it. `evolve` folds one event into the state and never throws.
 */
export interface Decider<S, C, E> {
  readonly initialState: S;
  decide(command: C, state: S): readonly E[];
  evolve(state: S, event: E): S;
}

/** Folds events, oldest first, onto a state. */
export const fold = <S, C, E>(decider: Decider<S, C, E>, events: Iterable<E>, from?: S): S => {
  let state = from ?? decider.initialState;
  for (const event of events) state = decider.evolve(state, event);
  return state;
};
