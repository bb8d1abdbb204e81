import { Doc } from '../bson/document.ts';
import { encode } from '../bson/encode.ts';
import type { Value } from '../bson/values.ts';
import { codes, CommandError } from '../errors.ts';
import type { Filter } from '../filter/ast.ts';
import type { Path } from '../filter/path.ts';
import { newObjectId } from '../bson/object-id.ts';
import { applyUpdate } from './apply.ts';
import type { Update } from './parse.ts';

/** The document an upsert inserts: what the filter says by equality, then the update. `_id` stands first. */
export function upsertDocument(filter: Filter, update: Update): Buffer {
  const equalities: Equality[] = [];
  gather(filter, equalities);
  const seed = Doc.of();
  for (const { path, value } of equalities) {
    if (update.kind !== 'replace' || path[0] === '_id') seedField(seed, path, value);
  }
  const id = seed.get('_id');
  const built =
    update.kind === 'replace'
      ? withId(update.doc, id)
      : applyUpdate(Doc.at(encode(seed)), update, true);
  return encode(idFirst(built));
}

interface Equality {
  readonly path: Path;
  readonly value: Value;
}

function gather(filter: Filter, into: Equality[]): void {
  if (filter.kind === 'and') for (const part of filter.filters) gather(part, into);
  if (filter.kind === 'or' && filter.filters.length === 1)
    gather(filter.filters[0] as Filter, into);
  if (filter.kind !== 'path') return;
  const { path, test } = filter;
  const value =
    test.kind === 'eq'
      ? test.value
      : test.kind === 'in' && test.values.length === 1 && test.patterns.length === 0
        ? test.values[0]
        : undefined;
  if (value !== undefined) into.push({ path, value });
}

function seedField(seed: Doc, path: Path, value: Value): void {
  let holder = seed;
  path.forEach((part, i) => {
    const known = holder.get(part);
    if (i === path.length - 1) {
      if (known !== undefined) throw notSingle(path);
      holder.edit().set(part, value);
      return;
    }
    if (known !== undefined && !(known instanceof Doc)) throw notSingle(path);
    const child = known ?? Doc.of();
    if (!known) holder.edit().set(part, child);
    else if (known.raw) throw notSingle(path);
    holder = child;
  });
}

function notSingle(path: Path): CommandError {
  return new CommandError(
    codes.NotSingleValueField,
    `cannot infer query fields to set, path '${path.join('.')}' is matched twice`,
  );
}

function withId(doc: Doc, id: Value | undefined): Doc {
  if (id === undefined || doc.get('_id') !== undefined) {
    return applyUpdate(
      id === undefined ? Doc.of() : Doc.of([['_id', id]]),
      { kind: 'replace', doc },
      true,
    );
  }
  return Doc.of([['_id', id], ...doc.fields()]);
}

/** The document with `_id` first, made up when missing. */
export function idFirst(doc: Doc): Doc {
  const id = doc.get('_id');
  const first = doc.fields().keys().next();
  if (id !== undefined && !first.done && first.value === '_id') return doc;
  const rest = [...doc.fields()].filter(([key]) => key !== '_id');
  return Doc.of([['_id', id ?? newObjectId()], ...rest]);
}
