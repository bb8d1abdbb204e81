import { describe, expect, test } from '@jest/globals';
import { readLine } from '../../src/commands/listLines.ts';

const read = (value: unknown) =>
  readLine({ line: 7, text: typeof value === 'string' ? value : JSON.stringify(value) });

describe('a line of an uploaded list', () => {
  test('has whatever variables templates have: texts, numbers, lists and objects', () => {
    const variables = {
      name: 'Ada',
      items: [{ title: 'Tea', price: 4.5, tags: ['green', null] }],
      address: { city: 'Bonn', primary: true },
    };
    expect(read({ userId: 'ada', variables })).toEqual({ userId: 'ada', line: 7, variables });
  });

  test.each([
    ['not json', 'BAD_INPUT', undefined],
    ['[1]', 'BAD_INPUT', undefined],
    [{ userId: 'ada', colour: 'red' }, 'BAD_INPUT', undefined],
    [{ variables: {} }, 'BAD_INPUT', 'userId'],
    [{ userId: 'ada@example.org' }, 'ID_LOOKS_PERSONAL', 'userId'],
    [{ userId: 'ada', variables: [] }, 'BAD_INPUT', 'variables'],
    ['{"userId":"ada","variables":{"__proto__":1}}', 'BAD_INPUT', 'variables.__proto__'],
    [{ userId: 'ada', variables: { a: { $gt: 1 } } }, 'BAD_INPUT', 'variables.a.$gt'],
    [{ userId: 'ada', variables: { a: [[[[[[1]]]]]] } }, 'WRONG_VARIABLE_TYPE', undefined],
  ])('%j is refused by its number: %s', (value, code, field) => {
    const refusal = read(value);
    expect(refusal).toMatchObject({ line: 7, code, ...(field === undefined ? {} : { field }) });
    expect(JSON.stringify(refusal)).not.toContain('example.org');
  });
});
