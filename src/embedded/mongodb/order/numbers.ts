import type { Decimal } from '../bson/values.ts';
import { Int32 } from '../bson/values.ts';

/** A number as `coefficient * 10^exponent`, or one that has no such form. */
export type Exact =
  | { readonly kind: 'finite'; readonly coefficient: bigint; readonly exponent: number }
  | { readonly kind: 'nan' }
  | { readonly kind: 'infinite'; readonly negative: boolean };

const coefficientMask = (1n << 49n) - 1n;
const largestCoefficient = 10n ** 34n - 1n;

/** What a Decimal128 means (IEEE 754-2008, binary integer decimal encoding). */
export function readDecimal(value: Decimal): Exact {
  const low = value.bytes.readBigUInt64LE(0);
  const high = value.bytes.readBigUInt64LE(8);
  const negative = high >> 63n === 1n;
  if (((high >> 61n) & 3n) === 3n) {
    const tag = (high >> 58n) & 0x1fn;
    if (tag === 0x1fn) return { kind: 'nan' };
    if (tag === 0x1en) return { kind: 'infinite', negative };
    return { kind: 'finite', coefficient: 0n, exponent: 0 };
  }
  const exponent = Number((high >> 49n) & 0x3fffn) - 6176;
  const magnitude = ((high & coefficientMask) << 64n) | low;
  const coefficient = magnitude > largestCoefficient ? 0n : magnitude;
  return { kind: 'finite', coefficient: negative ? -coefficient : coefficient, exponent };
}

const bits = new DataView(new ArrayBuffer(8));

function previousDouble(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}

/** A finite double as `mantissa * 2^exponent`. */
function split(value: number): { mantissa: bigint; exponent: number } {
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xf_ffff_ffff_ffffn;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  return {
    mantissa: value < 0 ? -mantissa : mantissa,
    exponent: Math.max(biased, 1) - 1075,
  };
}

/** `coefficient * 10^exponent - double` as `numerator / 10^scale`, exactly. */
function difference(
  coefficient: bigint,
  exponent: number,
  double: number,
): { numerator: bigint; scale: number } {
  const part = split(double);
  const scale = Math.max(-exponent, -part.exponent, 0);
  const left = coefficient * 10n ** BigInt(exponent + scale);
  const right =
    part.exponent >= 0
      ? part.mantissa * 2n ** BigInt(part.exponent) * 10n ** BigInt(scale)
      : part.mantissa * 5n ** BigInt(-part.exponent) * 10n ** BigInt(scale + part.exponent);
  return { numerator: left - right, scale };
}

/** More than the largest Decimal128. */
const beyond = 10n ** 6200n;

/**
 * The largest double not above the number, and what is left over as `0.digits * 10^exponent` (no digits:
 * nothing). Two equal numbers of any type give the same answer.
 */
export function floorToDouble(
  coefficient: bigint,
  exponent: number,
): { readonly double: number; readonly digits: string; readonly exponent: number } {
  if (coefficient === 0n) return { double: 0, digits: '', exponent: 0 };
  let double = Number(`${coefficient}e${exponent}`);
  if (double === Infinity) double = Number.MAX_VALUE;
  if (double === -Infinity) {
    const rest = coefficient * 10n ** BigInt(exponent) + beyond;
    return { double, ...asDigits(rest, 0) };
  }
  let rest = difference(coefficient, exponent, double);
  if (rest.numerator < 0n) {
    double = previousDouble(double);
    if (double === -Infinity) return { double, ...asDigits(beyond - 10n ** 308n, 0) };
    rest = difference(coefficient, exponent, double);
  }
  return { double: double === 0 ? 0 : double, ...asDigits(rest.numerator, rest.scale) };
}

function asDigits(numerator: bigint, scale: number): { digits: string; exponent: number } {
  if (numerator === 0n) return { digits: '', exponent: 0 };
  const text = numerator.toString();
  return { digits: text.replace(/0+$/, ''), exponent: text.length - scale };
}

/** The number as a double, rounded where a double can't hold it. */
export function toDouble(value: number | bigint | Int32 | Decimal): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Int32) return value.value;
  const exact = readDecimal(value);
  if (exact.kind === 'nan') return NaN;
  if (exact.kind === 'infinite') return exact.negative ? -Infinity : Infinity;
  return Number(`${exact.coefficient}e${exact.exponent}`);
}
