import type { AllStreamRecordedEvent } from '@eventstore/db-client';

/** Where an event stands. */
export interface Place {
  readonly id: string;
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
}

export const placeOf = (event: AllStreamRecordedEvent): Place => ({
  id: event.id,
  stream: event.streamId,
  revision: event.revision,
  position: event.position.commit,
});

/** Type of every event that a chaos run appends. */
export const CHAOS_TYPE = 'ChaosHappened';

/** What was promised to the clients, and what the log says. */
export interface Ledger {
  /** An append was acknowledged: its events' ids in order, and the revision of the last one. */
  acknowledged(stream: string, ids: readonly string[], lastRevision: bigint): void;
  /** An event of the log, in order of reading. */
  read(place: Place): void;
  /** A promise was broken, in words. */
  problem(text: string): void;
  readonly accepted: () => number;
  readonly log: readonly Place[];
  /** Position of the last event that was read. */
  readonly head: () => bigint;
  readonly verdict: () => { lost: number; duplicated: number; problems: readonly string[] };
}

const MAX_PROBLEMS = 20;

export const openLedger = (): Ledger => {
  const promised = new Map<string, { readonly stream: string; readonly revision: bigint }>();
  const log: Place[] = [];
  const heads = new Map<string, bigint>();
  const problems: string[] = [];
  const problem = (text: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(text);
  };

  const checkPromises = (): number => {
    const stored = new Map(log.map((place) => [place.id, place]));
    let lost = 0;
    for (const [id, { stream, revision }] of promised) {
      const place = stored.get(id);
      if (place === undefined) lost += 1;
      else if (place.stream !== stream || place.revision !== revision) {
        problem(
          `${id} was acknowledged as ${revision}@${stream}, stands at ${place.revision}@${place.stream}`,
        );
      }
    }
    return lost;
  };

  return {
    acknowledged(stream, ids, lastRevision) {
      for (const [index, id] of ids.entries()) {
        promised.set(id, { stream, revision: lastRevision - BigInt(ids.length - 1 - index) });
      }
    },
    read(place) {
      const { stream, revision, position } = place;
      const before = log.at(-1);
      if (before && position <= before.position)
        problem(`position ${position} comes after ${before.position}`);
      const expected = (heads.get(stream) ?? -1n) + 1n;
      if (revision !== expected)
        problem(`${stream} has revision ${revision} where ${expected} belongs`);
      heads.set(stream, revision);
      log.push(place);
    },
    problem,
    accepted: () => promised.size,
    log,
    head: () => log.at(-1)?.position ?? 0n,
    verdict: () => ({
      lost: checkPromises(),
      duplicated: log.length - new Set(log.map(({ id }) => id)).size,
      problems,
    }),
  };
};
