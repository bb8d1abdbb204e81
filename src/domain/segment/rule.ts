import { DateTime, Duration } from 'luxon';
import { DomainError } from '../errors.ts';
import type { Instant } from '../vocabulary.ts';

export const operators = [
  'eq',
  'ne',
  'in',
  'notIn',
  'gt',
  'gte',
  'lt',
  'lte',
  'startsWith',
  'exists',
] as const;
export type Operator = (typeof operators)[number];

export type Scalar = string | number | boolean;

/** `registeredAt` and `lastNotifiedAt` take an instant, or a time before now such as `-P30D`. */
export type RuleField =
  'locale' | 'timezone' | 'registeredAt' | 'lastNotifiedAt' | `attributes.${string}`;

/** One comparison. What is absent equals nothing, is less and greater than nothing, and `exists` not. */
export interface Condition {
  readonly field: RuleField;
  readonly op: Operator;
  /** A list for `in` and `notIn`; whether it is there for `exists`. */
  readonly value: Scalar | readonly Scalar[];
}

/** Whom a segment holds, by what is known of a user. */
export type Rule =
  | { readonly all: readonly Rule[] }
  | { readonly any: readonly Rule[] }
  | { readonly not: Rule }
  | Condition;

const deepest = 5;
const mostConditions = 50;
const longestList = 100;
const longestText = 256;
const attribute = /^attributes\.[A-Za-z][A-Za-z0-9_]{0,63}$/;
const relative = /^-P/;

const ordered: ReadonlySet<Operator> = new Set(['gt', 'gte', 'lt', 'lte']);

export const isInstantField = (field: RuleField): boolean =>
  field === 'registeredAt' || field === 'lastNotifiedAt';

/**
 * A rule as it comes in, checked.
 *
 * @param path what the caller calls it
 * @throws DomainError BAD_INPUT naming the part that is wrong, for instance `rule.all.1.value`
 */
export const parseRule = (input: unknown, path = 'rule'): Rule => {
  let conditions = 0;
  const parse = (value: unknown, at: string, depth: number): Rule => {
    if (depth > deepest) throw bad(at, `is deeper than ${deepest} levels`);
    if (!isRecord(value)) throw bad(at, 'must be an object');
    const keys = Object.keys(value);
    if ('all' in value || 'any' in value) {
      const kind = 'all' in value ? 'all' : 'any';
      onlyKeys(keys, [kind], at);
      const rules = parseList(value[kind], `${at}.${kind}`, depth);
      return kind === 'all' ? { all: rules } : { any: rules };
    }
    if ('not' in value) {
      onlyKeys(keys, ['not'], at);
      return { not: parse(value['not'], `${at}.not`, depth + 1) };
    }
    onlyKeys(keys, ['field', 'op', 'value'], at);
    conditions += 1;
    if (conditions > mostConditions) throw bad(path, `has more than ${mostConditions} conditions`);
    return parseCondition(value, at);
  };
  const parseList = (value: unknown, at: string, depth: number): readonly Rule[] => {
    if (!Array.isArray(value) || value.length === 0) throw bad(at, 'must be a list of rules');
    return value.map((rule, index) => parse(rule, `${at}.${index}`, depth + 1));
  };
  return parse(input, path, 1);
};

const parseCondition = (input: Readonly<Record<string, unknown>>, at: string): Condition => {
  const { op, value } = input;
  const field = fieldOf(input['field'], at);
  if (!operators.includes(op as Operator)) {
    throw bad(`${at}.op`, `must be one of ${operators.join(', ')}`);
  }
  const operator = op as Operator;
  const place = `${at}.value`;
  if (operator === 'exists') {
    if (typeof value !== 'boolean') throw bad(place, 'must be true or false');
    return { field, op: operator, value };
  }
  if (operator === 'in' || operator === 'notIn') {
    if (isInstantField(field)) throw bad(`${at}.op`, `can't be ${operator} for an instant`);
    if (!Array.isArray(value) || value.length === 0 || value.length > longestList) {
      throw bad(place, `must be a list of 1 to ${longestList} values`);
    }
    return { field, op: operator, value: value.map((one) => scalarOf(one, field, place)) };
  }
  const scalar = scalarOf(value, field, place);
  const isText = typeof scalar === 'string';
  if (operator === 'startsWith' && (!isText || isInstantField(field))) {
    throw bad(place, 'must be text that a text starts with');
  }
  if (ordered.has(operator) && typeof scalar === 'boolean') {
    throw bad(place, 'must be a number, text or an instant');
  }
  if (isInstantField(field) && !ordered.has(operator)) {
    throw bad(`${at}.op`, 'must be gt, gte, lt, lte or exists for an instant');
  }
  return { field, op: operator, value: scalar };
};

const fieldOf = (field: unknown, at: string): RuleField => {
  const known = ['locale', 'timezone', 'registeredAt', 'lastNotifiedAt'];
  if (typeof field === 'string' && (known.includes(field) || attribute.test(field))) {
    return field as RuleField;
  }
  throw bad(`${at}.field`, `must be one of ${known.join(', ')} or attributes.<name>`);
};

const scalarOf = (value: unknown, field: RuleField, at: string): Scalar => {
  if (isInstantField(field)) {
    if (typeof value === 'string' && momentOf(value, '2000-01-01T00:00:00.000Z')) return value;
    throw bad(at, 'must be an instant with offset or a time before now, such as -P30D');
  }
  if (typeof value === 'string' && value.length <= longestText) return value;
  if (field.startsWith('attributes.')) {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw bad(at, `must be a number, a boolean or text of at most ${longestText} characters`);
  }
  throw bad(at, `must be text of at most ${longestText} characters`);
};

const onlyKeys = (keys: readonly string[], allowed: readonly string[], at: string): void => {
  const other = keys.find((key) => !allowed.includes(key));
  if (other !== undefined) throw bad(`${at}.${other.slice(0, 64)}`, 'is not part of a rule here');
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bad = (field: string, what: string): DomainError =>
  new DomainError('BAD_INPUT', `${field} ${what}`, field);

const withOffset = /T.*(Z|[+-]\d{2}:?\d{2})$/;

/** What an instant's operand means at a moment, in UTC; undefined when it means nothing. */
export const momentOf = (text: string, now: Instant): Instant | undefined => {
  if (relative.test(text)) {
    const ago = Duration.fromISO(text.slice(1));
    return ago.isValid ? utc(DateTime.fromISO(now, { zone: 'utc' }).minus(ago)) : undefined;
  }
  return withOffset.test(text) ? utc(DateTime.fromISO(text, { zone: 'utc' })) : undefined;
};

const utc = (moment: DateTime): Instant | undefined =>
  moment.isValid ? (moment.toISO() ?? undefined) : undefined;
