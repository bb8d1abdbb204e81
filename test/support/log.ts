import { type DomainEvent, schemas } from '../../src/domain/events.ts';
import type { Recorded } from '../../src/eventstore/event.ts';

/** Gives events their place: one after the other in one log, each with the revision of its stream. */
export const recorded = (
  entries: readonly (readonly [stream: string, event: DomainEvent])[],
  occurredAt: (index: number) => string = (index) =>
    new Date(Date.UTC(2027, 2, 1, 9, 0, index)).toISOString(),
): readonly Recorded[] => {
  const revisions = new Map<string, number>();
  return entries.map(([stream, event], index) => {
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const commit = BigInt(100 + index * 10);
    return {
      ...event,
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      stream,
      revision,
      position: { commit, prepare: commit },
      metadata: {
        $correlationId: 'correlation',
        $causationId: 'correlation',
        actor: 'client:shop',
        occurredAt: occurredAt(index),
        schemaVersion: schemas[event.type].version,
      },
    };
  });
};

/** The events of one stream. */
export const history = (stream: string, ...events: readonly DomainEvent[]): readonly Recorded[] =>
  recorded(events.map((event) => [stream, event] as const));
