import type { Instant } from '../vocabulary.ts';
import { type Condition, isInstantField, momentOf, type Rule, type Scalar } from './rule.ts';

/** What a rule may ask of a user. */
export interface UserFacts {
  readonly locale: string;
  readonly timezone: string;
  readonly attributes: Readonly<Record<string, Scalar>>;
  readonly registeredAt: Instant;
  readonly lastNotifiedAt?: Instant;
}

/** Whether a rule holds for a user at a moment. */
export const matches = (rule: Rule, facts: UserFacts, now: Instant): boolean => {
  if ('all' in rule) return rule.all.every((part) => matches(part, facts, now));
  if ('any' in rule) return rule.any.some((part) => matches(part, facts, now));
  if ('not' in rule) return !matches(rule.not, facts, now);
  return holds(rule, factOf(rule, facts), now);
};

const attributePrefix = 'attributes.';

const factOf = ({ field }: Condition, facts: UserFacts): Scalar | undefined => {
  switch (field) {
    case 'locale':
    case 'timezone':
    case 'registeredAt':
    case 'lastNotifiedAt':
      return facts[field];
    default: {
      const name = field.slice(attributePrefix.length);
      return Object.hasOwn(facts.attributes, name) ? facts.attributes[name] : undefined;
    }
  }
};

const holds = (
  { field, op, value }: Condition,
  fact: Scalar | undefined,
  now: Instant,
): boolean => {
  const values = [value].flat() as readonly Scalar[];
  const [first] = values;
  const operand = isInstantField(field) && op !== 'exists' ? momentOf(String(first), now) : first;
  switch (op) {
    case 'exists':
      return (fact !== undefined) === first;
    case 'eq':
    case 'in':
      return fact !== undefined && values.includes(fact);
    case 'ne':
    case 'notIn':
      return fact === undefined || !values.includes(fact);
    case 'startsWith':
      return typeof fact === 'string' && fact.startsWith(String(operand));
    case 'gt':
      return compare(fact, operand) > 0;
    case 'gte':
      return compare(fact, operand) >= 0;
    case 'lt':
      return compare(fact, operand) < 0;
    case 'lte':
      return compare(fact, operand) <= 0;
  }
};

/** NaN for what can't be compared; text in the order of its UTF-8 bytes, as MongoDB has it. */
const compare = (a: Scalar | undefined, b: Scalar | undefined): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return NaN;
};
