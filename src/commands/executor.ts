import { LRUCache } from 'lru-cache';
import { type Event, type EventRef, eventRef, fold } from '../domain/decider.ts';
import { DomainError } from '../domain/errors.ts';
import {
  type Appended,
  type EventLog,
  EventTooLarge,
  RevisionConflict,
} from '../eventstore/client.ts';
import type { Codec } from '../eventstore/codec.ts';
import { cursorOf, type NewEvent, refOf } from '../eventstore/event.ts';
import type { Aggregate, CommandContext, Execute, Executed, ExecuteOptions } from './execute.ts';
import { createTurns } from './inTurn.ts';

export interface ExecutorPorts {
  readonly log: Pick<EventLog, 'append' | 'readStream'>;
  readonly codec: Codec;
  now(): Date;
  /** A random id per event: two claims of one attempt must never look like one append (facts D3). */
  newEventId(): string;
  wait(milliseconds: number): Promise<void>;
  /** States kept in memory; 50,000 by default. */
  readonly cachedStates?: number;
}

interface Known<S = unknown> {
  readonly state: S;
  readonly revision: number;
}

const mostLostRaces = 8;
const mostUnansweredAppends = 6;

/** Loads a stream's state, from memory when it was seen lately. */
export type LoadState = <S, C, E extends Event>(
  aggregate: Aggregate<S, C, E>,
  id: string,
) => Promise<{ readonly state: S; readonly revision: number }>;

export const createExecutor = (ports: ExecutorPorts): { execute: Execute; load: LoadState } => {
  const cache = new LRUCache<string, Known>({ max: ports.cachedStates ?? 50_000 });

  const read: LoadState = async (aggregate, id) => {
    const raw = await ports.log.readStream(aggregate.stream(id));
    const events = await ports.codec.decode(raw, () => true);
    const refs = raw.map(refOf);
    const state = fold(aggregate.decider, events as never[], undefined, (i) => refs[i] ?? '');
    return { state, revision: raw.at(-1)?.revision ?? -1 };
  };

  /** An append without an answer may have happened: repeated with the same ids it is idempotent. */
  const append = async (
    stream: string,
    events: readonly NewEvent[],
    expected: number,
  ): Promise<Appended> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await ports.log.append(stream, events, expected);
      } catch (error) {
        if (error instanceof RevisionConflict) throw error;
        if (error instanceof EventTooLarge) {
          throw new DomainError('PAYLOAD_TOO_LARGE', 'the event is larger than the store takes');
        }
        if (attempt === mostUnansweredAppends) {
          throw new Unavailable('the event store does not answer', { cause: error });
        }
        await ports.wait(50 * 2 ** attempt);
      }
    }
  };

  const remembered = <S>(stream: string, options?: ExecuteOptions<S>): Known<S> | undefined =>
    (cache.get(stream) as Known<S> | undefined) ?? options?.hint;

  const inTurn = createTurns();

  // A delivery's news often comes while the acceptance is being appended: in turn, neither loses a race
  // that would cost it another append and a read. Races with other processes remain.
  const execute: Execute = (aggregate, id, commands, context, options) => {
    const stream = aggregate.stream(id);
    return inTurn(stream, () => executeOn(stream, aggregate, id, commands, context, options));
  };

  const executeOn = async <S, C, E extends Event>(
    stream: string,
    aggregate: Aggregate<S, C, E>,
    id: string,
    commands: readonly C[],
    context: CommandContext,
    options?: ExecuteOptions<S>,
  ): Promise<Executed<S, E>> => {
    let known = remembered(stream, options);
    for (let races = 0; races <= mostLostRaces; races += 1) {
      const { state, revision } = known ?? (await read(aggregate, id));
      const decided = decideAll(aggregate, commands, state, (index) =>
        eventRef(stream, revision + 1 + index),
      );
      // A refusal, or a command that is already so, is never concluded from memory: the append that
      // would tell whether the memory is right doesn't happen.
      if (known && decided.events.length === 0) {
        known = undefined;
        cache.delete(stream);
        continue;
      }
      if (decided.refusal) throw decided.refusal;
      const keep = (now: Known) => {
        if (options?.once) cache.delete(stream);
        else cache.set(stream, now);
      };
      if (decided.events.length === 0) {
        keep({ state, revision });
        return { state, events: [], revision };
      }
      const subject = aggregate.subject(id, decided.state);
      const events = await ports.codec.encode(
        stream,
        decided.events.map((event) => ({ ...event, id: ports.newEventId() })),
        metadataOf(context, subject, ports.now()),
      );
      try {
        const appended = await append(stream, events, revision);
        keep({ state: decided.state, revision: appended.revision });
        const cursor = cursorOf(appended.position);
        return {
          state: decided.state,
          events: decided.events,
          revision: appended.revision,
          cursor,
        };
      } catch (error) {
        cache.delete(stream);
        known = undefined;
        if (!(error instanceof RevisionConflict)) throw error;
      }
    }
    throw new DomainError('CONFLICT', 'others changed it at the same time; try again');
  };

  return { execute, load: read };
};

/** The event store gives no answer; the caller may repeat the whole command. */
export class Unavailable extends DomainError {
  constructor(message: string, options: ErrorOptions) {
    super('UNAVAILABLE', message);
    this.cause = options.cause;
  }
}

const decideAll = <S, C, E extends Event>(
  { decider }: Aggregate<S, C, E>,
  commands: readonly C[],
  from: S,
  refOfNew: (index: number) => EventRef,
): { readonly state: S; readonly events: readonly E[]; readonly refusal?: DomainError } => {
  let state = from;
  const events: E[] = [];
  try {
    for (const command of commands) {
      const decided = decider.decide(command, state);
      const before = events.length;
      events.push(...decided);
      state = fold(decider, decided, state, (index) => refOfNew(before + index));
    }
  } catch (refusal) {
    if (!(refusal instanceof DomainError)) throw refusal;
    return { state: from, events: [], refusal };
  }
  return { state, events };
};

const metadataOf = (context: CommandContext, subject: string | undefined, now: Date) => ({
  $correlationId: context.correlationId,
  $causationId: context.causationId ?? context.correlationId,
  actor: context.actor,
  ...(subject === undefined ? {} : { subject }),
  occurredAt: now.toISOString(),
});
