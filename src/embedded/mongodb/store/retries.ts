import { Doc } from '../bson/document.ts';
import { encode } from '../bson/encode.ts';
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
  const lsid = request.body.get('lsid');
  const id = lsid instanceof Doc ? lsid.get('id') : undefined;
  if (number === undefined || !(id instanceof Binary)) return undefined;
  return { session: id.bytes, number };
}

/** The reply that was given before to the same attempt, or undefined when it is new. */
export function earlierReply(sql: Sql, attempt: Attempt): Doc | undefined {
  const found = sql.get('SELECT number, reply FROM retries WHERE session = ?', attempt.session);
  const last = found?.[0] as number | undefined;
  if (last === undefined || last < attempt.number) return undefined;
  if (last === attempt.number) return Doc.at(bytes(found?.[1]));
  throw new CommandError(
    codes.TransactionTooOld,
    `Retryable write with txnNumber ${attempt.number} is prohibited on session because a newer retryable write with txnNumber ${last} has already started on this session.`,
  );
}

/** Keeps a reply for the case that it is lost on its way; in the same transaction as what it tells of. */
export function keepReply(sql: Sql, attempt: Attempt, reply: Doc, now: number): void {
  sql.run(
    'INSERT INTO retries (session, number, reply, at) VALUES (?, ?, ?, ?) ' +
      'ON CONFLICT (session) DO UPDATE SET number = excluded.number, reply = excluded.reply, at = excluded.at',
    attempt.session,
    attempt.number,
    encode(reply),
    now,
  );
}

/** Forgets replies older than `before` (milliseconds). */
export function forgetReplies(sql: Sql, before: number): void {
  sql.run('DELETE FROM retries WHERE at < ?', before);
}
