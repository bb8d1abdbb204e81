import { createHash } from 'node:crypto';
import type { RecipientRefusal } from '../domain/broadcast/events.ts';
import { type ListEvent, listStream } from '../domain/broadcast/list.ts';
import { DomainError } from '../domain/errors.ts';
import { type EventLog, RevisionConflict } from '../eventstore/client.ts';
import type { Codec } from '../eventstore/codec.ts';
import type { NewEvent } from '../eventstore/event.ts';
import type { CommandContext } from './execute.ts';
import { Unavailable } from './executor.ts';
import type { Line } from './lines.ts';
import { type ListRow, readLine } from './listLines.ts';

/** What became of an upload. */
export interface UploadedList {
  readonly listId: string;
  readonly rows: number;
  /** Lines that are left out, by number. */
  readonly refusals: readonly RecipientRefusal[];
  /** Of all lines; the same upload has the same. */
  readonly digest: string;
}

export interface Lists {
  /**
   * Stores the rows of an upload as they come, a page at a time.
   *
   * @param lines NDJSON
   * @param store false only reads it, for the digest of an upload that was stored before
   * @throws DomainError BAD_INPUT when nobody is named, when more than 1,000 lines are refused or when
   * there are more than 250,000
   */
  upload(
    lines: AsyncIterable<Line>,
    context: CommandContext,
    store?: boolean,
  ): Promise<UploadedList>;
  /** How a list was closed; undefined for one that is not there or not complete. */
  closing(listId: string): Promise<Omit<UploadedList, 'digest'> | undefined>;
}

export interface ListPorts {
  readonly log: Pick<EventLog, 'append' | 'readStream'>;
  readonly codec: Codec;
  /** One round trip for the keys of a page, instead of one per row. */
  prepareKeys(userIds: readonly string[]): Promise<void>;
  now(): Date;
  /** Ids of lists. */
  newId(): string;
  newEventId(): string;
  wait(milliseconds: number): Promise<void>;
}

const mostRows = 250_000;
const mostRefused = 1_000;
const rowsPerPage = 500;
const bytesPerPage = 400 * 1024;
const mostAttempts = 5;

export const createLists = (ports: ListPorts): Lists => {
  const append = async (stream: string, events: readonly NewEvent[], expected: number) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await ports.log.append(stream, events, expected);
        return;
      } catch (error) {
        // With the same ids a repeated append is idempotent.
        if (error instanceof RevisionConflict || attempt === mostAttempts) {
          throw new Unavailable('the list could not be stored; send it again', { cause: error });
        }
        await ports.wait(50 * 2 ** attempt);
      }
    }
  };

  const encode = async (stream: string, events: readonly ListEvent[], context: CommandContext) => {
    const encoded = await Promise.all(
      events.map(({ type, data }) =>
        ports.codec.encode(stream, [{ type, data, id: ports.newEventId() }], {
          $correlationId: context.correlationId,
          $causationId: context.causationId ?? context.correlationId,
          actor: context.actor,
          ...('userId' in data ? { subject: data.userId } : {}),
          occurredAt: ports.now().toISOString(),
        }),
      ),
    );
    return encoded.flat();
  };

  const upload: Lists['upload'] = async (lines, context, store = true) => {
    const listId = ports.newId();
    const stream = listStream(listId);
    const digest = createHash('sha256');
    const reader = createReader();
    let stored = 0;
    const flush = async (rows: readonly ListRow[]) => {
      if (!store || rows.length === 0) return;
      await ports.prepareKeys(rows.map(({ userId }) => userId));
      const listed = rows.map((data) => ({ type: 'RecipientListed', data }) as const);
      await append(stream, await encode(stream, listed, context), stored - 1);
      stored += rows.length;
    };
    for await (const one of lines) {
      digest.update(one.text ?? '').update('\n');
      const page = reader.read(one);
      if (page) await flush(page);
    }
    await flush(reader.rest());
    const { rows, refusals } = reader.result();
    if (store) {
      const closed = { type: 'ListClosed', data: { rows, refusals } } as const;
      await append(stream, await encode(stream, [closed], context), stored - 1);
    }
    return { listId, rows, refusals, digest: digest.digest('base64url') };
  };

  return {
    upload,
    closing: async (listId) => {
      const last = await ports.log.readStream(listStream(listId), { from: 'end', count: 1 });
      const [event] = await ports.codec.decode(last, () => false);
      return event?.type === 'ListClosed' ? { listId, ...event.data } : undefined;
    },
  };
};

/** Sorts lines into pages of rows and into refusals. */
const createReader = () => {
  const refusals: RecipientRefusal[] = [];
  const seen = new Set<string>();
  let page: ListRow[] = [];
  let bytes = 0;

  const take = (): readonly ListRow[] => {
    const rows = page;
    page = [];
    bytes = 0;
    return rows;
  };
  const refuse = (refusal: RecipientRefusal): void => {
    refusals.push(refusal);
    if (refusals.length > mostRefused) {
      const [first] = refusals;
      const message = `more than ${mostRefused} lines are wrong; line ${first?.line ?? 1}: ${first?.reason ?? ''}`;
      throw new DomainError('BAD_INPUT', message, `line ${first?.line ?? 1}`);
    }
  };

  return {
    /** @returns a page that is full */
    read: ({ line, text }: Line): readonly ListRow[] | undefined => {
      const row = readLine({ line, text });
      if (!row) return undefined;
      if ('code' in row) {
        refuse(row);
        return undefined;
      }
      if (seen.has(row.userId)) {
        const { userId } = row;
        const reason = 'the list names this user twice';
        refuse({ userId, line, code: 'BAD_INPUT', field: 'userId', reason });
        return undefined;
      }
      seen.add(row.userId);
      if (seen.size > mostRows) {
        throw new DomainError('BAD_INPUT', `a list has at most ${mostRows} rows`, `line ${line}`);
      }
      page.push(row);
      bytes += text?.length ?? 0;
      return page.length >= rowsPerPage || bytes >= bytesPerPage ? take() : undefined;
    },
    rest: take,
    result: () => {
      if (seen.size === 0) {
        const [first] = refusals;
        const message = first
          ? `no line names a user; line ${first.line ?? 1}: ${first.reason}`
          : 'the list is empty';
        throw new DomainError('BAD_INPUT', message, 'body');
      }
      return { rows: seen.size, refusals };
    },
  };
};
