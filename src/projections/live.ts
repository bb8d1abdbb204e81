import type { NotificationEvent } from '../domain/notification/events.ts';
import type { Category, Channel } from '../domain/vocabulary.ts';
import type { NotificationStatus } from './notifications.ts';

/** One change of one notification, as subscribers see it. */
export interface LiveUpdate {
  readonly notificationId: string;
  readonly userId: string;
  readonly channel: Channel;
  readonly template: string;
  readonly category: Category;
  /** What happened. */
  readonly type: NotificationEvent['type'];
  /** The status after it. */
  readonly status: NotificationStatus;
  readonly at: Date;
  readonly attempt?: number;
  readonly provider?: string;
  /** An error code, a rule id or a reason; never personal data. */
  readonly detail?: string;
  /** Subscribing `after` this cursor continues with the next update. */
  readonly cursor: string;
}

export interface LiveFilter {
  readonly notificationId?: string;
  readonly userId?: string;
  readonly channel?: Channel;
  readonly template?: string;
  readonly category?: Category;
  /** Only what is of one of these types. */
  readonly types?: readonly NotificationEvent['type'][];
}

/** The log as subscribers follow it. */
export interface LiveFeed {
  /**
   * Updates in the order of the log. With `after`, what was missed since that cursor comes first, then
   * what happens, without gap or repeat; without it, only what happens from now on. Ends when the
   * consumer returns or the feed is closed. A consumer that falls 10,000 updates behind is ended with
   * an error that says so; it reconnects with its cursor.
   *
   * @throws DomainError BAD_INPUT when `after` is not a cursor of ours
   */
  follow(filter: LiveFilter, after?: string): AsyncIterableIterator<LiveUpdate>;
}
