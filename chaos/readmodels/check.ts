import type { Collection } from 'mongodb';
import type { Ledger } from './ledger.ts';
import { INDEXES, type Kept } from './writers.ts';

/** What one look at the store found. */
export interface Found {
  readonly checked: number;
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
  readonly problems: readonly string[];
}

/** Holds the store against the ledger, and its indexes against a scan. Nothing may be written meanwhile. */
export const check = async (collection: Collection<Kept>, ledger: Ledger): Promise<Found> => {
  const stored = await collection.find().hint({ $natural: 1 }).toArray();
  const byId = new Map(stored.map((doc) => [doc._id, doc]));
  const lost: string[] = [];
  const duplicated: string[] = [];
  if (byId.size !== stored.length) duplicated.push('an _id is stored twice');

  for (const [id, { acknowledged, inDoubt }] of ledger.counters) {
    const count = Number(byId.get(id)?.['count'] ?? 0);
    if (count < acknowledged) lost.push(`${id}: ${count} of ${acknowledged} increments`);
    if (count > acknowledged + inDoubt) duplicated.push(`${id}: ${count}, not ${acknowledged}`);
  }
  for (const [id, { acknowledged, tried }] of ledger.revisions) {
    const n = Number(byId.get(id)?.['n'] ?? -1);
    if (n < acknowledged) lost.push(`${id}: revision ${n}, not ${acknowledged}`);
    if (n > tried) duplicated.push(`${id}: revision ${n} was never written`);
  }
  for (const [id, fate] of ledger.inserts) {
    if (fate === 'there' && !byId.has(id)) lost.push(`${id}: the insert`);
    if (fate === 'gone' && byId.has(id)) lost.push(`${id}: the delete`);
  }
  return {
    checked: ledger.counters.size + ledger.revisions.size + ledger.inserts.size,
    lost,
    duplicated,
    problems: await againstScan(collection, stored),
  };
};

const againstScan = async (
  collection: Collection<Kept>,
  stored: readonly Kept[],
): Promise<string[]> => {
  const problems: string[] = [];
  const hold = (what: string, served: readonly Kept[], scanned: readonly Kept[]) => {
    const ids = (docs: readonly Kept[]) => docs.map(({ _id }) => _id).sort();
    if (ids(served).join() === ids(scanned).join()) return;
    problems.push(`${what}: ${served.length} by the index, ${scanned.length} by a scan`);
  };
  for (const index of [{ _id: 1 } as const, ...INDEXES]) {
    const field = Object.keys(index)[0] ?? '';
    const served = await collection
      .find({ [field]: { $gte: '' } })
      .hint(index)
      .toArray();
    hold(`everything by ${field}`, served, stored);
  }
  for (const tag of ['t0', 't1', 't2', 't3', 't4']) {
    const served = await collection.find({ tags: tag }).hint({ tags: 1 }).toArray();
    const scanned = stored.filter((doc) => (doc['tags'] as string[]).includes(tag));
    hold(`tag ${tag}`, served, scanned);
  }
  for (const status of ['s0', 's1', 's2']) {
    const served = await collection.find({ status }).hint(INDEXES[1]).toArray();
    hold(
      `status ${status}`,
      served,
      stored.filter((doc) => doc['status'] === status),
    );
  }
  return problems;
};
