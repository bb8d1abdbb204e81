import { Decimal, Int32 } from '../bson/values.ts';
import { readDecimal } from './numbers.ts';
import type { Exact } from './numbers.ts';

/** IEEE 754-2008 decimal128: 34 digits, exponents of the last digit, rounding to even. */
const digits = 34;
const least = -6176;
const most = 6111;

const nan: Exact = { kind: 'nan' };

/** A Decimal128 or an integer, as it is exactly. */
export function exactOf(value: Decimal | Int32 | bigint): Exact {
  if (value instanceof Decimal) return readDecimal(value);
  const coefficient = value instanceof Int32 ? BigInt(value.value) : value;
  return { kind: 'finite', coefficient, exponent: 0 };
}

/** The sum, with the lesser of the exponents. */
export function addExact(a: Exact, b: Exact): Exact {
  if (a.kind === 'nan' || b.kind === 'nan') return nan;
  if (a.kind === 'infinite') {
    return b.kind === 'infinite' && a.negative !== b.negative ? nan : a;
  }
  if (b.kind === 'infinite') return b;
  const exponent = Math.min(a.exponent, b.exponent);
  const at = (side: typeof a): bigint => side.coefficient * 10n ** BigInt(side.exponent - exponent);
  return { kind: 'finite', coefficient: at(a) + at(b), exponent };
}

/** The sum as a Decimal128 would hold it, which is how MongoDB keeps a running total. */
export function addRounded(a: Exact, b: Exact): Exact {
  return readDecimal(toDecimal(addExact(a, b)));
}

/** The product, with the sum of the exponents. */
export function multiplyExact(a: Exact, b: Exact): Exact {
  if (a.kind === 'nan' || b.kind === 'nan') return nan;
  if (a.kind === 'finite' && b.kind === 'finite') {
    return {
      kind: 'finite',
      coefficient: a.coefficient * b.coefficient,
      exponent: a.exponent + b.exponent,
    };
  }
  if (isZero(a) || isZero(b)) return nan;
  return { kind: 'infinite', negative: isNegative(a) !== isNegative(b) };
}

/** The quotient by a count; where it doesn't end, with more digits than are kept. */
export function divideExact(a: Exact, count: number): Exact {
  if (a.kind !== 'finite') return a;
  const by = BigInt(count);
  if (a.coefficient % by === 0n) return { ...a, coefficient: a.coefficient / by };
  const more = digits + 2 + String(count).length;
  const scaled = a.coefficient * 10n ** BigInt(more);
  let coefficient = scaled / by;
  let exponent = a.exponent - more;
  if (scaled % by !== 0n) {
    // One more digit stands for all that follow, so that rounding sees that they aren't nothing.
    return {
      kind: 'finite',
      coefficient: coefficient * 10n + sign(coefficient),
      exponent: exponent - 1,
    };
  }
  while (coefficient % 10n === 0n && exponent < a.exponent) {
    coefficient /= 10n;
    exponent++;
  }
  return { kind: 'finite', coefficient, exponent };
}

function sign(value: bigint): bigint {
  return value < 0n ? -1n : 1n;
}

function isZero(value: Exact): boolean {
  return value.kind === 'finite' && value.coefficient === 0n;
}

function isNegative(value: Exact): boolean {
  return value.kind === 'infinite'
    ? value.negative
    : value.kind === 'finite' && value.coefficient < 0n;
}

/** The nearest Decimal128; infinity beyond the largest. */
export function toDecimal(value: Exact): Decimal {
  if (value.kind === 'nan') return fromBits(0x1fn << 58n, 0n);
  if (value.kind === 'infinite') return infinity(value.negative);
  const negative = value.coefficient < 0n;
  let magnitude = negative ? -value.coefficient : value.coefficient;
  let { exponent } = value;
  const drop = Math.max(magnitude.toString().length - digits, least - exponent, 0);
  if (drop > 0) {
    magnitude = rounded(magnitude, 10n ** BigInt(drop));
    exponent += drop;
    if (magnitude === 10n ** BigInt(digits)) {
      magnitude /= 10n;
      exponent++;
    }
  }
  if (magnitude === 0n) exponent = Math.min(exponent, most);
  while (exponent > most && magnitude < 10n ** BigInt(digits - 1)) {
    magnitude *= 10n;
    exponent--;
  }
  if (exponent > most) return infinity(negative);
  const high = (BigInt(exponent - least) << 49n) | (magnitude >> 64n);
  return fromBits(high | (negative ? 1n << 63n : 0n), magnitude & 0xffff_ffff_ffff_ffffn);
}

function rounded(magnitude: bigint, unit: bigint): bigint {
  const whole = magnitude / unit;
  const twice = (magnitude % unit) * 2n;
  const up = twice > unit || (twice === unit && whole % 2n === 1n);
  return up ? whole + 1n : whole;
}

function infinity(negative: boolean): Decimal {
  return fromBits((0x1en << 58n) | (negative ? 1n << 63n : 0n), 0n);
}

function fromBits(high: bigint, low: bigint): Decimal {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(low, 0);
  bytes.writeBigUInt64LE(high, 8);
  return new Decimal(bytes);
}
