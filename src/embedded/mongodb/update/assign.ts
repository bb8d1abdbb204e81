import type { Doc } from '../bson/document.ts';
import { nameAt } from '../bson/names.ts';
import { skip } from '../bson/skip.ts';
import { compareNames } from './order.ts';

/** Whole fields of a document's top level that are set, as they stand in the operand of `$set`. */
export interface Assignments {
  readonly raw: Buffer;
  readonly fields: readonly Field[];
}

interface Field {
  readonly name: string;
  /** Its element: from the type byte to the end of the value. */
  readonly start: number;
  readonly end: number;
}

/** More fields than this are not looked through one by one. */
const most = 100;

/** The operand of a `$set` that names only whole fields, none twice and not `_id`; undefined otherwise. */
export function parseAssignments(operand: Doc): Assignments | undefined {
  const raw = operand.raw;
  if (!raw) return undefined;
  const fields: Field[] = [];
  for (let start = 4; raw[start] !== 0;) {
    const nameEnd = plainName(raw, start + 1);
    if (nameEnd < 0) return undefined;
    const name = nameAt(raw, start + 1, nameEnd);
    const end = skip(raw, raw[start] as number, nameEnd + 1);
    if (name === '_id' || fields.length === most) return undefined;
    for (const other of fields) if (other.name === name) return undefined;
    fields.push({ name, start, end });
    start = end;
  }
  return { raw, fields };
}

/** Where a name ends, or -1 when it is empty, dotted or begins with a dollar. */
function plainName(raw: Buffer, start: number): number {
  if (raw[start] === 0x24 || raw[start] === 0) return -1;
  let at = start;
  for (; raw[at] !== 0; at++) if (raw[at] === 0x2e) return -1;
  return at;
}

/** The document's bytes with the fields set: where they stand, or else at the end in the order of their names. */
export function assign(before: Buffer, { raw, fields }: Assignments): Buffer {
  const out = Buffer.allocUnsafe(before.length + raw.length);
  let length = 4;
  let source = before;
  let from = 4;
  let to = 4;
  /** Copies what was gathered, and gathers on; neighbours go in one piece. */
  const take = (bytes: Buffer, start: number, end: number): void => {
    if (bytes === source && start === to) {
      to = end;
      return;
    }
    length += source.copy(out, length, from, to);
    source = bytes;
    from = start;
    to = end;
  };
  const missing = new Set(fields);
  let next = 0;
  for (let at = 4; before[at] !== 0;) {
    let value = at + 1;
    while (before[value] !== 0) value++;
    const end = skip(before, before[at] as number, value + 1);
    const found = fieldCalled(before, at, value, raw, fields, next);
    if (found >= 0) {
      const field = fields[found] as Field;
      take(raw, field.start, field.end);
      missing.delete(field);
      next = found + 1;
    } else take(before, at, end);
    at = end;
  }
  const added = missing.size > 1 ? [...missing].sort(byName) : missing;
  for (const { start, end } of added) take(raw, start, end);
  take(before, before.length - 1, before.length);
  length += source.copy(out, length, from, to);
  out.writeInt32LE(length, 0);
  return out.subarray(0, length);
}

const byName = (a: Field, b: Field): number => compareNames(a.name, b.name);

/** Which field has the name that stands in `before`; the one after the last found is the likeliest. */
function fieldCalled(
  before: Buffer,
  at: number,
  nameEnd: number,
  raw: Buffer,
  fields: readonly Field[],
  likely: number,
): number {
  for (let i = 0; i < fields.length; i++) {
    const which = (likely + i) % fields.length;
    const { start } = fields[which] as Field;
    let a = at + 1;
    let b = start + 1;
    while (a < nameEnd && before[a] === raw[b]) {
      a++;
      b++;
    }
    if (a === nameEnd && raw[b] === 0) return which;
  }
  return -1;
}
