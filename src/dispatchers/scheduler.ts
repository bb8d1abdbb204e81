import type { Logger } from 'pino';
import { keepRunning } from '../eventstore/keepRunning.ts';
import type { Collection } from '../readmodels/database.ts';

/** A document of the `due` read model, as far as the scheduler looks at it. */
export interface DueEntry {
  readonly _id: string;
  readonly dueAt: Date;
  readonly claimedUntil?: Date;
  readonly claim?: string;
}

export interface SchedulerPorts {
  readonly due: Collection<DueEntry>;
  readonly logger: Logger;
  takeUp(notificationIds: readonly string[]): Promise<void>;
  newId(): string;
  now(): Date;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const batchSize = 200;
/** Claimed by a scheduler that died, an entry is free again after this. */
const claimMs = 60_000;
/** An idle look is one indexed read that finds nothing. */
const lookEveryMs = 500;

/**
 * Hands over what is due, oldest first, in batches that it claims. Two schedulers that claim the same
 * entry are harmless: only one can append the start of the attempt.
 */
export const createScheduler = (ports: SchedulerPorts) => {
  const claim = async (): Promise<readonly string[]> => {
    const now = ports.now();
    const free = {
      dueAt: { $lte: now },
      $or: [{ claimedUntil: { $exists: false } }, { claimedUntil: { $lt: now } }],
    };
    const candidates = await ports.due
      .find(free)
      .sort({ dueAt: 1 })
      .limit(batchSize)
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    if (candidates.length === 0) return [];
    const id = ports.newId();
    const claimedUntil = new Date(now.getTime() + claimMs);
    await ports.due.updateMany(
      { ...free, _id: { $in: candidates.map(({ _id }) => _id) } },
      { $set: { claim: id, claimedUntil } },
    );
    const mine = await ports.due
      .find({ _id: { $in: candidates.map(({ _id }) => _id) }, claim: id })
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    return mine.map(({ _id }) => _id);
  };

  const run = (signal: AbortSignal): Promise<void> =>
    keepRunning('the scheduler', signal, ports, async (progress) => {
      while (!signal.aborted) {
        const ids = await claim();
        if (ids.length > 0) await ports.takeUp(ids);
        progress();
        if (ids.length < batchSize) await ports.wait(lookEveryMs, signal);
      }
    });

  return { run };
};
