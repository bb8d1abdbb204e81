import { describe, expect, test } from '@jest/globals';
import { checkIdentifier } from '../../src/domain/identifiers.ts';
import { refusalOf } from '../support/spec.ts';

const codeOf = (value: string) => {
  const { code, field } = refusalOf(() => checkIdentifier(value, 'userId'));
  expect(field).toBe('userId');
  return code;
};

describe('an id', () => {
  test.each([
    'a',
    '42',
    'user-42',
    '0195b1f0-9d4c-7b6e-8a55-2b1f0c9d4e11',
    'Ada.Ødegård'.normalize('NFKD').replace(/[^A-Za-z0-9.]/g, ''),
    'A_b.c~d-e',
    '123456789',
    'x'.repeat(128),
  ])('may be %j', (value) => {
    expect(checkIdentifier(value, 'userId')).toBe(value);
  });

  test.each(['ada@example.org', 'a@b', '+4915112345678', '4915112345678', '0151-1234-5678'])(
    'must not look personal, as %j does',
    (value) => {
      expect(codeOf(value)).toBe('ID_LOOKS_PERSONAL');
    },
  );

  test.each([
    '',
    ' ',
    '-42',
    '.hidden',
    '$all',
    'two words',
    'new\nline',
    'slash/ed',
    'Ødegård',
    'x'.repeat(129),
    'a\u0000',
  ])('must not be %j', (value) => {
    expect(codeOf(value)).toBe('BAD_INPUT');
  });
});
