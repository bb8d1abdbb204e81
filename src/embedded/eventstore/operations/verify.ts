/** Checks a whole store that no server has open: every page, every event, every stream. */
import { CorruptionError, messageOf } from '../errors.ts';
import { streamOf } from '../record.ts';
import { checksumOf } from '../store/checksum.ts';
import { MERGED_STREAMS, openDatabase, type Database } from '../store/database.ts';
import { TOMBSTONE_REVISION } from '../store/streams.ts';

export interface Verification {
  readonly events: number;
  readonly streams: number;
  /** What is wrong, each with its place; empty when all is well. */
  readonly problems: readonly string[];
}

/** Problems reported before the check gives up. */
const MAX_PROBLEMS = 100;

/** Throws when there is no store in `dataDir`, it is in use, or it can't even be opened. */
export function verifyStore(dataDir: string): Verification {
  const database = openDatabase(dataDir, { mustExist: true });
  try {
    const problems: string[] = [];
    checkPages(database, problems);
    const events = readable(problems, () => checkEvents(database, problems)) ?? 0;
    const streams = readable(problems, () => checkStreams(database, problems)) ?? 0;
    return { events, streams, problems: problems.slice(0, MAX_PROBLEMS) };
  } finally {
    database.close();
  }
}

function readable<Result>(problems: string[], check: () => Result): Result | undefined {
  try {
    return check();
  } catch (error) {
    problems.push(messageOf(error));
    return undefined;
  }
}

function checkPages(database: Database, problems: string[]): void {
  const check = database.prepare(`PRAGMA integrity_check(${MAX_PROBLEMS})`);
  readable(problems, () => {
    for (const row of check.iterate()) {
      const [text] = row as unknown as readonly [string];
      if (text !== 'ok') problems.push(text);
    }
  });
}

type Row = readonly [
  position: number,
  stream: number,
  revision: number,
  checksum: number,
  record: Uint8Array,
];

function checkEvents(database: Database, problems: string[]): number {
  const select = database.prepare(
    'SELECT position, stream, revision, checksum, record FROM events ORDER BY position',
  );
  const streamId = database.prepare('SELECT id FROM streams WHERE name = ?');
  const selectMerged = database.prepare('SELECT value FROM progress WHERE name = ?');
  const merged = (selectMerged.get(MERGED_STREAMS) as readonly [number] | undefined)?.[0] ?? 0;
  let count = 0;
  for (const row of select.iterate()) {
    if (problems.length >= MAX_PROBLEMS) break;
    const [position, stream, revision, checksum, record] = row as unknown as Row;
    count += 1;
    if (checksumOf(record, position, stream, revision) !== checksum) {
      problems.push(`The event at position ${position} differs from what was written.`);
    } else if (count % 64 === 1 || revision === 0) {
      const name = streamOf(record);
      const known = streamId.get(name) as readonly [number] | undefined;
      const waits = known === undefined && position > merged;
      if (!waits && known?.[0] !== stream)
        problems.push(`Stream "${name}" is not in the list of streams.`);
    }
  }
  return count;
}

function checkStreams(database: Database, problems: string[]): number {
  const select = database.prepare(
    `SELECT stream, min(revision), max(revision), count(*) FROM events
     WHERE revision < ${TOMBSTONE_REVISION} GROUP BY stream`,
  );
  let count = 0;
  for (const row of select.iterate()) {
    const [stream, first, last, events] = row as unknown as readonly [
      number,
      number,
      number,
      number,
    ];
    count += 1;
    if (last - first + 1 !== events && problems.length < MAX_PROBLEMS) {
      problems.push(`Stream number ${stream} has ${events} events between ${first} and ${last}.`);
    }
  }
  return count;
}

/** Throws a CorruptionError that names the first problem. */
export function assertSound(dataDir: string): void {
  const [problem] = verifyStore(dataDir).problems;
  if (problem !== undefined) throw new CorruptionError(`${dataDir} is damaged: ${problem}`);
}
