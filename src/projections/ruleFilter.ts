import { type Condition, isInstantField, momentOf, type Rule } from '../domain/segment/rule.ts';
import type { Instant } from '../domain/vocabulary.ts';
import type { Filter } from '../readmodels/database.ts';
import type { UserDocument } from './users.ts';

type UserFilter = Filter<UserDocument>;

/** Whether a rule asks for what the users' documents don't hold. */
export const asksForLastNotified = (rule: Rule): boolean => {
  if ('all' in rule) return rule.all.some(asksForLastNotified);
  if ('any' in rule) return rule.any.some(asksForLastNotified);
  if ('not' in rule) return asksForLastNotified(rule.not);
  return rule.field === 'lastNotifiedAt';
};

/**
 * A rule as a filter on the users' documents: exact, unless the rule asks when a user was last notified;
 * then it finds those who may match, and `matches` decides.
 */
export const filterOf = (rule: Rule, now: Instant): UserFilter => compile(rule, now, false) ?? {};

/** Undefined where anybody may match. Negation is carried inward, since "may not match" isn't "not may match". */
const compile = (rule: Rule, now: Instant, negated: boolean): UserFilter | undefined => {
  if ('not' in rule) return compile(rule.not, now, !negated);
  if ('all' in rule || 'any' in rule) {
    const isAll = 'all' in rule;
    const parts = (isAll ? rule.all : rule.any).map((part) => compile(part, now, negated));
    const known = parts.filter((part) => part !== undefined);
    if (isAll === negated) return known.length < parts.length ? undefined : { $or: known };
    return known.length === 0 ? undefined : { $and: known };
  }
  if (rule.field === 'lastNotifiedAt') return undefined;
  const condition = { [pathOf(rule)]: comparison(rule, now) } as UserFilter;
  return negated ? { $nor: [condition] } : condition;
};

const pathOf = ({ field }: Condition): string =>
  field === 'registeredAt' ? field : `state.profile.${field}`;

const comparison = ({ field, op, value }: Condition, now: Instant): object => {
  const operand = isInstantField(field)
    ? new Date(momentOf(String(value), now) ?? Number.NaN)
    : value;
  switch (op) {
    case 'exists':
      return { $exists: value };
    case 'notIn':
      return { $nin: value };
    case 'startsWith':
      return { $regex: `^${String(value).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}` };
    default:
      return { [`$${op}`]: operand };
  }
};
