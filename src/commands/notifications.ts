import { DomainError } from '../domain/errors.ts';
import type { NotificationCommand } from '../domain/notification/commands.ts';
import { notifications } from './aggregates.ts';
import type { CommandContext, Execute } from './execute.ts';
import { inParallel } from './inParallel.ts';

/** News about one notification, from a provider, the pixel, a device or a client. */
export interface NewsItem {
  readonly notificationId: string;
  readonly kind: 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained' | 'undelivered';
  /** ISO 8601, by the source's clock. */
  readonly at: string;
  /** For instance `sendgrid`, `device`, `client`. */
  readonly provider: string;
  readonly providerEventId: string;
  readonly permanent?: boolean;
  readonly reason?: string;
  readonly url?: string;
}

/** What became of a batch of news. */
export interface NewsResult {
  readonly recorded: number;
  /** What was known already. */
  readonly repeated: number;
  /** Notifications that don't exist or were never sent: their news is acknowledged and dropped. */
  readonly unknown: readonly string[];
}

/** What became of many dead letters. */
export interface Requeued {
  readonly requeued: number;
  /** Somebody else was faster, or news came. */
  readonly skipped: number;
}

/** What was changed, and where in the log, so that a client can follow from there. */
export interface Changed {
  readonly notificationId: string;
  readonly cursor?: string;
}

export interface NotificationCommands {
  /** @throws DomainError UNKNOWN_NOTIFICATION, NOT_CANCELLABLE */
  cancel(notificationId: string, why: string, context: CommandContext): Promise<Changed>;
  /** @throws DomainError UNKNOWN_NOTIFICATION, NOT_DEAD_LETTERED */
  requeue(notificationId: string, why: string, context: CommandContext): Promise<Changed>;
  /** Tries many again; those that are no dead letters any more are left as they are. */
  requeueAll(
    notificationIds: readonly string[],
    why: string,
    context: CommandContext,
  ): Promise<Requeued>;
  /** @throws DomainError UNKNOWN_NOTIFICATION, NOT_DEAD_LETTERED */
  discard(notificationId: string, why: string, context: CommandContext): Promise<Changed>;
  /** Records news durably, all about one notification in one append; safe to repeat. */
  recordNews(news: readonly NewsItem[], context: CommandContext): Promise<NewsResult>;
}

const streamsInFlight = 256;

export const createNotificationCommands = (execute: Execute): NotificationCommands => {
  const change = async (id: string, command: NotificationCommand, context: CommandContext) => {
    const { cursor } = await execute(notifications, id, [command], context);
    return { notificationId: id, ...(cursor === undefined ? {} : { cursor }) };
  };
  return {
    cancel: (id, why, context) =>
      change(id, { type: 'CancelNotification', by: context.actor, why }, context),
    requeue: (id, why, context) =>
      change(id, { type: 'RequeueNotification', by: context.actor, why }, context),
    requeueAll: async (ids, why, context) => {
      const command = { type: 'RequeueNotification', by: context.actor, why } as const;
      const done = await inParallel(ids, streamsInFlight, async (id) => {
        try {
          return (await execute(notifications, id, [command], context)).events.length > 0;
        } catch (error) {
          if (error instanceof DomainError && error.code === 'NOT_DEAD_LETTERED') return false;
          throw error;
        }
      });
      const requeued = done.filter(Boolean).length;
      return { requeued, skipped: done.length - requeued };
    },
    discard: (id, why, context) =>
      change(id, { type: 'DiscardDeadLetter', by: context.actor, why }, context),
    recordNews: async (news, context) => {
      const byNotification = Map.groupBy(news, (item) => item.notificationId);
      const results = await inParallel(
        [...byNotification],
        streamsInFlight,
        async ([notificationId, items]) => {
          try {
            const commands = items.map(commandOf);
            const { events } = await execute(notifications, notificationId, commands, context);
            const repeated = items.length - events.length;
            return { recorded: items.length, repeated, unknown: [] };
          } catch (error) {
            const known = error instanceof DomainError && unheardOf.has(error.code);
            if (known) return { recorded: 0, repeated: 0, unknown: [notificationId] };
            throw error;
          }
        },
      );
      return {
        recorded: results.reduce((sum, { recorded }) => sum + recorded, 0),
        repeated: results.reduce((sum, { repeated }) => sum + repeated, 0),
        unknown: results.flatMap(({ unknown }) => unknown),
      };
    },
  };
};

const unheardOf: ReadonlySet<string> = new Set([
  'UNKNOWN_NOTIFICATION',
  'NOT_YET_SENT',
  'BAD_INPUT',
]);

const commandOf = (item: NewsItem): NotificationCommand => {
  const { at: when, provider: source, providerEventId, reason, url } = item;
  const report = { when, source, providerEventId };
  switch (item.kind) {
    case 'delivered':
      return { type: 'RecordDelivered', ...report };
    case 'opened':
      return { type: 'RecordOpened', ...report };
    case 'clicked':
      return { type: 'RecordClicked', ...report, ...(url === undefined ? {} : { url }) };
    case 'complained':
      return { type: 'RecordComplained', ...report };
    case 'bounced':
    case 'undelivered': {
      const code = reason === undefined ? {} : { code: reason };
      return { type: 'RecordBounced', ...report, permanent: item.permanent ?? true, ...code };
    }
  }
};
