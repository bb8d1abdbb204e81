/** An event as it is stored: its type is the storage name, its data are primitives and ISO strings. */
export interface Event<T extends string = string, D extends object = object> {
  readonly type: T;
  readonly data: Readonly<D>;
}

/** Names an event by its place, for instance `user-42@7`: the stream and the event's revision in it. */
export type EventRef = string;

export const eventRef = (stream: string, revision: number): EventRef => `${stream}@${revision}`;

/**
 * The behaviour of one aggregate (Chassaing's Decider).
 *
 * `decide` returns the events that a command causes, `[]` when the command is already so, and throws
 * `DomainError` when a rule forbids it. `evolve` folds one event, which stands at `at`, into the state and
 * never throws.
 */
export interface Decider<S, C, E> {
  readonly initialState: S;
  decide(command: C, state: S): readonly E[];
  evolve(state: S, event: E, at: EventRef): S;
}

/**
 * Folds events, oldest first, onto a state.
 *
 * @param refOf where the event of this index stands; without it they stand nowhere yet: `@0`, `@1`, …
 */
export const fold = <S, C, E>(
  decider: Decider<S, C, E>,
  events: Iterable<E>,
  from?: S,
  refOf: (index: number) => EventRef = (index) => eventRef('', index),
): S => {
  let state = from ?? decider.initialState;
  let index = 0;
  for (const event of events) {
    state = decider.evolve(state, event, refOf(index));
    index += 1;
  }
  return state;
};
