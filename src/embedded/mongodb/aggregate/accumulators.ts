import { Arr, Doc } from '../bson/document.ts';
import { Decimal, Int32, isNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { CommandError, unsupported } from '../errors.ts';
import { compareValues } from '../order/compare.ts';
import { addRounded, divideExact, exactOf, toDecimal } from '../order/decimal.ts';
import { keyText } from '../order/keystring.ts';
import type { Exact } from '../order/numbers.ts';
import { refusal } from '../known.ts';
import { compileExpression } from './expressions.ts';
import type { Variables } from './expressions.ts';

/** One running result of a group. */
export interface Accumulator {
  add(value: Value | undefined): void;
  result(): Value;
}

/** An accumulator of `$group`, ready to be started for each group. */
export interface AccumulatorSpec {
  readonly name: string;
  readonly argument: (doc: Doc) => Value | undefined;
  readonly start: () => Accumulator;
}

const kinds = new Map<string, () => Accumulator>([
  ['$sum', sum],
  ['$avg', average],
  ['$min', () => extreme(-1)],
  ['$max', () => extreme(1)],
  ['$first', first],
  ['$last', last],
  ['$push', pushAll],
  ['$addToSet', distinct],
]);

/** Parses `{name: {$sum: 1}}`. */
export function parseAccumulator(
  name: string,
  value: Value,
  variables: Variables,
): AccumulatorSpec {
  if (name.includes('.')) {
    throw new CommandError(40235, `The field name '${name}' cannot contain '.'`);
  }
  if (!(value instanceof Doc)) {
    throw new CommandError(40234, `The field '${name}' must be an accumulator object`);
  }
  if (value.size !== 1) {
    throw new CommandError(40238, `The field '${name}' must specify one accumulator`);
  }
  const [operator, operand] = [...value.fields()][0] as [string, Value];
  if (operator === '$count') return { name, argument: () => new Int32(1), start: sum };
  const start = kinds.get(operator);
  if (!start) throw refusal('accumulator', operator);
  if (operand instanceof Arr) {
    throw new CommandError(40237, `The ${operator} accumulator is a unary operator`);
  }
  return { name, argument: compileExpression(operand, variables), start };
}

/** Sums doubles with the rounding error carried along, as MongoDB's DoubleDoubleSummation does. */
class Doubles {
  private total = 0;
  private rest = 0;
  private plain = 0;

  add(value: number): void {
    this.plain += value;
    const sum = value + this.total;
    const back = sum - value;
    let error = value - (sum - back) + (this.total - back);
    error += this.rest;
    this.total = sum + error;
    this.rest = error - (this.total - sum);
  }

  get(): number {
    const sum = this.total + this.rest;
    return Number.isNaN(sum) ? this.plain : sum;
  }
}

function sum(): Accumulator {
  const doubles = new Doubles();
  let small = 0;
  let whole = 0n;
  let long = false;
  let double = false;
  let decimal: Exact | undefined;
  return {
    add: (value) => {
      if (value instanceof Int32) {
        small += value.value;
        if (!Number.isSafeInteger(small))
          throw new RangeError('a sum of integers became too large');
      } else if (typeof value === 'bigint') {
        whole += value;
        long = true;
      } else if (typeof value === 'number') {
        doubles.add(value);
        double = true;
      } else if (value instanceof Decimal) decimal = addRounded(decimal ?? zero, exactOf(value));
    },
    result: () => {
      const total = whole + BigInt(small);
      if (decimal) return toDecimal(decimalTotal(decimal, total, double, '$sum'));
      const fits = BigInt.asIntN(64, total) === total;
      if (double || !fits) {
        addWhole(doubles, total);
        return doubles.get();
      }
      const int32 = !long && total >= -0x8000_0000n && total <= 0x7fff_ffffn;
      return int32 ? new Int32(Number(total)) : total;
    },
  };
}

/** Adds an integer exactly: its upper part and the rest are doubles each. */
function addWhole(doubles: Doubles, value: bigint): void {
  const high = (value >> 32n) << 32n;
  doubles.add(Number(high));
  doubles.add(Number(value - high));
}

const zero: Exact = { kind: 'finite', coefficient: 0n, exponent: 0 };

/** What Decimal128s and integers come to; doubles among them MongoDB rounds to 15 digits first. */
function decimalTotal(decimal: Exact, whole: bigint, double: boolean, operator: string): Exact {
  if (double) throw unsupported(`${operator} of doubles and Decimal128`);
  return addRounded(decimal, exactOf(whole));
}

function average(): Accumulator {
  const doubles = new Doubles();
  let count = 0;
  let decimal: Exact | undefined;
  let whole = 0n;
  let small = 0;
  let double = false;
  return {
    add: (value) => {
      if (!isNumber(value)) return;
      count++;
      if (value instanceof Decimal) {
        decimal = addRounded(decimal ?? zero, exactOf(value));
        return;
      }
      if (typeof value === 'bigint') {
        addWhole(doubles, value);
        whole += value;
      } else if (typeof value === 'number') {
        doubles.add(value);
        double = true;
      } else {
        doubles.add(value.value);
        small += value.value;
      }
    },
    result: () => {
      if (count === 0) return null;
      if (!decimal) return doubles.get() / count;
      const total = decimalTotal(decimal, whole + BigInt(small), double, '$avg');
      return toDecimal(divideExact(total, count));
    },
  };
}

function extreme(sign: number): Accumulator {
  let best: Value | undefined;
  return {
    add: (value) => {
      if (value === undefined || value === null) return;
      if (best === undefined || Math.sign(compareValues(value, best)) === sign) best = value;
    },
    result: () => best ?? null,
  };
}

function first(): Accumulator {
  let seen = false;
  let kept: Value = null;
  return {
    add: (value) => {
      if (!seen) kept = value ?? null;
      seen = true;
    },
    result: () => kept,
  };
}

function last(): Accumulator {
  let kept: Value = null;
  return {
    add: (value) => {
      kept = value ?? null;
    },
    result: () => kept,
  };
}

function pushAll(): Accumulator {
  const items: Value[] = [];
  return {
    add: (value) => {
      if (value !== undefined) items.push(value);
    },
    result: () => Arr.of(items),
  };
}

function distinct(): Accumulator {
  const items = new Map<string, Value>();
  return {
    add: (value) => {
      if (value === undefined) return;
      const key = keyText(value);
      if (!items.has(key)) items.set(key, value);
    },
    result: () => Arr.of([...items.values()]),
  };
}
