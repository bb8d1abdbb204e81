import { randomBytes } from 'node:crypto';
import { Arr, Doc } from '../bson/document.ts';
import { encode } from '../bson/encode.ts';
import { codes, CommandError } from '../errors.ts';

/** A cursor that nobody asks for this many milliseconds is closed, as in MongoDB. */
export const idleCursor = 10 * 60_000;

/** Pauses and then documents: what a read gives as it runs. */
export type Flow = Iterator<Doc | undefined>;

/** A result that is fetched batch by batch. */
export interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly flow: Flow;
  /** A document that didn't fit into the last batch. */
  pending: Doc | undefined;
  lastUsed: number;
}

/** The open cursors of one thread. */
export interface Cursors {
  open(namespace: string, flow: Flow): Cursor;
  /** Takes over a cursor of another set, with what is left of it. */
  adopt(cursor: Cursor, rest: Flow): void;
  has(id: bigint): boolean;
  /** The cursors opened, in order. */
  all(): readonly Cursor[];
  get(id: bigint): Cursor;
  /** Closes one; answers whether it was open. */
  close(id: bigint): boolean;
  /** Closes those that weren't used since `before` (milliseconds). */
  closeIdle(before: number): void;
  readonly size: number;
}

/** An empty set of cursors. */
export function createCursors(): Cursors {
  const cursors = new Map<bigint, Cursor>();
  return {
    open: (namespace, flow) => {
      const id = randomBytes(8).readBigInt64LE() & 0x7fff_ffff_ffff_ffffn;
      const cursor: Cursor = { id, namespace, flow, pending: undefined, lastUsed: Date.now() };
      cursors.set(id, cursor);
      return cursor;
    },
    adopt: (cursor, rest) => {
      cursors.set(cursor.id, { ...cursor, flow: rest });
    },
    has: (id) => cursors.has(id),
    all: () => [...cursors.values()],
    get: (id) => {
      const cursor = cursors.get(id);
      if (!cursor) throw new CommandError(codes.CursorNotFound, `cursor id ${id} not found`);
      cursor.lastUsed = Date.now();
      return cursor;
    },
    close: (id) => {
      cursors.get(id)?.flow.return?.();
      return cursors.delete(id);
    },
    closeIdle: (before) => {
      for (const [id, cursor] of cursors) if (cursor.lastUsed < before) cursors.delete(id);
    },
    get size() {
      return cursors.size;
    },
  };
}

/** A reply holds at most this many bytes of documents, but always one document. */
const maxBatchBytes = 16 * 1024 * 1024;

/** Takes the next batch; pauses on the way. Answers whether the cursor is at its end. */
export function* takeBatch(
  cursor: Pick<Cursor, 'flow' | 'pending'>,
  count: number,
): Generator<undefined, { readonly docs: Doc[]; readonly ended: boolean }> {
  const docs: Doc[] = [];
  let bytes = 0;
  while (docs.length < count) {
    let doc = cursor.pending;
    cursor.pending = undefined;
    if (!doc) {
      const next = cursor.flow.next();
      if (next.done) return { docs, ended: true };
      doc = next.value;
    }
    if (!doc) {
      yield;
      continue;
    }
    const held = doc.rawLength > 0 ? doc : Doc.at(encode(doc));
    if (docs.length > 0 && bytes + held.rawLength > maxBatchBytes) {
      cursor.pending = held;
      return { docs, ended: false };
    }
    bytes += held.rawLength;
    docs.push(held);
    if (docs.length % 256 === 0) yield;
  }
  return { docs, ended: false };
}

/** The `cursor` field of a reply. */
export function cursorField(
  id: bigint,
  namespace: string,
  name: 'firstBatch' | 'nextBatch',
  docs: Doc[],
): Doc {
  return Doc.of([
    [name, Arr.of(docs)],
    ['id', id],
    ['ns', namespace],
  ]);
}
