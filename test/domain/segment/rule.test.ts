import { describe, expect, test } from '@jest/globals';
import { matches, type UserFacts } from '../../../src/domain/segment/matches.ts';
import { type Condition, parseRule, type Rule } from '../../../src/domain/segment/rule.ts';
import { refusalOf } from '../../support/spec.ts';

const now = '2027-03-01T12:00:00.000Z';
const ada: UserFacts = {
  locale: 'de-AT',
  timezone: 'Europe/Vienna',
  attributes: { plan: 'gold', logins: 12, beta: true },
  registeredAt: '2027-02-01T00:00:00.000Z',
};
const condition = (field: string, op: string, value: unknown) =>
  parseRule({ field, op, value }) as Condition;

describe('a condition', () => {
  test.each([
    ['locale', 'eq', 'de-AT', true],
    ['locale', 'startsWith', 'de', true],
    ['locale', 'notIn', ['de-AT'], false],
    ['timezone', 'in', ['Europe/Vienna', 'Europe/Berlin'], true],
    ['attributes.plan', 'ne', 'gold', false],
    ['attributes.logins', 'gte', 12, true],
    ['attributes.logins', 'lt', 12, false],
    ['attributes.logins', 'gt', '1', false],
    ['attributes.beta', 'eq', true, true],
    ['attributes.none', 'exists', false, true],
    ['attributes.none', 'eq', 'x', false],
    ['attributes.none', 'ne', 'x', true],
    ['attributes.none', 'lt', 5, false],
    ['attributes.constructor', 'exists', false, true],
    ['registeredAt', 'gte', '-P30D', true],
    ['registeredAt', 'gte', '-P27D', false],
    ['registeredAt', 'lt', '2027-02-01T02:00:00+01:00', true],
    ['lastNotifiedAt', 'exists', false, true],
    ['lastNotifiedAt', 'lt', '-P1D', false],
  ] as const)('%s %s %j is %s', (field, op, value, holds) => {
    expect(matches(condition(field, op, value), ada, now)).toBe(holds);
  });
});

test('rules combine by all, any and not', () => {
  const german: Rule = condition('locale', 'startsWith', 'de');
  const silver: Rule = condition('attributes.plan', 'eq', 'silver');
  expect(matches({ all: [german, { not: silver }] }, ada, now)).toBe(true);
  expect(matches({ all: [german, silver] }, ada, now)).toBe(false);
  expect(matches({ any: [silver, german] }, ada, now)).toBe(true);
  expect(matches({ not: { any: [silver, german] } }, ada, now)).toBe(false);
});

describe('a rule is refused where it is wrong:', () => {
  const deep = (levels: number): unknown =>
    levels === 0 ? { field: 'locale', op: 'eq', value: 'x' } : { not: deep(levels - 1) };
  test.each([
    ['gold', 'rule'],
    [{ all: [] }, 'rule.all'],
    [{ all: [{ field: 'locale', op: 'eq', value: 'x' }], any: [] }, 'rule.any'],
    [{ any: [{ field: 'locale', op: 'like', value: 'x' }] }, 'rule.any.0.op'],
    [{ field: 'email', op: 'eq', value: 'x' }, 'rule.field'],
    [{ field: 'attributes.$where', op: 'eq', value: 'x' }, 'rule.field'],
    [{ field: 'attributes.a.b', op: 'eq', value: 'x' }, 'rule.field'],
    [{ field: 'attributes.a', op: 'eq', value: { $gt: '' } }, 'rule.value'],
    [{ field: 'attributes.a', op: 'in', value: [] }, 'rule.value'],
    [{ field: 'attributes.a', op: 'exists', value: 'yes' }, 'rule.value'],
    [{ field: 'locale', op: 'eq', value: 5 }, 'rule.value'],
    [{ field: 'locale', op: 'startsWith', value: 'x'.repeat(257) }, 'rule.value'],
    [{ field: 'registeredAt', op: 'gt', value: 'yesterday' }, 'rule.value'],
    [{ field: 'registeredAt', op: 'gt', value: '2027-02-31T00:00:00Z' }, 'rule.value'],
    [{ field: 'registeredAt', op: 'gt', value: '2027-02-01T00:00:00' }, 'rule.value'],
    [{ field: 'registeredAt', op: 'eq', value: '-P1D' }, 'rule.op'],
    [{ field: 'registeredAt', op: 'in', value: ['-P1D'] }, 'rule.op'],
    [{ not: { field: 'locale', op: 'eq', value: 'x', or: 1 } }, 'rule.not.or'],
    [deep(5), 'rule.not.not.not.not.not'],
    [
      { any: Array.from({ length: 51 }, () => ({ field: 'locale', op: 'eq', value: 'x' })) },
      'rule',
    ],
  ])('%j in %s', (input, field) => {
    const refusal = refusalOf(() => parseRule(input));
    expect([refusal.code, refusal.field]).toEqual(['BAD_INPUT', field]);
  });
});
