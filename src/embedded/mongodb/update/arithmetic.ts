import { Decimal, Int32 } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { badValue, unsupported } from '../errors.ts';
import { addExact, exactOf, multiplyExact, toDecimal } from '../order/decimal.ts';
import type { Exact } from '../order/numbers.ts';

type Numeric = number | bigint | Int32 | Decimal;

type Pair =
  | { readonly exact: readonly [Exact, Exact] }
  | { readonly double: readonly [number, number] }
  | { readonly whole: readonly [bigint, bigint] };

/** Both in the wider type. A double beside a Decimal128 is refused: MongoDB rounds it to 15 digits first. */
function widen(a: Numeric, b: Numeric): Pair {
  if (a instanceof Decimal || b instanceof Decimal) return { exact: [asExact(a), asExact(b)] };
  if (typeof a === 'number' || typeof b === 'number') return { double: [asDouble(a), asDouble(b)] };
  return { whole: [asWhole(a), asWhole(b)] };
}

function asExact(value: Numeric): Exact {
  if (typeof value === 'number') throw unsupported('arithmetic between a double and a Decimal128');
  return exactOf(value);
}

function asDouble(value: number | bigint | Int32): number {
  return value instanceof Int32 ? value.value : Number(value);
}

function asWhole(value: bigint | Int32): bigint {
  return value instanceof Int32 ? BigInt(value.value) : value;
}

/** The result in the wider type of the operands; 32 bits grow to 64 when they overflow, 64 bits don't grow. */
function narrow(a: Numeric, b: Numeric, result: bigint): Value {
  const small = a instanceof Int32 && b instanceof Int32;
  if (small && result >= -0x8000_0000n && result <= 0x7fff_ffffn) return new Int32(Number(result));
  if (BigInt.asIntN(64, result) !== result) {
    throw badValue('Failed to apply $inc or $mul: the result exceeds a 64-bit integer');
  }
  return result;
}

/** `$inc` by the rules of MongoDB's types. */
export function addNumbers(a: Numeric, b: Numeric): Value {
  const pair = widen(a, b);
  if ('exact' in pair) return toDecimal(addExact(...pair.exact));
  if ('double' in pair) return pair.double[0] + pair.double[1];
  return narrow(a, b, pair.whole[0] + pair.whole[1]);
}

/** `$mul` by the rules of MongoDB's types. */
export function multiplyNumbers(a: Numeric, b: Numeric): Value {
  const pair = widen(a, b);
  if ('exact' in pair) return toDecimal(multiplyExact(...pair.exact));
  if ('double' in pair) return pair.double[0] * pair.double[1];
  return narrow(a, b, pair.whole[0] * pair.whole[1]);
}

/** Zero in the type of the operand: what `$mul` makes of a missing field. */
export function zeroLike(operand: Numeric): Value {
  if (operand instanceof Decimal)
    return toDecimal({ kind: 'finite', coefficient: 0n, exponent: 0 });
  if (operand instanceof Int32) return new Int32(0);
  return typeof operand === 'bigint' ? 0n : 0;
}
