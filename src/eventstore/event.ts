import { type EventRef, eventRef } from '../domain/decider.ts';
import type { DomainEvent } from '../domain/events.ts';

/** A place in `$all`: both parts are needed to resume a filtered subscription (facts D13). */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** What every event says about itself. `$correlationId` and `$causationId` are EventStoreDB's names. */
export interface Metadata {
  readonly $correlationId: string;
  readonly $causationId: string;
  /** Who caused it, for instance `client:shop`, `user:42` or `dispatcher`. */
  readonly actor: string;
  /** The user whose personal data it carries, if any. */
  readonly subject?: string;
  /** ISO 8601. */
  readonly occurredAt: string;
  readonly schemaVersion: number;
}

/** An event with its place in the log. */
export type Recorded<E = DomainEvent> = E & {
  readonly id: string;
  readonly stream: string;
  /** From 0. */
  readonly revision: number;
  readonly position: Position;
  readonly metadata: Metadata;
};

/** The place of an event as states remember it. */
export const refOf = ({ stream, revision }: Pick<Recorded, 'stream' | 'revision'>): EventRef =>
  eventRef(stream, revision);

/** An event as the store holds it: personal fields encrypted, any version. */
export interface RawEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** An event about to be appended. */
export type NewEvent = Pick<RawEvent, 'id' | 'type' | 'data' | 'metadata'>;

/** A position as an opaque cursor, URL-safe; `cursorOf` and `positionOf` are each other's inverse. */
export const cursorOf = ({ commit, prepare }: Position): string =>
  Buffer.from(`${commit}:${prepare}`).toString('base64url');

/** The position of a cursor, or undefined when the text is not one of ours. */
export const positionOf = (cursor: string): Position | undefined => {
  const match = /^(\d{1,20}):(\d{1,20})$/.exec(Buffer.from(cursor, 'base64url').toString());
  const [, commit, prepare] = match ?? [];
  return commit === undefined || prepare === undefined
    ? undefined
    : { commit: BigInt(commit), prepare: BigInt(prepare) };
};

export const comparePositions = (a: Position, b: Position): number =>
  a.commit === b.commit
    ? Math.sign(Number(a.prepare - b.prepare))
    : Math.sign(Number(a.commit - b.commit));
