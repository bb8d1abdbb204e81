/**
 * Group commit: whatever arrives in one turn of the event loop becomes one transaction. Under load it
 * waits a moment for those whose last append was answered just now, since a transaction costs the same
 * for one append as for thirty. Who appends alone never waits.
 */
import { messageOf, StorageError } from '../errors.ts';
import type { Database } from './database.ts';

/** A piece of work inside a transaction. */
export interface Operation {
  /** Rows that it writes, roughly; bounds the size of a transaction. */
  readonly weight: number;
  /** Runs inside the transaction. A throw fails the whole transaction. */
  apply(): void;
  /** The transaction is on disk. */
  committed(): void;
  /** Nothing of the transaction was kept. */
  failed(error: Error): void;
}

export interface Commits {
  enqueue(operation: Operation): void;
  /** `work` in the next transaction, as a promise of its result once that is durable. */
  transact<Result>(work: () => Result): Promise<Result>;
  /** Commits what waits. After it, nothing is accepted. */
  close(): void;
}

const MAX_WEIGHT = 4_000;
/** From so many operations at once on, a transaction is worth waiting for. */
const CROWD = 8;
/** Longest wait for a transaction to fill, in milliseconds. */
const GATHER_MS = 2;

/**
 * @param afterCommit runs once per transaction, after its operations were told.
 * @param afterRollback has to bring every cache back to what the file says.
 */
export function openCommits(
  database: Database,
  afterCommit: () => void,
  afterRollback: () => void,
): Commits {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  let queue: Operation[] = [];
  let scheduled = false;
  let closed = false;
  /** About how many operations come in while one transaction is answered and another is written. */
  let crowd = 0;
  let gathering: NodeJS.Timeout | undefined;

  const takeBatch = (): Operation[] => {
    let weight = 0;
    let count = 0;
    while (count < queue.length && weight < MAX_WEIGHT) weight += queue[count++]?.weight ?? 0;
    const batch = queue;
    queue = batch.splice(count);
    return batch;
  };

  const run = (): void => {
    scheduled = false;
    clearTimeout(gathering);
    gathering = undefined;
    if (queue.length === 0) return;
    const batch = takeBatch();
    try {
      begin.run();
      for (const operation of batch) operation.apply();
      commit.run();
    } catch (error) {
      rollback(database);
      afterRollback();
      const named = describe(error, database.path);
      for (const operation of batch) operation.failed(named);
      schedule();
      return;
    }
    crowd = Math.max(batch.length + queue.length, crowd * 0.9);
    for (const operation of batch) operation.committed();
    afterCommit();
    schedule();
  };

  const schedule = (): void => {
    if (scheduled || queue.length === 0) return;
    // Most of the crowd: the rest is on its way there and back meanwhile.
    if (crowd >= CROWD && queue.length < crowd * 0.8) {
      gathering ??= setTimeout(run, GATHER_MS);
      return;
    }
    scheduled = true;
    setImmediate(run);
  };

  const enqueue = (operation: Operation): void => {
    if (closed) {
      operation.failed(new StorageError('The event store is shutting down.'));
      return;
    }
    queue.push(operation);
    schedule();
  };

  return {
    enqueue,
    transact<Result>(work: () => Result) {
      return new Promise<Result>((resolve, reject) => {
        let result: { readonly value: Result } | undefined;
        enqueue({
          weight: 1,
          apply: () => {
            result = { value: work() };
          },
          committed: () => {
            if (result) resolve(result.value);
          },
          failed: reject,
        });
      });
    },
    close() {
      closed = true;
      while (queue.length > 0) run();
    },
  };
}

function rollback(database: Database): void {
  try {
    database.connection.exec('ROLLBACK');
  } catch {
    // SQLite has already rolled back, as it does when the disk is full.
  }
}

function describe(error: unknown, path: string): Error {
  const text = messageOf(error);
  if (/full|disk I\/O|readonly/.test(text)) {
    return new StorageError(`${path} can't be written: ${text}. Nothing was appended.`, {
      cause: error,
    });
  }
  return error instanceof Error ? error : new StorageError(text, { cause: error });
}
