import { hash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { byProvider } from './faults.ts';
import type { ProviderName } from './faults.ts';

/** One message that a simulator accepted. */
export interface LedgerEntry {
  readonly provider: ProviderName;
  readonly providerMessageId: string;
  readonly notificationId: string | null;
  readonly attempt: number | null;
  /** Stored only as a keyed hash. */
  readonly recipient: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A ledger row as `GET /sandbox/ledger` shows it. */
export interface LedgerRow {
  readonly seq: number;
  readonly provider: ProviderName;
  readonly providerMessageId: string;
  readonly notificationId: string | null;
  readonly attempt: number | null;
  readonly recipientHash: string;
  /** ISO 8601. */
  readonly at: string;
}

/** One provider in `GET /sandbox/ledger/summary`. */
export interface ProviderSummary {
  /** Sends since this start, refused ones included. */
  readonly requests: number;
  readonly accepted: number;
  readonly notifications: number;
  /** Notifications accepted more than once for the same recipient (or device). */
  readonly repeated: readonly string[];
  readonly callbacksPending: number;
}

/** A message that a simulator still owes to somebody. */
export interface CallbackDraft {
  readonly provider: ProviderName;
  /** Relative to the webhooks' base URL when it lies below it: the API may listen elsewhere after a restart. */
  readonly url: string;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly dueAt: number;
}

export interface PendingCallback extends CallbackDraft {
  readonly id: number;
  readonly tries: number;
}

export interface LedgerChange {
  readonly entries?: readonly LedgerEntry[];
  readonly callbacks?: readonly CallbackDraft[];
  readonly done?: readonly number[];
  readonly postponed?: readonly PendingCallback[];
}

export interface Ledger {
  /** Writes all of it in one transaction; durable against the death of the process when it returns. */
  write(change: LedgerChange): void;
  /** Takes due callbacks, oldest first; they are due again after `write` postponed them, or after a restart. */
  claim(provider: ProviderName, now: number, limit: number): PendingCallback[];
  pending(): number;
  page(after: number, limit: number): LedgerRow[];
  summary(): Readonly<Record<ProviderName, Omit<ProviderSummary, 'requests'>>>;
  /** A value that stays the same over restarts, made once. */
  setting(name: string, make: () => string): string;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY, provider TEXT NOT NULL, provider_message_id TEXT NOT NULL, notification_id TEXT,
    attempt INTEGER, recipient_hash TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY, provider TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL, due_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX IF NOT EXISTS callbacks_by_due ON callbacks (provider, due_at);
`;

/**
 * Opens `sandbox.db` in `dataDir`. WAL with synchronous=NORMAL: what was written survives `kill -9`; a power cut may cost
 * the last moments, which is enough for a stand-in and spares the disk that the stores sync to. The file is locked: a
 * second sandbox on the same directory fails to start.
 */
export function openLedger(dataDir: string): Ledger {
  mkdirSync(dataDir, { recursive: true });
  const db = new DatabaseSync(join(dataDir, 'sandbox.db'));
  db.exec(
    'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL',
  );
  db.exec(SCHEMA);

  const getSetting = db.prepare('SELECT value FROM settings WHERE name = ?');
  const putSetting = db.prepare('INSERT INTO settings (name, value) VALUES (?, ?)');
  const addEntry = db.prepare(
    `INSERT INTO ledger (provider, provider_message_id, notification_id, attempt, recipient_hash, at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const addCallback = db.prepare(
    'INSERT INTO callbacks (provider, url, body, due_at) VALUES (?, ?, ?, ?)',
  );
  const dropCallback = db.prepare('DELETE FROM callbacks WHERE id = ?');
  const postpone = db.prepare('UPDATE callbacks SET tries = ?, due_at = ? WHERE id = ?');
  const due = db.prepare(
    `SELECT id, provider, url, body, due_at AS dueAt, tries FROM callbacks
     WHERE provider = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?`,
  );
  /** What is claimed and not settled yet; none of it is after a restart. */
  const claimed = byProvider(() => new Set<number>());

  const setting = (name: string, make: () => string): string => {
    const row = getSetting.get(name) as { value: string } | undefined;
    if (row !== undefined) return row.value;
    const value = make();
    putSetting.run(name, value);
    return value;
  };
  const hashKey = setting('hashKey', () => randomBytes(32).toString('base64'));
  const hashOf = (recipient: string): string =>
    hash('sha256', hashKey + recipient, 'base64url').slice(0, 22);

  /** The counts, until the ledger grows: who waits for callbacks asks again and again. */
  let books: Books | undefined;
  let pending = (db.prepare('SELECT count(*) AS n FROM callbacks').get() as { n: number }).n;

  return {
    setting,
    pending: () => pending,
    write: ({ entries = [], callbacks = [], done = [], postponed = [] }) => {
      db.exec('BEGIN');
      for (const {
        provider,
        providerMessageId,
        notificationId,
        attempt,
        recipient,
        at,
      } of entries) {
        addEntry.run(provider, providerMessageId, notificationId, attempt, hashOf(recipient), at);
      }
      for (const { provider, url, body, dueAt } of callbacks) {
        addCallback.run(provider, url, body, dueAt);
      }
      for (const id of done) dropCallback.run(id);
      for (const { id, tries, dueAt } of postponed) postpone.run(tries, dueAt, id);
      db.exec('COMMIT');
      for (const ids of Object.values(claimed)) {
        for (const id of done) ids.delete(id);
        for (const { id } of postponed) ids.delete(id);
      }
      pending += callbacks.length - done.length;
      if (entries.length > 0) books = undefined;
    },
    claim: (provider, now, limit) => {
      const held = claimed[provider];
      // What is held is due, too, and older: it comes before the rest.
      const found = due.all(provider, now, limit + held.size) as unknown as PendingCallback[];
      const free = found.filter(({ id }) => !held.has(id)).slice(0, limit);
      for (const { id } of free) held.add(id);
      return free;
    },
    page: (after, limit) => readPage(db, after, limit),
    summary: () => {
      if (books === undefined) books = readBooks(db);
      return withPending(db, books);
    },
    close: () => db.close(),
  };
}

function readPage(db: DatabaseSync, after: number, limit: number): LedgerRow[] {
  const rows = db
    .prepare(
      `SELECT seq, provider, provider_message_id AS providerMessageId, notification_id AS notificationId, attempt,
         recipient_hash AS recipientHash, at FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?`,
    )
    .all(after, limit) as unknown as (LedgerRow & { at: number })[];
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}

type Books = Readonly<Record<ProviderName, Omit<ProviderSummary, 'requests' | 'callbacksPending'>>>;

function readBooks(db: DatabaseSync): Books {
  const counts = db.prepare(
    'SELECT count(*) AS accepted, count(DISTINCT notification_id) AS notifications FROM ledger WHERE provider = ?',
  );
  const repeated = db.prepare(
    `SELECT DISTINCT notification_id AS id FROM ledger WHERE provider = ? AND notification_id IS NOT NULL
     GROUP BY notification_id, recipient_hash HAVING count(*) > 1 ORDER BY min(seq)`,
  );
  const of = (provider: ProviderName): Books[ProviderName] => ({
    ...(counts.get(provider) as { accepted: number; notifications: number }),
    repeated: (repeated.all(provider) as { id: string }[]).map(({ id }) => id),
  });
  return byProvider(of);
}

function withPending(db: DatabaseSync, books: Books): ReturnType<Ledger['summary']> {
  const rows = db
    .prepare('SELECT provider, count(*) AS n FROM callbacks GROUP BY provider')
    .all() as { provider: ProviderName; n: number }[];
  return byProvider((provider) => ({
    ...books[provider],
    callbacksPending: rows.find((row) => row.provider === provider)?.n ?? 0,
  }));
}
