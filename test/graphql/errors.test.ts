import { describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { DomainError } from '../../src/domain/errors.ts';
import { isUnexpected, presentError } from '../../src/graphql/errors.ts';
import { checkVariables } from '../../src/commands/variableForm.ts';

const thrown = (originalError: Error) =>
  new GraphQLError(originalError.message, { originalError, path: ['x'] });

describe('an error', () => {
  test('that a rule gave shows its code, its field and its words', () => {
    const error = thrown(new DomainError('NO_ADDRESS', 'no address for sms', 'channel'));
    expect(isUnexpected(error)).toBe(false);
    expect(presentError(error, 'c1')).toEqual({
      message: 'no address for sms',
      path: ['x'],
      extensions: { code: 'NO_ADDRESS', field: 'channel' },
    });
  });

  test('that nobody expected shows nothing but the correlation id', () => {
    const cause = new Error('E11000 duplicate key: ada@example.org');
    const error = thrown(Object.assign(new Error('write failed', { cause }), { password: 'p' }));
    expect(isUnexpected(error)).toBe(true);
    expect(presentError(error, 'c1')).toEqual({
      message: 'something went wrong on our side; our log knows it by the correlation id',
      path: ['x'],
      extensions: { code: 'INTERNAL', correlationId: 'c1' },
    });
  });

  test('of a resolver that broke its own schema is ours, too', () => {
    const error = new GraphQLError('Cannot return null for non-nullable field', { path: ['x'] });
    expect(isUnexpected(error)).toBe(true);
  });

  test('that GraphQL found keeps its words', () => {
    const error = new GraphQLError('Cannot query field "x" on type "Query".');
    expect(presentError(error, undefined)).toEqual({
      message: 'Cannot query field "x" on type "Query".',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });
});

describe('variables', () => {
  test('are JSON, lists and objects among them', () => {
    const variables = { name: 'Ada', age: 36, member: true, items: [{ name: 'Tea', tags: ['x'] }] };
    expect(checkVariables(variables)).toBe(variables);
  });

  test('are five levels deep at most', () => {
    expect(() => checkVariables({ a: [[[[['x']]]]] })).not.toThrow();
    expect(() => checkVariables({ a: [[[[[['x']]]]]] })).toThrow(
      'variables.a.0.0.0.0.0 stands deeper than 5 levels',
    );
  });

  test.each(['__proto__', 'constructor', 'prototype', '$where', 'a.b', ''])(
    'have no name %j, at no depth',
    (name) => {
      const odd = JSON.parse(`{"a":[{${JSON.stringify(name)}:1}]}`) as Record<string, unknown>;
      expect(() => checkVariables(odd)).toThrow("can't be the name of a variable");
    },
  );

  test('weigh at most 512 KB, counted in bytes', () => {
    expect(() => checkVariables({ a: 'ä'.repeat(300_000) })).toThrow('512 KB, not 586 KB');
  });
});
