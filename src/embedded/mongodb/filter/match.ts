import { Arr, Doc } from '../bson/document.ts';
import { Regex, types, typeOf } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { compareValues, equalValues } from '../order/compare.ts';
import { keyText, rankOf } from '../order/keystring.ts';
import { toDouble } from '../order/numbers.ts';
import { isNumber } from '../bson/values.ts';
import type { Condition, Filter, RangeOperator, Test } from './ast.ts';
import { someAt } from './path.ts';
import { compilePattern } from './regex.ts';

/** Answers whether a document matches. */
export type Matcher = (doc: Doc) => boolean;

type ValueTest = (value: Value | undefined) => boolean;

/** Compiles a filter. */
export function compileFilter(filter: Filter): Matcher {
  switch (filter.kind) {
    case 'and': {
      const parts = filter.filters.map(compileFilter);
      return (doc) => parts.every((part) => part(doc));
    }
    case 'or': {
      const parts = filter.filters.map(compileFilter);
      return (doc) => parts.some((part) => part(doc));
    }
    case 'not': {
      const inner = compileFilter(filter.filter);
      return (doc) => !inner(doc);
    }
    case 'expr':
      return filter.holds;
    case 'path': {
      const { path, test } = filter;
      const passes = compileTest(test);
      const leaf = looksInside(test);
      if (test.kind === 'never') return () => false;
      return (doc) => someAt(doc, path, 0, leaf, passes);
    }
  }
}

/** Whether a test is shown the elements of an array at the end of its path, or only the array. */
function looksInside(test: Test): boolean {
  return test.kind !== 'size' && test.kind !== 'elemMatchValue' && test.kind !== 'elemMatchObject';
}

/** Compiles the conditions of one value, each without looking into it if it is an array. */
export function compileConditions(list: readonly Condition[]): (value: Value) => boolean {
  const parts = list.map(compileCondition);
  return (value) => parts.every((part) => part(value));
}

function compileCondition(condition: Condition): ValueTest {
  if (condition.kind === 'test') return compileTest(condition.test);
  const inner = condition.conditions.map(compileCondition);
  return (value) => !inner.every((part) => part(value));
}

function compileTest(test: Test): ValueTest {
  switch (test.kind) {
    case 'eq':
      return equality(test.value);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return range(test.kind, test.value);
    case 'in':
      return membership(test.values, test.patterns);
    case 'regex':
      return matches(test.pattern);
    case 'exists':
      return (value) => value !== undefined;
    case 'type':
      return (value) => value !== undefined && test.types.has(typeOf(value));
    case 'size':
      return (value) => value instanceof Arr && value.items().length === test.size;
    case 'elemMatchValue': {
      const passes = compileConditions(test.tests);
      return (value) => value instanceof Arr && value.items().some(passes);
    }
    case 'elemMatchObject': {
      const passes = compileFilter(test.filter);
      return (value) =>
        value instanceof Arr &&
        value.items().some((item) => {
          const doc = asDocument(item);
          return doc !== undefined && passes(doc);
        });
    }
    case 'never':
      return () => false;
  }
}

/** `$elemMatch` sees an array inside an array as a document with the keys "0", "1", ... */
function asDocument(item: Value): Doc | undefined {
  if (item instanceof Doc) return item;
  if (!(item instanceof Arr)) return undefined;
  return Doc.of(item.items().map((value, index) => [String(index), value] as const));
}

function isNullish(value: Value | undefined): boolean {
  return value === undefined || value === null || typeOf(value) === types.undefined;
}

function equality(operand: Value): ValueTest {
  if (operand === null) return isNullish;
  if (typeof operand === 'string' || typeof operand === 'boolean') {
    return (value) => value === operand;
  }
  return (value) => value !== undefined && equalValues(value, operand);
}

const holds: Record<RangeOperator, (order: number) => boolean> = {
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
};

function range(operator: RangeOperator, operand: Value): ValueTest {
  const inclusive = operator === 'gte' || operator === 'lte';
  if (operand === null) return inclusive ? isNullish : () => false;
  const rank = rankOf(operand);
  const isNaNOperand = isNaNumber(operand);
  const passes = holds[operator];
  return (value) => {
    if (value === undefined || rankOf(value) !== rank) return false;
    if (isNaNOperand || isNaNumber(value)) {
      return inclusive && isNaNOperand && isNaNumber(value);
    }
    return passes(compareValues(value, operand));
  };
}

function isNaNumber(value: Value): boolean {
  if (typeof value === 'number') return Number.isNaN(value);
  return isNumber(value) && Number.isNaN(toDouble(value));
}

function membership(values: readonly Value[], patterns: readonly Regex[]): ValueTest {
  const keys = new Set(values.map(keyText));
  const ranks = new Set(values.map(rankOf));
  const hasNull = values.includes(null);
  const tests = patterns.map(matches);
  return (value) => {
    if (isNullish(value)) return hasNull;
    if (value === undefined) return false;
    if (ranks.has(rankOf(value)) && keys.has(keyText(value))) return true;
    return tests.some((test) => test(value));
  };
}

function matches(pattern: Regex): ValueTest {
  const regex = compilePattern(pattern);
  return (value) => {
    if (typeof value === 'string') return regex.test(value);
    return (
      value instanceof Regex &&
      value.pattern === pattern.pattern &&
      value.options === pattern.options
    );
  };
}
