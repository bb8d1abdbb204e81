import { Arr, Doc } from '../bson/document.ts';
import type { Value } from '../bson/values.ts';
import { badValue, codes, CommandError, failedToParse, unsupported } from '../errors.ts';
import type { Path } from '../filter/path.ts';
import { show } from '../store/show.ts';
import { checkModifier, parseModifier } from './modifiers.ts';
import type { Edit } from './modifiers.ts';
import { parseAssignments } from './assign.ts';
import type { Assignments } from './assign.ts';
import { compareNames } from './order.ts';

/** One change of one path. */
export interface Modification {
  readonly path: Path;
  readonly name: string;
  readonly onInsertOnly: boolean;
  readonly edit: Edit;
}

/** What an update does to a document. */
export type Update =
  | { readonly kind: 'replace'; readonly doc: Doc }
  | { readonly kind: 'assign'; readonly assignments: Assignments }
  | { readonly kind: 'modify'; readonly modifications: readonly Modification[] };

/** Parses the `u` of an update statement. */
export function parseUpdate(value: Value | undefined): Update {
  if (!(value instanceof Doc)) {
    if (value instanceof Arr) throw unsupported('an update by pipeline');
    throw failedToParse('Update argument must be either an object or an array');
  }
  const first = value.fields().keys().next();
  if (first.done || !first.value.startsWith('$')) {
    for (const key of value.fields().keys()) {
      if (key.startsWith('$')) {
        throw new CommandError(
          codes.DollarPrefixedFieldName,
          `The dollar ($) prefixed field '${key}' in '${key}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
        );
      }
    }
    return { kind: 'replace', doc: value };
  }
  if (value.size === 1 && first.value === '$set') {
    const operand = value.get('$set');
    const assignments = operand instanceof Doc ? parseAssignments(operand) : undefined;
    if (assignments) return { kind: 'assign', assignments };
  }
  const modifications: Modification[] = [];
  for (const [operator, fields] of value.fields()) {
    if (!operator.startsWith('$')) {
      throw failedToParse(
        `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!(fields instanceof Doc)) {
      throw failedToParse(
        `Modifiers operate on fields but we found type ${show(fields)} instead. For example: {$mod: {<field>: ...}}`,
      );
    }
    if (fields.size === 0) checkModifier(operator);
    for (const [name, operand] of fields.fields()) {
      modifications.push(...parseModification(operator, name, operand));
    }
  }
  checkConflicts(modifications);
  return { kind: 'modify', modifications: [...modifications].sort(byPath) };
}

function parseModification(operator: string, name: string, operand: Value): Modification[] {
  if (operator === '$rename') {
    if (typeof operand !== 'string') {
      throw new CommandError(
        codes.BadValue,
        `The 'to' field for $rename must be a string: ${name}: ${show(operand)}`,
      );
    }
    const source = updatePath(name);
    const path = updatePath(operand);
    checkRename(name, operand);
    return [
      {
        path,
        name: operand,
        onInsertOnly: false,
        edit: { kind: 'moveFrom', source, sourceName: name },
      },
      { path: source, name, onInsertOnly: false, edit: { kind: 'none' } },
    ];
  }
  const edit = parseModifier(operator, name, operand);
  return [{ path: updatePath(name), name, onInsertOnly: operator === '$setOnInsert', edit }];
}

function checkRename(from: string, to: string): void {
  const both = `${from}: "${to}"`;
  if (from === to) throw badValue(`The source and target field for $rename must differ: ${both}`);
  if (to.startsWith(`${from}.`) || from.startsWith(`${to}.`)) {
    throw badValue(`The source and target field for $rename must not be on the same path: ${both}`);
  }
}

function updatePath(name: string): Path {
  if (name !== '' && !name.includes('.') && !name.startsWith('$')) return [name];
  const path = name.split('.');
  if (path.includes('')) {
    throw new CommandError(
      56,
      name === ''
        ? 'An empty update path is not valid.'
        : `The update path '${name}' contains an empty field name, which is not allowed.`,
    );
  }
  for (const part of path) {
    if (part === '$' || part.startsWith('$[')) {
      throw unsupported(`the positional operator '${part}' in '${name}'`);
    }
    if (part.startsWith('$')) {
      throw new CommandError(
        codes.DollarPrefixedFieldName,
        `The dollar ($) prefixed field '${part}' in '${name}' is not allowed in the context of an update`,
      );
    }
  }
  return path;
}

function byPath(a: Modification, b: Modification): number {
  for (let i = 0; i < a.path.length && i < b.path.length; i++) {
    const order = compareNames(a.path[i] as string, b.path[i] as string);
    if (order !== 0) return order;
  }
  return a.path.length - b.path.length;
}

function isShort({ path }: Modification): boolean {
  return path.length === 1;
}

function checkConflicts(modifications: readonly Modification[]): void {
  const names = new Set(modifications.map(({ name }) => name));
  if (names.size === modifications.length && modifications.every(isShort)) return;
  const seen = new Map<string, boolean>();
  for (const { path, name } of modifications) {
    for (let length = 1; length <= path.length; length++) {
      const prefix = path.slice(0, length).join('.');
      const ends = seen.get(prefix);
      const whole = length === path.length;
      if (ends === true || (whole && ends !== undefined)) {
        throw new CommandError(
          codes.ConflictingUpdateOperators,
          `Updating the path '${name}' would create a conflict at '${prefix}'`,
        );
      }
      seen.set(prefix, whole);
    }
  }
}
