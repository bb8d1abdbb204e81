import type { Logger } from 'pino';
import { keepRunning } from '../eventstore/keepRunning.ts';
import { failureOf } from '../eventstore/failure.ts';
import type { NotificationState } from '../domain/notification/state.ts';
import type { Collection } from '../readmodels/database.ts';

/** A document of the `due` read model, as far as the scheduler looks at it. */
export interface DueEntry extends DueNotification {
  readonly dueAt: Date;
  readonly claim?: string;
}

/** A notification whose moment has come, with what is known of its stream. */
export interface DueNotification {
  /** The notification's id. */
  readonly _id: string;
  /** The revision of the stream that `state` is of. */
  readonly v: number;
  /** Its first event as the log holds it, as JSON: id, data, metadata. */
  readonly request?: string;
  readonly state?: NotificationState;
}

export interface SchedulerPorts {
  readonly due: Collection<DueEntry>;
  readonly logger: Logger;
  /** Resolves with the ids of those for which there is nothing left to wait. */
  takeUp(notifications: readonly DueNotification[]): Promise<readonly string[]>;
  /** Claimed by a scheduler that died, an entry is due again after so many milliseconds. */
  readonly claimMs: number;
  newId(): string;
  now(): Date;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

interface Claimed {
  readonly found: readonly DueNotification[];
  /** What the entries are marked with. */
  readonly claim: string;
}

const batchSize = 200;
/** Batches in hand at once: one is read while the one before waits for its provider. */
const batchesInHand = 5;
/** What is added meanwhile is found by then; an idle look is one entry of one index. */
const lookEveryMs = 1_000;

/**
 * Hands over what is due, oldest first, in batches that it claims by putting them off: so the index
 * begins with what nobody has claimed, however much waits. Two schedulers that claim the same entry are
 * harmless: only one can append the start of the attempt. It keeps nothing of what waits in memory and
 * sleeps until the next entry is due.
 */
export const createScheduler = (ports: SchedulerPorts) => {
  const claim = async (): Promise<Claimed> => {
    const id = ports.newId();
    const now = ports.now();
    const isDue = { dueAt: { $lte: now } };
    const candidates = await ports.due
      .find(isDue)
      .sort({ dueAt: 1 })
      .limit(batchSize)
      .project<DueNotification>({ v: 1, request: 1, state: 1 })
      .toArray();
    if (candidates.length === 0) return { found: [], claim: id };
    const ids = candidates.map(({ _id }) => _id);
    const until = new Date(now.getTime() + ports.claimMs);
    const { modifiedCount } = await ports.due.updateMany(
      { _id: { $in: ids }, ...isDue },
      { $set: { claim: id, dueAt: until } },
    );
    if (modifiedCount === ids.length) return { found: candidates, claim: id };
    const mine = await ports.due
      .find({ _id: { $in: ids }, claim: id })
      .project<{ _id: string }>({ _id: 1 })
      .toArray();
    const claimed = new Set(mine.map(({ _id }) => _id));
    return { found: candidates.filter(({ _id }) => claimed.has(_id)), claim: id };
  };

  const untilNext = async (): Promise<number> => {
    const [first] = await ports.due
      .find({})
      .sort({ dueAt: 1 })
      .limit(1)
      .project<Pick<DueEntry, 'dueAt'>>({ _id: 0, dueAt: 1 })
      .toArray();
    const left = first ? first.dueAt.getTime() - ports.now().getTime() : lookEveryMs;
    return Math.min(Math.max(left, 0), lookEveryMs);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    const inHand = new Set<Promise<void>>();
    const start = ({ found, claim: mine }: Claimed) => {
      const batch = ports
        .takeUp(found)
        .then(async (over) => {
          // What has happened since then has replaced the entry, and its claim with it.
          if (over.length > 0) await ports.due.deleteMany({ _id: { $in: [...over] }, claim: mine });
        })
        .catch((error: unknown) => {
          // They are due again when the claim has run out.
          ports.logger.error({ reason: failureOf(error) }, 'a batch could not be taken up');
        })
        .finally(() => inHand.delete(batch));
      inHand.add(batch);
    };
    await keepRunning('the scheduler', signal, ports, async (progress) => {
      while (!signal.aborted) {
        if (inHand.size >= batchesInHand) await Promise.race(inHand);
        const claimed = await claim();
        if (claimed.found.length > 0) start(claimed);
        progress();
        if (claimed.found.length === 0) await ports.wait(await untilNext(), signal);
      }
    });
    await Promise.all(inHand);
  };

  return { run };
};
