/**
 * The indexes behind `$et-`, `$ce-` and `$bc-`: per event type, category and correlation id the
 * positions of its events, numbered. An index is built when it is first read and brought up to
 * the head before every read, so an append writes nothing for those who don't use it.
 */
import { partsOf } from '../record.ts';
import type { Commits } from './commits.ts';
import type { Database } from './database.ts';
import { parseMetadata } from './limits.ts';

export type IndexKind = 'type' | 'category' | 'correlation';

/** An entry of an index. */
export interface IndexedLink {
  readonly number: number;
  readonly position: number;
}

export interface LinkIndex {
  /** Indexes everything up to the present head. */
  catchUp(kind: IndexKind): Promise<void>;
  /** Whether events wait to be indexed. */
  isBehind(kind: IndexKind): boolean;
  /** The number that an index keeps for a name; undefined when it has no event. */
  keyOf(kind: IndexKind, name: string): number | undefined;
  /** Number of the last entry, -1 when there is none. */
  head(key: number): number;
  page(key: number, from: number, count: number, backwards: boolean): readonly IndexedLink[];
}

/** Events indexed per transaction: a few milliseconds. */
const STEP = 2_000;

const NAME_KIND = { type: 1, category: 2, correlation: 3 } as const;
const CORRELATION = Buffer.from('"$correlationId"');

/** @param position of the last event in the log. */
export function openLinkIndex(
  database: Database,
  commits: Commits,
  position: () => number,
): LinkIndex {
  const selectProgress = database.prepare('SELECT value FROM progress WHERE name = ?');
  const upsertProgress = database.prepare(
    'INSERT INTO progress (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2',
  );
  const selectKey = database.prepare('SELECT id FROM names WHERE kind = ? AND name = ?');
  const insertKey = database.prepare('INSERT INTO names (kind, name) VALUES (?, ?) RETURNING id');
  const selectHead = database.prepare('SELECT max(number) FROM links WHERE key = ?');
  const insertLink = database.prepare('INSERT INTO links (key, number, position) VALUES (?, ?, ?)');
  const selectRecords = database.prepare(
    'SELECT position, record FROM events WHERE position > ? AND position <= ? ORDER BY position',
  );
  const columns = `number, position FROM links WHERE key = ? AND number`;
  const forwards = database.prepare(`SELECT ${columns} >= ? ORDER BY number LIMIT ?`);
  const backwardsFrom = database.prepare(`SELECT ${columns} <= ? ORDER BY number DESC LIMIT ?`);
  const numberAll = (column: 'type' | 'category') =>
    database.prepare(
      `INSERT INTO links (key, number, position)
       SELECT ${column},
         coalesce((SELECT max(number) FROM links WHERE key = ${column}), -1)
           + row_number() OVER (PARTITION BY ${column} ORDER BY position),
         position
       FROM events WHERE position > ? AND position <= ? AND ${column} <> 0`,
    );
  const byColumn = { type: numberAll('type'), category: numberAll('category') };
  const running = new Map<IndexKind, Promise<void>>();

  const progressOf = (kind: IndexKind): number =>
    (selectProgress.get(`links.${kind}`) as readonly [number] | undefined)?.[0] ?? 0;
  const keyOf = (kind: IndexKind, name: string): number | undefined =>
    (selectKey.get(NAME_KIND[kind], name) as readonly [number] | undefined)?.[0];
  const head = (key: number): number =>
    (selectHead.get(key) as unknown as readonly [number | null])[0] ?? -1;

  const indexCorrelations = (from: number, to: number): void => {
    for (const row of selectRecords.iterate(from, to)) {
      const [at, record] = row as unknown as readonly [number, Uint8Array];
      const { metadata } = partsOf(record);
      if (!metadata.includes(CORRELATION)) continue;
      const id = parseMetadata(metadata)['$correlationId'];
      if (typeof id !== 'string') continue;
      const key =
        keyOf('correlation', id) ??
        (insertKey.get(NAME_KIND.correlation, id) as unknown as readonly [number])[0];
      insertLink.run(key, head(key) + 1, at);
    }
  };
  const step = (kind: IndexKind): void => {
    const from = progressOf(kind);
    const to = Math.min(position(), from + STEP);
    if (to <= from) return;
    if (kind === 'correlation') indexCorrelations(from, to);
    else byColumn[kind].run(from, to);
    upsertProgress.run(`links.${kind}`, to);
  };
  const advance = async (kind: IndexKind, target: number): Promise<void> => {
    while (progressOf(kind) < target) await commits.transact(() => step(kind));
  };

  return {
    async catchUp(kind) {
      const target = position();
      // Readers share the work, but each waits for what it may have written itself.
      while (progressOf(kind) < target) {
        let current = running.get(kind);
        if (current === undefined) {
          current = advance(kind, target).finally(() => running.delete(kind));
          running.set(kind, current);
        }
        await current;
      }
    },
    isBehind: (kind) => progressOf(kind) < position(),
    keyOf,
    head,
    page: (key, from, count, backwards) =>
      [...(backwards ? backwardsFrom : forwards).iterate(key, from, count)].map((row) => {
        const [number, at] = row as unknown as readonly [number, number];
        return { number, position: at };
      }),
  };
}
