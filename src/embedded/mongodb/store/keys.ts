import { Arr, Doc } from '../bson/document.ts';
import type { Value } from '../bson/values.ts';
import { codes, CommandError } from '../errors.ts';
import { keyOfParts, undefinedValue } from '../order/keystring.ts';
import type { IndexSpec } from './index-spec.ts';

/** The keys under which a document stands in one index. */
export interface DocumentKeys {
  readonly keys: readonly Buffer[];
  /** The values behind `keys`, in the same order; undefined is a missing field. */
  readonly values: readonly (readonly (Value | undefined)[])[];
  /** Whether an array was met: then one document can have several keys. */
  readonly multikey: boolean;
}

const absent: DocumentKeys = { keys: [], values: [], multikey: false };

interface Slot {
  readonly value: Value | undefined;
  /** Parts of the path still to walk from `value`; none means `value` is final unless it is an array. */
  readonly rest: readonly string[];
  readonly done: boolean;
}

/** The index keys of a document, as MongoDB's key generator makes them. */
export function documentKeys(spec: IndexSpec, doc: Doc): DocumentKeys {
  if (spec.partial && !spec.partial.matches(doc)) return absent;
  const simple = simpleValues(spec, doc);
  if (simple) {
    if (spec.sparse && simple.every((value) => value === undefined)) return absent;
    return { keys: [compose(spec, simple)], values: [simple], multikey: false };
  }
  const slots = spec.fields.map(({ path }): Slot => ({ value: doc, rest: path, done: false }));
  const rows: (readonly (Value | undefined)[])[] = [];
  expand(spec, slots, rows);
  const found = new Map<string, { key: Buffer; row: readonly (Value | undefined)[] }>();
  for (const row of rows) {
    if (spec.sparse && row.every((value) => value === undefined)) continue;
    const key = compose(spec, row);
    found.set(key.toString('latin1'), { key, row });
  }
  const entries = [...found.values()];
  return {
    keys: entries.map(({ key }) => key),
    values: entries.map(({ row }) => row),
    multikey: true,
  };
}

/** Whether two versions of a document stand under the same keys, as far as their bytes tell. */
export function keepsKeys({ fields, partial }: IndexSpec, before: Doc, after: Doc): boolean {
  if (partial) return false;
  for (const { path } of fields) if (!before.sameField(after, path[0] as string)) return false;
  return true;
}

function compose(spec: IndexSpec, row: readonly (Value | undefined)[]): Buffer {
  return keyOfParts(
    spec.fields.map((field, i) => ({ value: row[i] ?? null, descending: field.descending })),
  );
}

/** The indexed values when no array is on the way, or undefined when there is one. */
function simpleValues(spec: IndexSpec, doc: Doc): (Value | undefined)[] | undefined {
  const row: (Value | undefined)[] = [];
  for (const { path } of spec.fields) {
    let value: Value | undefined = doc;
    for (const part of path) {
      if (value instanceof Arr) return undefined;
      value = value instanceof Doc ? value.get(part) : undefined;
    }
    if (value instanceof Arr) return undefined;
    row.push(value);
  }
  return row;
}

/** Walks a slot down to its end or to the first array. */
function descend(slot: Slot): Slot {
  if (slot.done) return slot;
  let { value, rest } = slot;
  while (rest.length > 0 && value instanceof Doc) {
    value = value.get(rest[0] as string);
    rest = rest.slice(1);
  }
  if (value instanceof Arr) return { value, rest, done: false };
  return { value: rest.length === 0 ? value : undefined, rest: [], done: true };
}

function expand(
  spec: IndexSpec,
  slots: readonly Slot[],
  rows: (readonly (Value | undefined)[])[],
): void {
  const walked = slots.map(descend);
  const open = walked.filter((slot) => !slot.done);
  if (open.length === 0) {
    rows.push(walked.map((slot) => slot.value));
    return;
  }
  const array = open[0]?.value as Arr;
  if (open.some((slot) => !sameArray(slot.value as Arr, array))) {
    const names = spec.fields.filter((_, i) => !walked[i]?.done).map((field) => `[${field.name}]`);
    throw new CommandError(
      codes.CannotIndexParallelArrays,
      `cannot index parallel arrays ${names.reverse().join(' ')}`,
    );
  }
  const items = array.items();
  if (items.length === 0) {
    const row = walked.map((slot) => {
      if (slot.done) return slot;
      return { value: slot.rest.length === 0 ? undefinedValue : undefined, rest: [], done: true };
    });
    expand(spec, row, rows);
    return;
  }
  for (const item of items) {
    const next = walked.map((slot): Slot => {
      if (slot.done) return slot;
      if (slot.rest.length === 0) return { value: item, rest: [], done: true };
      if (item instanceof Doc) return { value: item, rest: slot.rest, done: false };
      return { value: undefined, rest: [], done: true };
    });
    expand(spec, next, rows);
  }
}

/** Slots that met the same array hold the same object, or two readings of the same bytes. */
function sameArray(a: Arr, b: Arr): boolean {
  if (a === b) return true;
  const left = a.raw;
  const right = b.raw;
  return (
    left !== undefined &&
    right !== undefined &&
    left.buffer === right.buffer &&
    left.byteOffset === right.byteOffset
  );
}
