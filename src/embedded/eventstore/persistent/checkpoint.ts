/**
 * How far a group has got. Events are tracked in the order of the log; the checkpoint stands
 * before the first one that isn't done, so it never runs ahead of an unacknowledged event.
 */
import type { Delivery } from './consumer.ts';
import { createQueue } from './queue.ts';
import type { GroupSettings } from './settings.ts';

export interface Progress {
  /** An event was read from the log. Its `place` is set. */
  track(delivery: Delivery): void;
  /** Everything up to this place was read. */
  examined(place: number): void;
  /** Deliveries got done: moves the checkpoint, and saves it when the settings say so. */
  advance(count: number): void;
  /** Last place with everything before it done; -1 before the first. */
  readonly place: () => number;
  /** The last place that was given to `save`, if any. */
  readonly saved: () => number | undefined;
  /** Read but not yet done. */
  readonly outstanding: () => number;
  /** Saves what isn't saved yet, and ends the timer. Nothing is saved after it. */
  close(): void;
}

/** Events that a filter skipped count towards a checkpoint only in the thousands. */
const SKIPPED_PER_CHECKPOINT = 5_000;

/**
 * @param start the first place that the group reads.
 * @param save stores a checkpoint; called with growing places.
 */
export function trackProgress(
  start: number,
  savedBefore: number | undefined,
  settings: () => GroupSettings,
  save: (place: number) => void,
): Progress {
  const tracked = createQueue<Delivery>();
  let lastExamined = start - 1;
  let saved = savedBefore;
  let sinceSave = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const place = (): number => {
    const first = tracked.peek();
    return first?.place === undefined ? lastExamined : first.place - 1;
  };
  const dropDone = (): void => {
    while (tracked.peek()?.done === true) tracked.shift();
  };
  const saveNow = (): void => {
    clearTimeout(timer);
    timer = undefined;
    sinceSave = 0;
    const current = place();
    if (current <= (saved ?? start - 1)) return;
    saved = current;
    save(current);
  };
  const onTimer = (): void => {
    timer = undefined;
    const skipped = place() - (saved ?? start - 1);
    if (sinceSave >= settings().minCheckpointCount || skipped >= SKIPPED_PER_CHECKPOINT) saveNow();
  };

  return {
    place,
    track: (delivery) => tracked.push(delivery),
    examined(upTo) {
      lastExamined = Math.max(lastExamined, upTo);
    },
    advance(count) {
      if (closed) return;
      dropDone();
      sinceSave += count;
      const { maxCheckpointCount, checkpointAfterMs } = settings();
      if (maxCheckpointCount > 0 && sinceSave >= maxCheckpointCount) saveNow();
      else timer ??= setTimeout(onTimer, checkpointAfterMs);
    },
    saved: () => saved,
    outstanding: () => tracked.size(),
    close() {
      closed = true;
      dropDone();
      saveNow();
    },
  };
}
