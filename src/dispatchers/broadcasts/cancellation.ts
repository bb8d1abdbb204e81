import { notifications } from '../../commands/aggregates.ts';
import type { CommandContext, Execute } from '../../commands/execute.ts';
import { inParallel } from '../../commands/inParallel.ts';
import { DomainError } from '../../domain/errors.ts';
import { positionOf } from '../../eventstore/event.ts';
import type { Collection } from '../../readmodels/database.ts';
import type { DueEntry } from '../scheduler.ts';

export interface CancellationPorts {
  readonly execute: Execute;
  readonly due: Collection<DueEntry & { readonly broadcastId?: string }>;
  /** How far in the log the read model of what waits is; undefined before its first event. */
  reached(): Promise<bigint | undefined>;
  /** Where the read model of broadcasts saw the cancellation; undefined before it has. */
  cancelledAt(broadcastId: string): Promise<bigint | undefined>;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const pageSize = 500;
const streamsInFlight = 32;
const lookEveryMs = 200;

/**
 * Cancels every notification of a broadcast that still waits. The list of what waits is a read model, so
 * it is looked at when it has seen all that the broadcast asked for.
 *
 * @returns how many were cancelled
 */
export const createCancellation =
  (ports: CancellationPorts) =>
  async (
    broadcastId: string,
    since: string | undefined,
    context: CommandContext,
    signal: AbortSignal,
  ): Promise<number> => {
    const lastPage = since === undefined ? 0n : (positionOf(since)?.commit ?? 0n);
    const hasSeenAll = async () => {
      const [cancelledAt, reached] = await Promise.all([
        ports.cancelledAt(broadcastId),
        ports.reached(),
      ]);
      if (cancelledAt === undefined || reached === undefined) return false;
      return reached >= cancelledAt && reached >= lastPage;
    };
    while (!(await hasSeenAll())) {
      await ports.wait(lookEveryMs, signal);
      if (signal.aborted) return 0;
    }

    const cancel = async (notificationId: string): Promise<number> => {
      const command = {
        type: 'CancelNotification',
        by: context.actor,
        why: 'the broadcast was cancelled',
      } as const;
      try {
        const { events } = await ports.execute(notifications, notificationId, [command], context);
        return events.length;
      } catch (error) {
        // It is with the provider already, or over.
        if (error instanceof DomainError && error.code === 'NOT_CANCELLABLE') return 0;
        throw error;
      }
    };
    let cancelled = 0;
    let after = '';
    while (!signal.aborted) {
      const waiting = await ports.due
        .find({ broadcastId, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(pageSize)
        .project<{ _id: string }>({ _id: 1 })
        .toArray();
      const counts = await inParallel(waiting, streamsInFlight, ({ _id }) => cancel(_id));
      cancelled += counts.reduce((sum, count) => sum + count, 0);
      if (waiting.length < pageSize) break;
      after = waiting.at(-1)?._id ?? after;
    }
    return cancelled;
  };
