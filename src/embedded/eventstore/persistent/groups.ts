/** All groups: kept in the file, opened when the server starts. */
import { groupExists, groupMissing } from '../errors.ts';
import { partsOf } from '../record.ts';
import { Expect } from '../requests.ts';
import type { Store } from '../store/store.ts';
import { openSource, type EventSource } from '../streams/source.ts';
import { END } from '../wire.ts';
import { openGroup, type Group } from './group.ts';
import { parkedStream } from './parking.ts';
import type { GroupRequest, GroupSettings } from './settings.ts';

export interface Groups {
  /** Rejects when the group exists. */
  create(request: GroupRequest): Promise<void>;
  /** Ends the group's connections; it goes on from its checkpoint with the new settings. */
  update(request: GroupRequest): Promise<void>;
  delete(stream: string, name: string): Promise<void>;
  /** Throws when there is no such group. */
  get(stream: string, name: string): Group;
  /** All groups, or those of one stream. */
  list(stream: string | undefined): readonly Group[];
  /** Ends every connection and starts every group again from its checkpoint. */
  restart(): void;
  close(): void;
}

/** What is stored of a group beside its name. */
interface Stored {
  readonly settings: GroupSettings;
  /** First place that the group reads when it has no checkpoint. */
  readonly begin: number;
}

type Row = readonly [stream: string, name: string, settings: string, checkpoint: number | null];

export function openGroups(store: Store): Groups {
  const { database } = store;
  const select = database.prepare('SELECT stream, name, settings, checkpoint FROM groups');
  const selectOne = database.prepare(
    'SELECT stream, name, settings, checkpoint FROM groups WHERE stream = ? AND name = ?',
  );
  const upsert = database.prepare(
    `INSERT INTO groups (stream, name, settings) VALUES (?1, ?2, ?3)
     ON CONFLICT (stream, name) DO UPDATE SET settings = ?3`,
  );
  const updateCheckpoint = database.prepare(
    'UPDATE groups SET checkpoint = ? WHERE stream = ? AND name = ?',
  );
  const remove = database.prepare('DELETE FROM groups WHERE stream = ? AND name = ?');
  const groups = new Map<string, Group>();
  const keyOf = (stream: string, name: string): string => `${stream}::${name}`;

  const open = ([stream, name, json, checkpoint]: Row): void => {
    const stored = JSON.parse(json) as Stored;
    const settings = { ...stored.settings, filter: stored.settings.filter ?? undefined };
    const start = checkpoint === null ? stored.begin : checkpoint + 1;
    const save = (place: number): void =>
      store.commits.enqueue({
        weight: 1,
        apply: () => {
          updateCheckpoint.run(place, stream, name);
        },
        committed: () => undefined,
        // A checkpoint that isn't saved costs repeats after a crash, nothing else.
        failed: () => undefined,
      });
    const group = openGroup(
      store,
      { stream, name, settings },
      start,
      checkpoint ?? undefined,
      save,
    );
    groups.set(keyOf(stream, name), group);
  };
  /** @param checkpoint of the group as it ran before; may not be in the file yet. */
  const reopen = (stream: string, name: string, checkpoint?: number): void => {
    const row = selectOne.get(stream, name) as unknown as Row | undefined;
    if (row) open([row[0], row[1], row[2], checkpoint ?? row[3]]);
  };
  const get = (stream: string, name: string): Group => {
    const group = groups.get(keyOf(stream, name));
    if (group === undefined) throw groupMissing(stream, name);
    return group;
  };
  const encode = async ({ stream, settings }: GroupRequest): Promise<string> => {
    const source = openSource(store, stream);
    const begin = settings.startFrom === END ? await endOf(source) : settings.startFrom;
    return JSON.stringify({ settings, begin } satisfies Stored);
  };
  for (const row of select.iterate()) open(row as unknown as Row);

  return {
    get,
    async create(request) {
      const { stream, name } = request;
      if (groups.has(keyOf(stream, name))) throw groupExists(stream, name);
      const encoded = await encode(request);
      const created = await store.commits.transact(() => {
        if (selectOne.get(stream, name) !== undefined) return false;
        upsert.run(stream, name, encoded);
        return true;
      });
      if (!created) throw groupExists(stream, name);
      reopen(stream, name);
    },
    async update(request) {
      const { stream, name } = request;
      const { filter } = get(stream, name).settings;
      const encoded = await encode({ ...request, settings: { ...request.settings, filter } });
      await store.commits.transact(() => {
        upsert.run(stream, name, encoded);
      });
      reopen(stream, name, groups.get(keyOf(stream, name))?.close());
    },
    async delete(stream, name) {
      const current = get(stream, name);
      groups.delete(keyOf(stream, name));
      current.close();
      await store.commits.transact(() => {
        remove.run(stream, name);
        const parked = parkedStream(stream, name);
        if (store.streams.get(parked).head >= 0) {
          store.appender.softDelete({ stream: parked, expected: Expect.any });
        }
      });
    },
    list: (stream) =>
      [...groups.values()].filter((group) => stream === undefined || group.stream === stream),
    restart() {
      for (const group of [...groups.values()]) reopen(group.stream, group.name, group.close());
    },
    close() {
      for (const group of groups.values()) group.close();
      groups.clear();
    },
  };
}

/** EventStoreDB's system streams follow the log a moment behind. */
const SYSTEM_STREAM_LAG_MS = 1_000;

/**
 * Where a group starts that wants what comes. Of a system stream that nobody has read lately, events
 * of the last moment still come: where EventStoreDB is that server, they would be linked after this.
 */
async function endOf(source: EventSource): Promise<number> {
  const known = source.head();
  const lags = source.behind();
  await source.refresh();
  let end = source.head() + 1;
  const settledBefore = Date.now() - SYSTEM_STREAM_LAG_MS;
  while (lags && end > known + 1) {
    const [last] = source.read(end - 1, 1, true).events;
    if (last && partsOf(last.record).created < settledBefore) break;
    end -= 1;
  }
  return end;
}
