import { Decimal128, Double, Int32, Long } from 'mongodb';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Numbers of every type count by value; identifiers, dates and binaries by their text. */
const plain = (value: unknown): unknown => {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) return value.toNumber();
  if (value instanceof Decimal128) return value.toString();
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [String(k), v]));
  return isFields(value) && '_bsontype' in value ? JSON.stringify(value) : value;
};

/**
 * Why a value isn't what was expected, or undefined when it is. What a driver makes of a reply may have more
 * fields than were expected (`loose`), documents may not.
 */
export const mismatch = (
  expected: unknown,
  actual: unknown,
  loose: boolean,
): string | undefined => {
  const wanted = plain(expected);
  const given = plain(actual);
  const told = `expected ${JSON.stringify(wanted)}, got ${JSON.stringify(given)}`;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(given) || given.length !== wanted.length) return told;
    return first(wanted.map((item, i) => mismatch(item, given[i], loose)));
  }
  if (!isFields(wanted)) {
    if (wanted instanceof Date) return String(given) === String(wanted) ? undefined : told;
    return given === wanted ? undefined : told;
  }
  const [operator] = Object.keys(wanted);
  if (operator?.startsWith('$$')) return special(operator, wanted[operator], actual, told);
  if (!isFields(given)) return told;
  const extra = loose ? [] : Object.keys(given).filter((key) => !(key in wanted));
  if (extra.length > 0) return `${told}: ${extra.join()} is too much`;
  return first(Object.entries(wanted).map(([key, value]) => mismatch(value, given[key], loose)));
};

const first = (reasons: readonly (string | undefined)[]): string | undefined =>
  reasons.find((reason) => reason !== undefined);

const special = (
  operator: string,
  operand: unknown,
  actual: unknown,
  told: string,
): string | undefined => {
  switch (operator) {
    case '$$unsetOrMatches':
      return actual === undefined || actual === null ? undefined : mismatch(operand, actual, true);
    case '$$exists':
      return (actual !== undefined) === operand ? undefined : told;
    case '$$type':
    case '$$sessionLsid':
      return actual === undefined ? told : undefined;
    default:
      return `the runner doesn't know ${operator}`;
  }
};
