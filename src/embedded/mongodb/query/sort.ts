import { Arr, Doc } from '../bson/document.ts';
import { wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { badValue, typeMismatch, unsupported } from '../errors.ts';
import { keyOfParts, undefinedValue } from '../order/keystring.ts';
import { compareValues } from '../order/compare.ts';
import { position } from '../filter/path.ts';

/** One field of a sort. */
export interface SortField {
  readonly name: string;
  readonly path: readonly string[];
  readonly descending: boolean;
}

/** The fields to sort by, the first counting most. */
export type SortSpec = readonly SortField[];

/** Parses a sort document; an empty one, or `{$natural: 1}`, is no sort. */
export function parseSort(value: Value | undefined): SortSpec | undefined {
  if (value === undefined || value === null) return undefined;
  if (!(value instanceof Doc)) throw typeMismatch('Expected field sort to be of type object');
  const fields = [...value.fields()].map(([name, direction]) => sortField(name, direction));
  if (fields.length > 32) throw badValue('too many sort keys: must be 32 or fewer');
  if (fields.length === 1 && fields[0]?.name === '$natural') {
    if (fields[0].descending) throw unsupported('$natural: -1');
    return undefined;
  }
  return fields.length === 0 ? undefined : fields;
}

function sortField(name: string, direction: Value): SortField {
  if (direction instanceof Doc) throw unsupported(`the $meta sort of '${name}'`);
  const order = wholeNumber(direction);
  if (order !== 1 && order !== -1) {
    throw badValue('$sort key ordering must be 1 (for ascending) or -1 (for descending)');
  }
  const path = name.split('.');
  if (path.includes('')) throw badValue('FieldPath field names may not be empty strings.');
  if (name.startsWith('$') && name !== '$natural') {
    throw badValue(`FieldPath field names may not start with '$'.`);
  }
  return { name, path, descending: order === -1 };
}

/** The bytes by which a document sorts: of an array the least element, or descending the greatest. */
export function sortKey(spec: SortSpec, doc: Doc): Buffer {
  let arrays = 0;
  const parts = spec.map(({ path, descending }) => {
    const found: Value[] = [];
    if (collect(doc, path, 0, found)) arrays++;
    let value = found[0] ?? null;
    for (const other of found) {
      const order = compareValues(other, value);
      if (descending ? order > 0 : order < 0) value = other;
    }
    return { value, descending };
  });
  if (arrays > 1) throw unsupported('a sort by two fields that hold arrays');
  return keyOfParts(parts);
}

/** Gathers the values at a path as an index would hold them; answers whether an array was met. */
function collect(doc: Doc, path: readonly string[], from: number, into: Value[]): boolean {
  const value = doc.get(path[from] as string);
  if (value instanceof Arr) {
    atArray(value, path, from + 1, into);
    return true;
  }
  if (from === path.length - 1) into.push(value ?? null);
  else if (value instanceof Doc) return collect(value, path, from + 1, into);
  else into.push(null);
  return false;
}

function atArray(array: Arr, path: readonly string[], from: number, into: Value[]): void {
  const items = array.items();
  if (from === path.length) {
    if (items.length === 0) into.push(undefinedValue);
    else into.push(...items);
    return;
  }
  if (position(path[from]) >= 0)
    throw unsupported(`a sort by an array position (${path.join('.')})`);
  if (items.length === 0) into.push(null);
  for (const item of items) {
    if (item instanceof Doc) collect(item, path, from, into);
    else into.push(null);
  }
}

interface Keyed {
  readonly key: Buffer;
  readonly doc: Doc;
}

/** Sorts documents; with a limit only that many are kept on the way. */
export function* sorted(
  docs: Iterable<Doc | undefined>,
  spec: SortSpec,
  limit: number,
): Generator<Doc | undefined> {
  let kept: Keyed[] = [];
  const room = limit * 2 + 1_000;
  let worst: Buffer | undefined;
  for (const doc of docs) {
    if (doc === undefined) {
      yield undefined;
      continue;
    }
    const key = sortKey(spec, doc);
    if (worst && key.compare(worst) >= 0) continue;
    kept.push({ key, doc });
    if (kept.length >= room) {
      kept = inOrder(kept).slice(0, limit);
      worst = kept.at(-1)?.key;
    }
  }
  for (const { doc } of inOrder(kept).slice(0, limit)) yield doc;
}

function inOrder(list: Keyed[]): Keyed[] {
  return list.sort((a, b) => a.key.compare(b.key));
}
