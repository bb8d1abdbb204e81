import type { Audience } from '../../domain/broadcast/events.ts';
import { type ListEvent, listStream } from '../../domain/broadcast/list.ts';
import type { RegisteredUser } from '../../domain/user/state.ts';
import type { Variables } from '../../domain/vocabulary.ts';
import type { EventLog } from '../../eventstore/client.ts';
import type { Codec } from '../../eventstore/codec.ts';

/** One who is to get it. */
export interface Recipient {
  readonly userId: string;
  /** Where it was read along. */
  readonly user?: RegisteredUser;
  readonly variables?: Variables;
  /** Of an uploaded list. */
  readonly line?: number;
  /** Whoever continues after this one continues here. */
  readonly cursor: string;
}

export interface RecipientPage {
  readonly recipients: readonly Recipient[];
  /** The next page begins after it; absent for an empty page. */
  readonly cursor?: string;
  readonly isLast: boolean;
}

/** An audience in a stable order, so that a cursor means the same to whoever comes after. */
export interface Recipients {
  page(audience: Audience, after: string | undefined, size: number): Promise<RecipientPage>;
  /** How many there seem to be. */
  count(audience: Audience): Promise<number>;
}

/** Users by what is known of them now; the projections know. */
export interface ReadersPorts {
  page(
    audience: Exclude<Audience, { kind: 'list' }>,
    after: string | undefined,
    size: number,
  ): Promise<{
    readonly readers: readonly { readonly userId: string; readonly user?: RegisteredUser }[];
    readonly cursor?: string;
    readonly isLast: boolean;
  }>;
  count(audience: Exclude<Audience, { kind: 'list' }>): Promise<number>;
}

export interface RecipientPorts {
  readonly readers: ReadersPorts;
  readonly log: Pick<EventLog, 'readStream'>;
  readonly codec: Codec;
}

export const createRecipients = ({ readers, log, codec }: RecipientPorts): Recipients => {
  /** Row n of a list is the event of revision n. */
  const rows = async (listId: string, after: string | undefined, size: number) => {
    const from = after === undefined ? 0 : Number(after) + 1;
    const raw = await log.readStream(listStream(listId), { from, count: size });
    const events = (await codec.decode(raw, () => true)) as unknown as readonly (ListEvent & {
      readonly revision: number;
    })[];
    const recipients = events.flatMap(({ type, data, revision }): readonly Recipient[] =>
      type === 'RecipientListed' ? [{ ...named(data), cursor: String(revision) }] : [],
    );
    const cursor = recipients.at(-1)?.cursor;
    const isLast = recipients.length < size;
    return { recipients, ...(cursor === undefined ? {} : { cursor }), isLast };
  };

  return {
    page: async (audience, after, size) => {
      if (audience.kind === 'list') return rows(audience.listId, after, size);
      const { readers: found, ...rest } = await readers.page(audience, after, size);
      return { ...rest, recipients: found.map((one) => ({ ...one, cursor: one.userId })) };
    },
    count: async (audience) => {
      if (audience.kind !== 'list') return readers.count(audience);
      const last = await log.readStream(listStream(audience.listId), { from: 'end', count: 1 });
      const [closed] = await codec.decode(last, () => false);
      return closed?.type === 'ListClosed' ? closed.data.rows : 0;
    },
  };
};

/** Of an erased user the variables are no object any more. */
const named = ({
  userId,
  line,
  variables,
}: Extract<ListEvent, { type: 'RecipientListed' }>['data']) => ({
  userId,
  line,
  ...(typeof variables === 'object' ? { variables } : {}),
});
