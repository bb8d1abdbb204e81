/** Reads a group's source ahead of its consumers: from the log, or from what was just committed. */
import type { StoredEvent } from '../record.ts';
import type { Pace } from '../store/pace.ts';
import { PAGE_EVENTS } from '../streams/read.ts';
import type { EventSource } from '../streams/source.ts';

export interface ReadAhead {
  /** Whether the log has events that weren't read yet. */
  readonly behind: () => boolean;
  /** Reads on, if there is room and anything to read. */
  wake(): void;
  /** Follows commits from now on. */
  open(): void;
  /** Stops following; `wake` does nothing until the next `open`. */
  close(): void;
}

export interface ReadAheadOptions {
  readonly source: EventSource;
  /** First place to read, inclusive. */
  readonly start: number;
  /** Whether `take` may leave out most of the events that it gets. */
  readonly filtered: boolean;
  /** How many more events may be taken. */
  readonly room: () => number;
  readonly take: (events: readonly StoredEvent[]) => void;
  /** Everything that there is was taken. */
  readonly level: () => void;
  readonly failed: (error: unknown) => void;
  /** Awaited between two pages. */
  readonly pace: Pace;
}

export function createReadAhead(options: ReadAheadOptions): ReadAhead {
  const { source, room } = options;
  let next = options.start;
  let reading = false;
  let unfollow: (() => void) | undefined;

  const read = async (): Promise<void> => {
    while (unfollow !== undefined && room() > 0) {
      await source.refresh();
      const count = options.filtered ? PAGE_EVENTS : Math.min(PAGE_EVENTS, Math.max(1, room()));
      const page = source.read(next, count);
      next = page.next;
      options.take(page.events);
      if (page.end && !source.behind()) {
        options.level();
        return;
      }
      await options.pace();
    }
  };
  const wake = (): void => {
    if (reading || unfollow === undefined || room() <= 0) return;
    reading = true;
    const over = (): void => {
      reading = false;
    };
    read().then(over, (error: unknown) => {
      over();
      options.failed(error);
    });
  };
  const onCommit = (events: readonly StoredEvent[]): void => {
    if (reading) return;
    const first = events[0];
    if (first === undefined || source.placeOf(first) !== next || events.length > room()) {
      wake();
      return;
    }
    next = source.placeOf(events.at(-1) ?? first) + 1;
    try {
      options.take(events);
      options.level();
    } catch (error) {
      options.failed(error);
    }
  };

  return {
    behind: () => next <= source.head(),
    wake,
    open() {
      unfollow ??= source.follow(onCommit);
      wake();
    },
    close() {
      unfollow?.();
      unfollow = undefined;
    },
  };
}
