import type { Logger } from 'pino';
import { failureOf } from '../../eventstore/failure.ts';
import { keepRunning } from '../../eventstore/keepRunning.ts';
import { type Leases, withLease } from '../../readmodels/leases.ts';

export interface BroadcasterPorts {
  readonly leases: Leases;
  readonly logger: Logger;
  /** Broadcasts for which something is to be done, the longest waiting first. */
  withWork(most: number): Promise<readonly string[]>;
  /** Does it, until it is done or the signal is aborted. */
  expand(broadcastId: string, holder: string, signal: AbortSignal): Promise<void>;
  newId(): string;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

const mostAtOnce = 4;
/** An idle look is one indexed read that finds nothing. */
const lookEveryMs = 500;
/** A process that died is succeeded after this time. */
const leaseMs = 6_000;
const restMs = 1_500;

/**
 * Takes up broadcasts, a few at a time. A lease keeps processes out of each other's way; what makes it
 * safe is the stream of the broadcast, which counts the pages of its last holder only.
 */
export const createBroadcaster = (ports: BroadcasterPorts) => {
  const underWay = new Map<string, Promise<void>>();
  /** Led by another process, or just done: looked at again a little later. */
  const resting = new Set<string>();

  const takeUp = async (broadcastId: string, signal: AbortSignal): Promise<void> => {
    const holder = ports.newId();
    const term = { name: `broadcast:${broadcastId}`, holder, lifetimeMs: leaseMs, signal };
    try {
      await withLease(ports.leases, { ...term, wait: ports.wait }, (mine) =>
        ports.expand(broadcastId, holder, mine),
      );
    } catch (error) {
      if (signal.aborted) return;
      ports.logger.warn({ broadcastId, reason: failureOf(error) }, 'a broadcast was interrupted');
    }
  };

  const rest = async (broadcastId: string, signal: AbortSignal): Promise<void> => {
    resting.add(broadcastId);
    await ports.wait(restMs, signal);
    resting.delete(broadcastId);
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    await keepRunning('the broadcaster', signal, ports, async (progress) => {
      while (!signal.aborted) {
        const found = await ports.withWork(mostAtOnce + underWay.size + resting.size);
        const free = found.filter((id) => !underWay.has(id) && !resting.has(id));
        for (const id of free.slice(0, mostAtOnce - underWay.size)) {
          const task = takeUp(id, signal).finally(() => {
            underWay.delete(id);
            void rest(id, signal);
          });
          underWay.set(id, task);
        }
        progress();
        await ports.wait(lookEveryMs, signal);
      }
    });
    await Promise.all(underWay.values());
  };

  return { run };
};
