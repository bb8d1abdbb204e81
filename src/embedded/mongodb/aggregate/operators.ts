import { Arr } from '../bson/document.ts';
import type { Doc } from '../bson/document.ts';
import { Decimal, Int32, isNumber, truthy, typeName } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { codes, CommandError } from '../errors.ts';
import { compareValues } from '../order/compare.ts';
import { undefinedValue } from '../order/keystring.ts';
import { toDouble } from '../order/numbers.ts';
import { addNumbers, multiplyNumbers } from '../update/arithmetic.ts';

type Evaluate = (doc: Doc) => Value | undefined;
type Make = (args: readonly Evaluate[]) => Evaluate;

function arity(name: string, count: number, make: Make): [string, Make] {
  return [
    name,
    (args) => {
      if (args.length === count) return make(args);
      throw new CommandError(
        16020,
        `Expression ${name} takes exactly ${count} arguments. ${args.length} were passed in.`,
      );
    },
  ];
}

function comparison(name: string, holds: (order: number) => boolean): [string, Make] {
  return arity(name, 2, ([left, right]) => (doc) => {
    const order = compareValues(left?.(doc) ?? undefinedValue, right?.(doc) ?? undefinedValue);
    return holds(order);
  });
}

function isNullish(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function folded(name: string, start: number, combine: typeof addNumbers): [string, Make] {
  return [
    name,
    (args) => (doc) => {
      let total: Value = new Int32(start);
      for (const arg of args) {
        const value = arg(doc);
        if (isNullish(value)) return null;
        if (!isNumber(value) || !isNumber(total)) {
          throw new CommandError(
            codes.TypeMismatch,
            `${name} only supports numeric types, not ${typeName(value)}`,
          );
        }
        total = combine(total, value);
      }
      return total;
    },
  ];
}

const subtract: Make =
  ([left, right]) =>
  (doc) => {
    const a = left?.(doc);
    const b = right?.(doc);
    if (isNullish(a) || isNullish(b)) return null;
    if (!isNumber(a) || !isNumber(b)) {
      throw new CommandError(
        codes.TypeMismatch,
        `can't $subtract ${typeName(b)} from ${typeName(a)}`,
      );
    }
    const negative = multiplyNumbers(b, new Int32(-1));
    return isNumber(negative) ? addNumbers(a, negative) : null;
  };

/** A document's field counts as true unless it is missing, null, false or zero. */
export function isTrue(value: Value | undefined): boolean {
  return value instanceof Decimal ? toDouble(value) !== 0 : truthy(value);
}

/** The expression operators carried, each from its evaluated arguments. */
export const operators: ReadonlyMap<string, Make> = new Map<string, Make>([
  comparison('$eq', (order) => order === 0),
  comparison('$ne', (order) => order !== 0),
  comparison('$gt', (order) => order > 0),
  comparison('$gte', (order) => order >= 0),
  comparison('$lt', (order) => order < 0),
  comparison('$lte', (order) => order <= 0),
  ['$and', (args) => (doc) => args.every((arg) => isTrue(arg(doc)))],
  ['$or', (args) => (doc) => args.some((arg) => isTrue(arg(doc)))],
  arity(
    '$not',
    1,
    ([arg]) =>
      (doc) =>
        !isTrue(arg?.(doc)),
  ),
  arity(
    '$cond',
    3,
    ([condition, yes, no]) =>
      (doc) =>
        (isTrue(condition?.(doc)) ? yes : no)?.(doc),
  ),
  [
    '$ifNull',
    (args) => (doc) => {
      for (const arg of args) {
        const value = arg(doc);
        if (!isNullish(value)) return value;
      }
      return args.at(-1)?.(doc);
    },
  ],
  folded('$add', 0, addNumbers),
  folded('$multiply', 1, multiplyNumbers),
  arity('$subtract', 2, subtract),
  arity('$size', 1, ([arg]) => (doc) => {
    const value = arg?.(doc);
    if (value instanceof Arr) return new Int32(value.items().length);
    throw new CommandError(
      17124,
      `The argument to $size must be an array, but was of type: ${typeName(value)}`,
    );
  }),
]);
