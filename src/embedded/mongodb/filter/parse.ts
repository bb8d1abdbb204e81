import { Arr, Doc } from '../bson/document.ts';
import { isTrue } from '../aggregate/operators.ts';
import { compileExpression } from '../aggregate/expressions.ts';
import type { Variables } from '../aggregate/expressions.ts';
import { Opaque, Regex, truthy, types, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { badValue, unsupported } from '../errors.ts';
import { refusal } from '../known.ts';
import type { Condition, Filter, Test } from './ast.ts';
import type { Path } from './path.ts';
import { parsePattern } from './regex.ts';
import { parseTypes } from './types.ts';

/**
 * Parses a filter document. Throws MongoDB's error for what is wrong and a refusal for what isn't carried.
 * `variables` are those that its `$expr` may read; without them, as below `$elemMatch`, `$expr` is refused.
 */
export function parseFilter(doc: Doc, variables?: Variables): Filter {
  const filters: Filter[] = [];
  for (const [key, value] of doc.fields()) {
    if (key === '$comment') continue;
    filters.push(
      key.startsWith('$') ? logical(key, value, variables) : field(key.split('.'), value),
    );
  }
  return all(filters);
}

function all(filters: readonly Filter[]): Filter {
  return filters.length === 1 ? (filters[0] as Filter) : { kind: 'and', filters };
}

function logical(operator: string, value: Value, variables: Variables | undefined): Filter {
  if (operator === '$expr') {
    if (!variables) throw badValue('$expr can only be applied to the top-level document');
    const expression = compileExpression(value, variables);
    return { kind: 'expr', holds: (doc) => isTrue(expression(doc)) };
  }
  if (operator !== '$and' && operator !== '$or' && operator !== '$nor') {
    throw refusal('filter', operator);
  }
  if (!(value instanceof Arr)) throw badValue(`${operator} argument must be an array`);
  if (value.items().length === 0) throw badValue('$and/$or/$nor must be a nonempty array');
  const filters = value.items().map((item) => {
    if (!(item instanceof Doc)) throw badValue('$or/$and/$nor entries need to be full objects');
    return parseFilter(item, variables);
  });
  if (operator === '$and') return { kind: 'and', filters };
  const either: Filter = { kind: 'or', filters };
  return operator === '$or' ? either : { kind: 'not', filter: either };
}

function field(path: Path, value: Value): Filter {
  if (value instanceof Regex) return { kind: 'path', path, test: parsePattern(value) };
  if (!isOperators(value)) return { kind: 'path', path, test: equal(value) };
  return all(conditions(value).map((condition) => atPath(path, condition)));
}

function atPath(path: Path, condition: Condition): Filter {
  if (condition.kind === 'test') return { kind: 'path', path, test: condition.test };
  return {
    kind: 'not',
    filter: all(condition.conditions.map((inner) => atPath(path, inner))),
  };
}

/** Whether a value is a document of operators rather than a document to equal. */
export function isOperators(value: Value | undefined): value is Doc {
  if (!(value instanceof Doc)) return false;
  for (const key of value.fields().keys()) return key.startsWith('$');
  return false;
}

/** Parses `{$gt: 1, $lt: 5}`. */
export function conditions(operators: Doc): Condition[] {
  const found: Condition[] = [];
  for (const [operator, value] of operators.fields()) {
    if (operator === '$options') {
      if (!operators.has('$regex')) throw badValue('$options needs a $regex');
      continue;
    }
    found.push(...condition(operator, value, operators));
  }
  return found;
}

function condition(operator: string, value: Value, siblings: Doc): Condition[] {
  switch (operator) {
    case '$eq':
      if (value instanceof Regex) throw unsupported('$eq with a regular expression');
      return [is(equal(value))];
    case '$ne':
      if (value instanceof Regex) throw badValue("Can't have regex as arg to $ne.");
      return [not(is(equal(value)))];
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return [is({ kind: rangeKinds[operator], value: comparable(operator, value) })];
    case '$in':
      return [is(oneOf(operator, value))];
    case '$nin':
      return [not(is(oneOf(operator, value)))];
    case '$exists':
      return [truthy(value) ? is({ kind: 'exists' }) : not(is({ kind: 'exists' }))];
    case '$type':
      return [is({ kind: 'type', types: parseTypes(value) })];
    case '$size':
      return [is({ kind: 'size', size: arraySize(value) })];
    case '$regex':
      return [is(regex(value, siblings.get('$options')))];
    case '$not':
      return [negation(value)];
    case '$all':
      return allOf(value);
    case '$elemMatch':
      return [is(elemMatch(value))];
    default:
      throw refusal('filter', operator);
  }
}

const rangeKinds = { $gt: 'gt', $gte: 'gte', $lt: 'lt', $lte: 'lte' } as const;

function is(test: Test): Condition {
  return { kind: 'test', test };
}

function not(...inner: readonly Condition[]): Condition {
  return { kind: 'not', conditions: inner };
}

function equal(value: Value): Test {
  return { kind: 'eq', value: comparable('$eq', value) };
}

/** Refuses what has no agreed order or equality here. */
function comparable(operator: string, value: Value): Value {
  if (value instanceof Opaque && (operator !== '$eq' || value.t === types.undefined)) {
    throw unsupported(`${operator} with a value of type ${typeNumberName(value.t)}`);
  }
  if (value instanceof Regex) throw badValue(`Can't have RegEx as arg to predicate over field.`);
  return value;
}

function typeNumberName(type: number): string {
  if (type === types.minKey) return 'minKey';
  if (type === types.maxKey) return 'maxKey';
  return type === types.undefined ? 'undefined' : 'code, symbol or dbPointer';
}

function oneOf(operator: string, value: Value): Test {
  if (!(value instanceof Arr)) throw badValue(`${operator} needs an array`);
  const values: Value[] = [];
  const patterns: Regex[] = [];
  for (const item of value.items()) {
    if (item instanceof Regex) {
      parsePattern(item);
      patterns.push(item);
    } else if (isOperators(item)) {
      throw badValue(`cannot nest $ under ${operator}`);
    } else {
      values.push(comparable(operator, item));
    }
  }
  return { kind: 'in', values, patterns };
}

function arraySize(value: Value): number {
  const size = wholeNumber(value);
  if (size === undefined) {
    throw badValue('Failed to parse $size. Expected a number, an integer within 64 bits');
  }
  if (size < 0) throw badValue(`Failed to parse $size. Expected a non-negative number in: ${size}`);
  return size;
}

function regex(value: Value, options: Value | undefined): Test {
  const pattern = value instanceof Regex ? value.pattern : value;
  if (typeof pattern !== 'string') throw badValue('$regex has to be a string');
  if (options !== undefined && typeof options !== 'string') {
    throw badValue('$options has to be a string');
  }
  return parsePattern(new Regex(pattern, options ?? (value instanceof Regex ? value.options : '')));
}

function negation(value: Value): Condition {
  if (value instanceof Regex) return not(is(parsePattern(value)));
  if (!(value instanceof Doc)) throw badValue('$not needs a regex or a document');
  if (value.size === 0) throw badValue('$not cannot be empty');
  if (!isOperators(value)) throw badValue('$not cannot have a document without operators');
  return not(...conditions(value));
}

function allOf(value: Value): Condition[] {
  if (!(value instanceof Arr)) throw badValue('$all needs an array');
  if (value.items().length === 0) return [is({ kind: 'never' })];
  return value.items().map((item) => {
    if (item instanceof Regex) return is(parsePattern(item));
    if (!isOperators(item)) return is(equal(item));
    const inner = item.get('$elemMatch');
    if (inner === undefined) throw badValue('no $ expressions in $all');
    return is(elemMatch(inner));
  });
}

const logicalOperators = new Set(['$and', '$or', '$nor', '$expr']);

function elemMatch(value: Value): Test {
  if (!(value instanceof Doc)) throw badValue('$elemMatch needs an Object');
  const first = value.fields().keys().next();
  if (!first.done && first.value.startsWith('$') && !logicalOperators.has(first.value)) {
    return { kind: 'elemMatchValue', tests: conditions(value) };
  }
  return { kind: 'elemMatchObject', filter: parseFilter(value) };
}
