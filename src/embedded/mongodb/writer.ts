import { Doc } from './bson/document.ts';
import { encodeReply, headroom } from './bson/encode.ts';
import type { Request } from './commands/request.ts';
import type { WriteCommand } from './commands/table.ts';
import { CommandError } from './errors.ts';
import type { Cost } from './store/cost.ts';
import type { Database } from './store/database.ts';
import { attemptOf, createRetries } from './store/retries.ts';

/**
 * Runs write commands in one transaction until `commit`: everything that arrives in one turn of the event
 * loop shares one commit, and answers leave after it. What fails unexpectedly takes the whole transaction
 * with it, and every command of it is answered with the failure: none of them was acknowledged.
 */
export interface Writer {
  /** Runs one command; `answer` is called after the commit that makes it durable, or with its failure. */
  run(request: Request, command: WriteCommand, answer: Answer): void;
  /** Holds an answer until what it may have seen is durable; it is given the failure if it never is. */
  afterCommit(answer: (failure: Error | undefined) => void): void;
  /** Runs something of the server's own in the shared transaction. */
  own(work: (db: Database) => void): void;
  /** Commits now; used before closing. */
  commit(): void;
}

/** Given the reply as `encodeReply` makes it, or the failure. */
type Answer = (reply: Buffer | Error, cost: Cost) => void;

/** Of a write that searches nothing, such as an insert. */
const noSearch: Cost = { docs: 0, keys: 0, index: 'none' };

/** A writer on the one connection that writes. */
export function createWriter(db: Database): Writer {
  const retries = createRetries(db.sql);
  let open = false;
  let waiting: ((failure: Error | undefined) => void)[] = [];

  const begin = (): void => {
    if (open) return;
    db.sql.run('BEGIN IMMEDIATE');
    open = true;
    setImmediate(commit);
  };

  const end = (failure?: Error): void => {
    open = false;
    const answers = waiting;
    waiting = [];
    if (failure) {
      rollBack(db);
      retries.forget();
    }
    for (const answer of answers) answer(failure);
  };

  const commit = (): void => {
    if (!open) return;
    try {
      retries.write();
      db.sql.run('COMMIT');
    } catch (error) {
      end(error as Error);
      return;
    }
    end();
  };

  /** Undoes this work alone when it is refused half-way. */
  const undoable = (work: () => Doc): Doc => {
    db.sql.run('SAVEPOINT command');
    const before = db.sql.written;
    try {
      const result = work();
      db.sql.run('RELEASE command');
      return result;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const changed = db.sql.written !== before;
      db.sql.run('ROLLBACK TO command');
      db.sql.run('RELEASE command');
      if (changed) db.reload();
      throw error;
    }
  };

  const runOnce = (request: Request, command: WriteCommand): Buffer => {
    const attempt = attemptOf(request);
    const before = attempt && retries.earlier(attempt);
    if (before) return encodeReply(Doc.at(before));
    const work = (): Doc => command.run(db, request);
    const reply = encodeReply(command.undoable ? undoable(work) : work());
    if (attempt) retries.keep(attempt, reply.subarray(headroom));
    return reply;
  };

  /** Runs work in the shared transaction; what isn't a refusal ends the transaction. */
  const shared = <T>(work: () => T): T => {
    begin();
    try {
      return work();
    } catch (cause) {
      if (cause instanceof CommandError) throw cause;
      const failure = new Error('write failed', { cause });
      end(failure);
      throw failure;
    }
  };

  return {
    run: (request, command, answer) => {
      Object.assign(db.cost, noSearch);
      let reply: Buffer | CommandError;
      try {
        reply = shared(() => runOnce(request, command));
      } catch (error) {
        if (!(error instanceof CommandError)) {
          answer(error as Error, { ...db.cost });
          return;
        }
        // A refusal too may rest on what isn't durable yet.
        reply = error;
      }
      const cost = { ...db.cost };
      waiting.push((failure) => {
        answer(failure ?? reply, cost);
      });
    },
    afterCommit: (answer) => {
      if (open) waiting.push(answer);
      else answer(undefined);
    },
    own: (work) => {
      shared(() => work(db));
    },
    commit,
  };
}

function rollBack(db: Database): void {
  try {
    db.sql.exec('ROLLBACK');
  } catch {
    // SQLite has already rolled back; there is nothing left to undo.
  }
  db.reload();
}
