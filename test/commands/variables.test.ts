import { describe, expect, test } from '@jest/globals';
import { variableProblem } from '../../src/commands/variables.ts';
import type { TemplateContent } from '../../src/domain/template/content.ts';

const saying = (variables: TemplateContent['variables']) => ({ variables });

describe('the variables of a request', () => {
  const content = saying([
    { name: 'code', type: 'string' },
    { name: 'total', type: 'number' },
    { name: 'express', type: 'boolean' },
  ]);
  const good = { code: 'x', total: 0, express: false };

  test('fit when each is there with its type, empty, zero or false as they may be', () => {
    expect(variableProblem(content, good)).toBeUndefined();
    expect(variableProblem(content, { ...good, code: '' })).toBeUndefined();
  });

  test.each([
    [{ total: 1, express: true }, 'MISSING_VARIABLE', 'code'],
    [{ ...good, code: null }, 'MISSING_VARIABLE', 'code'],
    [{ ...good, code: undefined }, 'MISSING_VARIABLE', 'code'],
    [{ ...good, code: 7 }, 'WRONG_VARIABLE_TYPE', 'code'],
    [{ ...good, total: '7' }, 'WRONG_VARIABLE_TYPE', 'total'],
    [{ ...good, total: NaN }, 'WRONG_VARIABLE_TYPE', 'total'],
    [{ ...good, total: Infinity }, 'WRONG_VARIABLE_TYPE', 'total'],
    [{ ...good, express: 'true' }, 'WRONG_VARIABLE_TYPE', 'express'],
    [{ ...good, code: ['x'] }, 'WRONG_VARIABLE_TYPE', 'code'],
    [{ ...good, colour: 'red' }, 'UNKNOWN_VARIABLE', 'colour'],
    [{ ...good, userName: 'Eve' }, 'UNKNOWN_VARIABLE', 'userName'],
  ])('%j are refused: %s %s', (given, code, name) => {
    expect(variableProblem(content, given)).toMatchObject({ code, name });
  });

  test('are never taken from the prototype', () => {
    const inherited = Object.create(good) as Record<string, unknown>;
    expect(variableProblem(content, inherited)?.code).toBe('MISSING_VARIABLE');
    const odd = saying([{ name: 'toString', type: 'string' }]);
    expect(variableProblem(odd, {})?.code).toBe('MISSING_VARIABLE');
  });
});
