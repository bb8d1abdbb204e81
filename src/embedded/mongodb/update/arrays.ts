import { Arr, Doc } from '../bson/document.ts';
import { Regex, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { badValue } from '../errors.ts';
import { compileConditions, compileFilter } from '../filter/match.ts';
import { conditions, isOperators, parseFilter } from '../filter/parse.ts';
import { parsePattern } from '../filter/regex.ts';
import { compareValues } from '../order/compare.ts';
import { parseSort, sortKey } from '../query/sort.ts';

/** A parsed `$push`. */
export interface PushSpec {
  readonly each: readonly Value[];
  readonly position: number | undefined;
  readonly slice: number | undefined;
  readonly sort: ((items: Value[]) => Value[]) | undefined;
}

const plain = { position: undefined, slice: undefined, sort: undefined };

/** Parses the operand of `$push`, or of `$addToSet`, which takes `$each` only. */
export function parsePush(operand: Value, operator: '$push' | '$addToSet' = '$push'): PushSpec {
  const each = operand instanceof Doc ? operand.get('$each') : undefined;
  if (!(operand instanceof Doc) || each === undefined) return { each: [operand], ...plain };
  if (!(each instanceof Arr)) {
    throw badValue(`The argument to $each in ${operator} must be an array`);
  }
  for (const clause of operand.fields().keys()) {
    const known = clause === '$each' || (operator === '$push' && clauses.has(clause));
    if (!known) throw badValue(`Unrecognized clause in ${operator}: ${clause}`);
  }
  return {
    each: each.items(),
    position: whole(operand.get('$position'), '$position'),
    slice: whole(operand.get('$slice'), '$slice'),
    sort: parseArraySort(operand.get('$sort')),
  };
}

const clauses = new Set(['$position', '$slice', '$sort']);

function whole(value: Value | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  const number = wholeNumber(value);
  if (number === undefined) throw badValue(`The value for ${name} must be an integer value`);
  return number;
}

function parseArraySort(value: Value | undefined): PushSpec['sort'] {
  if (value === undefined) return undefined;
  if (value instanceof Doc) {
    const spec = parseSort(value);
    if (!spec) throw badValue('The $sort pattern is empty when it should be a set of fields.');
    return (items) => {
      const keyed = items.map((item) => ({
        item,
        key: sortKey(spec, item instanceof Doc ? item : Doc.of()),
      }));
      return keyed.sort((a, b) => a.key.compare(b.key)).map(({ item }) => item);
    };
  }
  const order = wholeNumber(value);
  if (order !== 1 && order !== -1) throw badValue('The $sort element value must be either 1 or -1');
  return (items) => items.sort((a, b) => order * compareValues(a, b));
}

/** The array after a `$push`. */
export function push(current: readonly Value[], spec: PushSpec): Arr {
  const at = spec.position ?? current.length;
  const index = at < 0 ? Math.max(current.length + at, 0) : Math.min(at, current.length);
  let items = [...current.slice(0, index), ...spec.each, ...current.slice(index)];
  if (spec.sort) items = spec.sort(items);
  if (spec.slice !== undefined) {
    items = spec.slice >= 0 ? items.slice(0, spec.slice) : items.slice(spec.slice);
  }
  return Arr.of(items);
}

/** The array after an `$addToSet`. */
export function addToSet(current: readonly Value[], each: readonly Value[]): Arr {
  const items = [...current];
  for (const value of each) {
    if (!items.some((item) => compareValues(item, value) === 0)) items.push(value);
  }
  return Arr.of(items);
}

/** Which elements a `$pull` removes. */
export function pull(operand: Value): (item: Value) => boolean {
  if (operand instanceof Regex) {
    return compileConditions([{ kind: 'test', test: parsePattern(operand) }]);
  }
  if (isOperators(operand)) return compileConditions(conditions(operand));
  if (operand instanceof Doc) {
    const matches = compileFilter(parseFilter(operand));
    return (item) => item instanceof Doc && matches(item);
  }
  return (item) => compareValues(item, operand) === 0;
}
