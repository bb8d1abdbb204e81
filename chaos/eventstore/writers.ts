import { randomUUID } from 'node:crypto';
import {
  ANY,
  type AppendExpectedRevision,
  type EventStoreDBClient,
  type JSONEventData,
  NO_STREAM,
  WrongExpectedVersionError,
  jsonEvent,
} from '@eventstore/db-client';
import { CHAOS_TYPE, type Ledger } from './ledger.ts';

interface Write {
  readonly stream: string;
  readonly events: readonly JSONEventData[];
  readonly expectedRevision: AppendExpectedRevision;
}

/** One writer. What the server's death left open it repeats first, with the same ids. */
interface Writer {
  /** Appends until `over`, or until the server is gone. */
  run(client: EventStoreDBClient, over: () => boolean): Promise<void>;
  readonly inDoubt: () => boolean;
}

const SHARED_STREAMS = 7;

const openWriter = (number: number, ledger: Ledger): Writer => {
  let open: Write | undefined;
  let count = 0;
  /** Of the stream that this writer alone writes, at exact revisions. */
  let revision = -1n;

  const next = (): Write => {
    count += 1;
    const size = count % 10 === 0 ? 5 : 1;
    const data = { writer: number, count };
    const events = Array.from({ length: size }, () => jsonEvent({ type: CHAOS_TYPE, data }));
    if (count % 4 === 0) {
      const expectedRevision = revision < 0n ? NO_STREAM : revision;
      return { stream: `own-${number}`, events, expectedRevision };
    }
    if (count % 4 === 1) {
      const stream = `shared-${(number + count) % SHARED_STREAMS}`;
      return { stream, events, expectedRevision: ANY };
    }
    return { stream: `new-${randomUUID()}`, events, expectedRevision: NO_STREAM };
  };
  const append = async (client: EventStoreDBClient, write: Write): Promise<void> => {
    const { stream, events, expectedRevision } = write;
    const { nextExpectedRevision } = await client.appendToStream(stream, [...events], {
      expectedRevision,
    });
    ledger.acknowledged(
      stream,
      events.map(({ id }) => id),
      nextExpectedRevision,
    );
    if (stream === `own-${number}`) revision = nextExpectedRevision;
  };

  return {
    inDoubt: () => open !== undefined,
    async run(client, over) {
      while (open !== undefined || !over()) {
        open ??= next();
        try {
          await append(client, open);
        } catch (error) {
          if (!(error instanceof WrongExpectedVersionError)) return;
          // Nobody else writes at these revisions: the repeat of an append was taken for another one.
          ledger.problem(`an append to ${open.stream} was refused: ${error.message}`);
        }
        open = undefined;
      }
    },
  };
};

/** So many writers, each with one append under way. */
export const openWriters = (count: number, ledger: Ledger): readonly Writer[] =>
  Array.from({ length: count }, (_, number) => openWriter(number, ledger));
