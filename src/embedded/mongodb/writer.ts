import type { Doc } from './bson/document.ts';
import type { Request } from './commands/request.ts';
import { CommandError } from './errors.ts';
import type { Cost } from './store/cost.ts';
import type { Database } from './store/database.ts';
import { attemptOf, earlierReply, keepReply } from './store/retries.ts';

/**
 * Runs write commands in one transaction until `commit`: everything that arrives in one turn of the event
 * loop shares one commit, and answers leave after it. A command that fails leaves nothing behind.
 */
export interface Writer {
  /** Runs one command; `answer` is called after the commit that makes it durable, or with its failure. */
  run(request: Request, command: (db: Database, request: Request) => Doc, answer: Answer): void;
  /** Holds an answer until what it may have seen is durable. */
  afterCommit(answer: () => void): void;
  /** Runs something of the server's own in the shared transaction. */
  own(work: (db: Database) => void): void;
  /** Commits now; used before closing. */
  commit(): void;
}

type Answer = (reply: Doc | Error, cost: Cost) => void;

/** Of a write that searches nothing, such as an insert. */
const noSearch: Cost = { docs: 0, keys: 0, index: 'none' };

/** A writer on the one connection that writes. */
export function createWriter(db: Database): Writer {
  let open = false;
  let waiting: ((failure: Error | undefined) => void)[] = [];

  const begin = (): void => {
    if (open) return;
    db.sql.exec('BEGIN IMMEDIATE');
    open = true;
    setImmediate(commit);
  };

  const commit = (): void => {
    if (!open) return;
    open = false;
    const answers = waiting;
    waiting = [];
    let failure: Error | undefined;
    try {
      db.sql.run('COMMIT');
    } catch (error) {
      failure = error as Error;
      rollBack(db);
    }
    for (const answer of answers) answer(failure);
  };

  /** Throws what the work threw, after undoing it. */
  const isolated = <T>(work: () => T): T => {
    begin();
    db.sql.run('SAVEPOINT command');
    const before = db.sql.written;
    try {
      const result = work();
      db.sql.run('RELEASE command');
      return result;
    } catch (error) {
      const changed = db.sql.written !== before;
      db.sql.run('ROLLBACK TO command');
      db.sql.run('RELEASE command');
      if (changed) db.reload();
      throw error;
    }
  };

  const runOnce = (request: Request, command: (db: Database, request: Request) => Doc): Doc => {
    const attempt = attemptOf(request);
    const before = attempt && earlierReply(db.sql, attempt);
    if (before) return before;
    const reply = command(db, request);
    if (attempt) keepReply(db.sql, attempt, reply, Date.now());
    return reply;
  };

  return {
    run: (request, command, answer) => {
      let reply: Doc;
      Object.assign(db.cost, noSearch);
      try {
        reply = isolated(() => runOnce(request, command));
      } catch (cause) {
        const error = cause instanceof CommandError ? cause : new Error('write failed', { cause });
        answer(error, { ...db.cost });
        return;
      }
      const cost = { ...db.cost };
      waiting.push((failure) => {
        answer(failure ?? reply, cost);
      });
    },
    afterCommit: (answer) => {
      if (open) waiting.push(answer);
      else answer();
    },
    own: (work) => {
      isolated(() => {
        work(db);
      });
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
