import type { Event } from '../decider.ts';
import type { SchemasOf } from '../schema.ts';
import type { Variables } from '../vocabulary.ts';
import type { RecipientRefusal } from './events.ts';

export const listStream = (listId: string): string => `list-${listId}`;

/**
 * An uploaded list of recipients. Each row is an event of its own, so that its variables are encrypted
 * under the key of the user they are about and go with it; row n has revision n.
 */
export type ListEvent =
  | Event<
      'RecipientListed',
      {
        readonly userId: string;
        /** Of the upload, from 1. */
        readonly line: number;
        readonly variables?: Variables;
      }
    >
  /** The upload is complete. */
  | Event<'ListClosed', { readonly rows: number; readonly refusals: readonly RecipientRefusal[] }>;

export const listSchemas: SchemasOf<ListEvent> = {
  RecipientListed: {
    version: 1,
    fields: { userId: 'identifier', line: 'none', variables: 'content' },
  },
  ListClosed: { version: 1, fields: { rows: 'none', refusals: 'identifier' } },
};
