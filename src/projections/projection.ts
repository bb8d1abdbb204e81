import type { DomainEventType } from '../domain/events.ts';
import type { Recorded } from '../eventstore/event.ts';
import type { IndexDescription } from '../readmodels/database.ts';

/** What every document of a read model has: its id, and `v`, how far it has been folded. */
export interface ReadModel {
  readonly _id: string;
  /** The stream revision or the commit position of the last event in it, by the projection's guard. */
  readonly v: number;
}

/**
 * A read model as a value: pure, so that it can be rebuilt at any time and comes out the same (facts
 * P4). `apply` sees only events that the document doesn't hold yet.
 */
export interface Projection<D extends ReadModel = ReadModel> {
  /** The name of the collection. */
  readonly name: string;
  /** Raised when `apply` changes its meaning; a new version is built beside the old one. */
  readonly version: number;
  readonly handles: readonly DomainEventType[];
  readonly indexes: readonly IndexDescription[];
  /** Where a document says whose data it holds, or that it holds nobody's (facts G18). */
  readonly personalData: { readonly subjectPath: string } | 'none';
  /** Whether `apply` reads personal fields, so that they have to be decrypted for it. */
  readonly readsPersonalData: boolean;
  /** `revision`: a document folds one stream. `position`: it folds many. */
  readonly guard: 'revision' | 'position';
  /**
   * `prompt`: shown to people, within the batch. `gathered`: a second's events at a time, so that what
   * comes and goes within it costs no write.
   */
  readonly pace: 'prompt' | 'gathered';
  /** The documents that an event changes. */
  idsOf(event: Recorded): readonly string[];
  /** The document after the event; null when there is to be none. */
  apply(document: D | null, event: Recorded, id: string): D | null;
}

/** The id of an event's stream without its category: `notification-42` → `42`. */
export const streamId = (event: Recorded): string =>
  event.stream.slice(event.stream.indexOf('-') + 1);
