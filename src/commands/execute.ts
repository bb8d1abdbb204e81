import type { Decider, Event } from '../domain/decider.ts';

/** Who gives a command, and what it follows from. */
export interface CommandContext {
  /** For instance `client:shop`, `user:42`, `dispatcher` or `provider:sendgrid`. */
  readonly actor: string;
  /** One id for everything that follows from one request. */
  readonly correlationId: string;
  /** The event or request this follows from; the correlation id when absent. */
  readonly causationId?: string;
}

/** An aggregate as the command side knows it: its decider and the name of its streams. */
export interface Aggregate<S, C, E extends Event> {
  readonly decider: Decider<S, C, E>;
  stream(id: string): string;
  /** The user whose personal data an event of this stream carries, if any. */
  subject(id: string, state: S): string | undefined;
}

/** What an execution came to. */
export interface Executed<S, E> {
  readonly state: S;
  /** What was appended; empty when the commands were already so. */
  readonly events: readonly E[];
  /** The stream's revision after it; -1 for a stream without events. */
  readonly revision: number;
  /** The position of the last appended event, as a cursor. */
  readonly cursor?: string;
}

export interface ExecuteOptions<S> {
  /**
   * What the caller knows of the stream, so that it need not be read; a wrong hint costs a read, never
   * a wrong decision, since the append names the revision.
   */
  readonly hint?: { readonly state: S; readonly revision: number };
  /** The state is not kept in memory: of a long list nobody asks again so soon. */
  readonly once?: true;
}

/**
 * Loads, decides, appends: all commands of one call in one append, decided one after the other. A lost
 * race is decided again on what won.
 *
 * @throws DomainError what `decide` throws; CONFLICT when the race was lost too often; UNAVAILABLE when
 * the store can't be reached.
 */
export type Execute = <S, C, E extends Event>(
  aggregate: Aggregate<S, C, E>,
  id: string,
  commands: readonly C[],
  context: CommandContext,
  options?: ExecuteOptions<S>,
) => Promise<Executed<S, E>>;
