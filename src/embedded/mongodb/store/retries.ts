import { Doc } from '../bson/document.ts';
import { Binary, wholeNumber } from '../bson/values.ts';
import type { Request } from '../commands/request.ts';
import { codes, CommandError } from '../errors.ts';
import { bytes } from './sql.ts';
import type { Sql } from './sql.ts';

/** A retryable write's name: its session and its number there. */
export interface Attempt {
  readonly session: Buffer;
  readonly number: number;
}

/** The attempt a command belongs to, when its driver may send it again. */
export function attemptOf(request: Request): Attempt | undefined {
  const number = wholeNumber(request.body.get('txnNumber'));
  if (number === undefined) return undefined;
  const lsid = request.body.get('lsid');
  const id = lsid instanceof Doc ? lsid.get('id') : undefined;
  return id instanceof Binary ? { session: id.bytes, number } : undefined;
}

/** The last reply of each session, for the case that it is lost on its way. */
export interface Retries {
  /** The reply (BSON) that was given before to the same attempt, or undefined when it is new. */
  earlier(attempt: Attempt): Buffer | undefined;
  /** Keeps a reply. It is stored by `write`, which has to be in the transaction of what it tells of. */
  keep(attempt: Attempt, reply: Buffer): void;
  /** Stores what was kept since the last time. */
  write(): void;
  /** Forgets what is in memory; needed after a transaction was undone. */
  forget(): void;
}

interface Last {
  readonly number: number;
  /** The reply's bytes as characters: they take less room than a Buffer, which shares its memory with others. */
  readonly reply: string;
}

/** Sessions remembered in memory, each with a short reply; all others are looked up in the store. */
const mostRemembered = 5_000;
const longestRemembered = 4_096;

/** The replies kept in a store. */
export function createRetries(sql: Sql): Retries {
  const known = new Map<string, Last>();
  const unwritten = new Map<string, { readonly attempt: Attempt; readonly reply: Buffer }>();
  const remember = ({ session, number }: Attempt, reply: Buffer): void => {
    const name = session.toString('latin1');
    if (reply.length > longestRemembered) known.delete(name);
    else known.set(name, { number, reply: reply.toString('latin1') });
  };
  const write = (): void => {
    const now = Date.now();
    for (const { attempt, reply } of unwritten.values()) {
      sql.run(
        'INSERT INTO retries (session, number, reply, at) VALUES (?, ?, ?, ?) ' +
          'ON CONFLICT (session) DO UPDATE SET number = excluded.number, reply = excluded.reply, at = excluded.at',
        attempt.session,
        attempt.number,
        reply,
        now,
      );
    }
    unwritten.clear();
    if (known.size > mostRemembered) known.clear();
  };
  const lastOf = (
    session: Buffer,
  ): { readonly number: number; readonly reply: Buffer } | undefined => {
    const name = session.toString('latin1');
    const last = known.get(name);
    if (last) return { number: last.number, reply: Buffer.from(last.reply, 'latin1') };
    if (unwritten.has(name)) write();
    const row = sql.get('SELECT number, reply FROM retries WHERE session = ?', session);
    if (!row) return undefined;
    const found = { number: row[0] as number, reply: bytes(row[1]) };
    remember({ session, number: found.number }, found.reply);
    return found;
  };
  return {
    earlier: (attempt) => {
      const last = lastOf(attempt.session);
      if (last === undefined || last.number < attempt.number) return undefined;
      if (last.number === attempt.number) return last.reply;
      throw new CommandError(
        codes.TransactionTooOld,
        `Retryable write with txnNumber ${attempt.number} is prohibited on session because a newer retryable write with txnNumber ${last.number} has already started on this session.`,
      );
    },
    keep: (attempt, reply) => {
      remember(attempt, reply);
      unwritten.set(attempt.session.toString('latin1'), { attempt, reply });
    },
    write,
    forget: () => {
      known.clear();
      unwritten.clear();
    },
  };
}

/** Forgets replies older than `before` (milliseconds). */
export function forgetReplies(sql: Sql, before: number): void {
  sql.run('DELETE FROM retries WHERE at < ?', before);
}
