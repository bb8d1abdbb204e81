import type { Event } from '../decider.ts';
import type { ErrorCode } from '../errors.ts';
import type { LocalTime } from '../policy/localTime.ts';
import type { SchemasOf } from '../schema.ts';
import type { Category, Channel, Instant, Priority, Variables } from '../vocabulary.ts';

export const broadcastStream = (broadcastId: string): string => `broadcast-${broadcastId}`;

/** Who is to get it; a segment and `all` are evaluated when it is sent. */
export type Audience =
  | { readonly kind: 'all' }
  | { readonly kind: 'segment'; readonly segment: string }
  | { readonly kind: 'list'; readonly listId: string };

/** Why one recipient gets nothing. */
export interface RecipientRefusal {
  /** Absent where the line named nobody that can be named. */
  readonly userId?: string;
  /** Of the uploaded list, from 1. */
  readonly line?: number;
  readonly code: ErrorCode;
  readonly field?: string;
  /** In words; never a value of a variable. */
  readonly reason: string;
}

export type BroadcastEvent =
  | Event<
      'BroadcastRequested',
      {
        readonly broadcastId: string;
        readonly title?: string;
        readonly audience: Audience;
        readonly channel: Channel;
        readonly template: string;
        readonly templateVersion: number;
        readonly category: Category;
        readonly priority: Priority;
        /** Those of all recipients. */
        readonly variables: Variables;
        readonly scheduledAt?: Instant;
        /** On the clock of each user's zone: asked for at once, sent then. */
        readonly localTime?: LocalTime;
        readonly expiresAt?: Instant;
        readonly requestedBy: string;
        readonly fingerprint: string;
      }
    >
  /** Lines of the uploaded list that name nobody or are not understood. */
  | Event<'BroadcastLinesRefused', { readonly refusals: readonly RecipientRefusal[] }>
  /** From here on only this holder may expand it. */
  | Event<'BroadcastTakenUp', { readonly holder: string; readonly recipients: number }>
  | Event<
      'BroadcastPageExpanded',
      {
        readonly holder: string;
        /** From 1. */
        readonly page: number;
        /** The last recipient of the page; the next page begins after it. */
        readonly cursor: string;
        readonly accepted: number;
        readonly suppressed: number;
        readonly refusals: readonly RecipientRefusal[];
      }
    >
  | Event<'BroadcastPaused', { readonly by: string; readonly why: string }>
  | Event<'BroadcastResumed', { readonly by: string }>
  /** Everybody was asked for; `expired` when its time was over before. */
  | Event<'BroadcastCompleted', { readonly expired: boolean }>
  | Event<'BroadcastCancelled', { readonly by: string; readonly why: string }>
  /** What waited to be sent is cancelled as well. */
  | Event<'BroadcastCancellationFinished', { readonly cancelled: number }>;

export type BroadcastRequest = Extract<BroadcastEvent, { type: 'BroadcastRequested' }>['data'];

export const broadcastSchemas: SchemasOf<BroadcastEvent> = {
  BroadcastRequested: {
    version: 1,
    fields: {
      broadcastId: 'identifier',
      title: 'none',
      audience: 'identifier',
      channel: 'none',
      template: 'none',
      templateVersion: 'none',
      category: 'none',
      priority: 'none',
      variables: 'content',
      scheduledAt: 'none',
      localTime: 'none',
      expiresAt: 'none',
      requestedBy: 'identifier',
      fingerprint: 'none',
    },
  },
  BroadcastLinesRefused: { version: 1, fields: { refusals: 'identifier' } },
  BroadcastTakenUp: { version: 1, fields: { holder: 'identifier', recipients: 'none' } },
  BroadcastPageExpanded: {
    version: 1,
    fields: {
      holder: 'identifier',
      page: 'none',
      cursor: 'identifier',
      accepted: 'none',
      suppressed: 'none',
      refusals: 'identifier',
    },
  },
  BroadcastPaused: { version: 1, fields: { by: 'identifier', why: 'content' } },
  BroadcastResumed: { version: 1, fields: { by: 'identifier' } },
  BroadcastCompleted: { version: 1, fields: { expired: 'none' } },
  BroadcastCancelled: { version: 1, fields: { by: 'identifier', why: 'content' } },
  BroadcastCancellationFinished: { version: 1, fields: { cancelled: 'none' } },
};
