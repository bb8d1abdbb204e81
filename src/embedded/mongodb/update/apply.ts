import { Arr, Doc } from '../bson/document.ts';
import { encode } from '../bson/encode.ts';
import type { Value } from '../bson/values.ts';
import { badValue, codes, CommandError } from '../errors.ts';
import { position } from '../filter/path.ts';
import type { Path } from '../filter/path.ts';
import { compareValues } from '../order/compare.ts';
import { show } from '../store/show.ts';
import { assign } from './assign.ts';
import type { Edit, Where } from './modifiers.ts';
import type { Modification, Update } from './parse.ts';

/** Arrays are padded with at most this many nulls, as in MongoDB. */
const maxPadding = 1_500_000;

/**
 * Applies an update to `doc`, which may be changed, and answers the result. `inserting` is true while an upsert makes its document.
 * Throws MongoDB's error and may then leave `doc` half changed: the caller throws it away.
 */
export function applyUpdate(doc: Doc, update: Update, inserting: boolean): Doc {
  const id = doc.get('_id');
  if (update.kind === 'replace') return replacement(doc, update.doc);
  if (update.kind === 'assign') return Doc.at(assign(doc.raw ?? encode(doc), update.assignments));
  for (const modification of update.modifications) {
    if (modification.onInsertOnly && !inserting) continue;
    applyOne(doc, modification, { id, name: modification.name });
  }
  if (id !== undefined) checkSameId(id, doc.get('_id'));
  return doc;
}

function replacement(old: Doc, doc: Doc): Doc {
  const id = old.get('_id');
  const own = doc.get('_id');
  if (id === undefined) return doc;
  if (own !== undefined) checkReplacedId(id, own);
  const rest = [...doc.fields()].filter(([key]) => key !== '_id');
  return Doc.of([['_id', id], ...rest]);
}

function checkReplacedId(id: Value, own: Value): void {
  if (compareValues(id, own) === 0) return;
  throw new CommandError(
    codes.ImmutableField,
    `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${show(own)}`,
  );
}

function checkSameId(before: Value, after: Value | undefined): void {
  if (after !== undefined && compareValues(before, after) === 0) return;
  throw new CommandError(
    codes.ImmutableField,
    `Performing an update on the path '_id' would modify the immutable field '_id'`,
  );
}

function applyOne(doc: Doc, { path, edit }: Modification, where: Where): void {
  switch (edit.kind) {
    case 'none':
      return;
    case 'moveFrom':
      move(doc, edit, path, where);
      return;
    case 'unset':
      change(doc, path, where, false, () => undefined);
      return;
    case 'set':
      change(doc, path, where, true, () => edit.value);
      return;
    case 'compute':
      change(doc, path, where, edit.creates, (current) => edit.of(current, where));
  }
}

function move(doc: Doc, edit: Extract<Edit, { kind: 'moveFrom' }>, path: Path, where: Where): void {
  const value = plainValue(doc, edit.source, 'source', edit.sourceName);
  if (value === undefined) return;
  plainValue(doc, path, 'destination', where.name);
  change(doc, edit.source, where, false, () => undefined);
  change(doc, path, where, true, () => value);
}

/** `$rename` doesn't go through arrays. */
function plainValue(doc: Doc, path: Path, role: string, name: string): Value | undefined {
  let value: Value | undefined = doc;
  for (const part of path) {
    if (value instanceof Arr) {
      throw badValue(
        `The ${role} field cannot be an array element, '${name}' in doc has an array field`,
      );
    }
    value = value instanceof Doc ? value.get(part) : undefined;
  }
  return value;
}

/**
 * Replaces the value at a path by what `next` makes of it; undefined removes it. Documents on the way are
 * made when `creates`; a scalar on the way is an error then, and nothing to do otherwise.
 */
function change(
  doc: Doc,
  path: Path,
  where: Where,
  creates: boolean,
  next: (current: Value | undefined) => Value | undefined,
): void {
  let holder: Doc | Arr = doc;
  for (let i = 0; i < path.length - 1; i++) {
    const part = path[i] as string;
    let child = read(holder, part, creates, path, i, where);
    if (child === undefined) {
      if (!creates) return;
      child = Doc.of();
      write(holder, part, child);
    } else if (!(child instanceof Doc) && !(child instanceof Arr)) {
      if (!creates) return;
      throw notViable(path[i + 1] as string, part, child);
    } else {
      child = own(holder, part, child);
    }
    holder = child;
  }
  const last = path[path.length - 1] as string;
  const current = read(holder, last, creates, path, path.length - 1, where);
  const value = next(current);
  if (value === current) return;
  if (value === undefined) remove(holder, last);
  else write(holder, last, value);
}

/** The child as one that may be changed: its holder forgets its bytes and keeps this very object. */
function own(holder: Doc | Arr, part: string, child: Doc | Arr): Doc | Arr {
  const fresh = child instanceof Doc ? Doc.of(child.fields()) : Arr.of([...child.items()]);
  write(holder, part, fresh);
  return fresh;
}

function read(
  holder: Doc | Arr,
  part: string,
  creates: boolean,
  path: Path,
  i: number,
  where: Where,
): Value | undefined {
  if (holder instanceof Doc) return holder.get(part);
  const index = position(part);
  if (index < 0) {
    if (!creates) return undefined;
    throw notViable(part, path[i - 1] ?? where.name, holder);
  }
  return holder.items()[index];
}

function write(holder: Doc | Arr, part: string, value: Value): void {
  if (holder instanceof Doc) {
    holder.edit().set(part, value);
    return;
  }
  const items = holder.edit();
  const index = position(part);
  if (index - items.length > maxPadding) {
    throw badValue(`can't backfill more than ${maxPadding} elements`);
  }
  while (items.length < index) items.push(null);
  items[index] = value;
}

/** A field goes; an array's element becomes null, so that the others keep their places. */
function remove(holder: Doc | Arr, part: string): void {
  if (holder instanceof Doc) holder.edit().delete(part);
  else holder.edit()[position(part)] = null;
}

function notViable(part: string, parent: string, value: Value): CommandError {
  return new CommandError(
    codes.PathNotViable,
    `Cannot create field '${part}' in element {${parent}: ${show(value)}}`,
  );
}
