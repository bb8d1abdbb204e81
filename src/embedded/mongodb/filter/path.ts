import { Arr, Doc } from '../bson/document.ts';
import type { Value } from '../bson/values.ts';
import { unsupported } from '../errors.ts';

/** The parts of a dotted path. */
export type Path = readonly string[];

type Visit = (value: Value | undefined) => boolean;

const digits = /^(0|[1-9][0-9]*)$/;

/** The array position a path part names, or -1. */
export function position(part: string | undefined): number {
  if (part === undefined) return -1;
  const first = part.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 && digits.test(part) ? Number(part) : -1;
}

/**
 * Shows `visit` what MongoDB's matcher sees at a path until it answers true: through arrays of documents,
 * and at the end each element of an array and then the array itself (`leaf`). Nothing is shown where an
 * array on the way holds no document; undefined is shown for a missing field.
 */
export function someAt(doc: Doc, path: Path, from: number, leaf: boolean, visit: Visit): boolean {
  const value = doc.get(path[from] as string);
  if (from === path.length - 1) return atLeaf(value, leaf, visit);
  if (value instanceof Doc) return someAt(value, path, from + 1, leaf, visit);
  if (value instanceof Arr) return inArray(value, path, from + 1, leaf, visit);
  return visit(undefined);
}

function atLeaf(value: Value | undefined, leaf: boolean, visit: Visit): boolean {
  if (leaf && value instanceof Arr) {
    for (const item of value.items()) if (visit(item)) return true;
  }
  return visit(value);
}

function inArray(array: Arr, path: Path, from: number, leaf: boolean, visit: Visit): boolean {
  const wanted = position(path[from]);
  let index = 0;
  for (const item of array.items()) {
    if (item instanceof Doc && someAt(item, path, from, leaf, visit)) return true;
    if (index === wanted && atPosition(item, path, from, leaf, visit)) return true;
    index++;
  }
  return false;
}

function atPosition(item: Value, path: Path, from: number, leaf: boolean, visit: Visit): boolean {
  if (item instanceof Arr) throw unsupported(`'${path.join('.')}' into an array inside an array`);
  if (from === path.length - 1) return visit(item);
  return item instanceof Doc && someAt(item, path, from + 1, leaf, visit);
}
