import { DomainError } from './errors.ts';

const opaque = /^[A-Za-z0-9][A-Za-z0-9_.~-]{0,127}$/;
const phoneLike = /^\+?\d[\d.-]{8,}\d$/;

/**
 * Ids become stream names, and a stream name can't be erased (facts G12): letters, digits and `_.~-`,
 * at most 128 characters, and nothing that looks like an email address or a phone number.
 *
 * @throws DomainError ID_LOOKS_PERSONAL, BAD_INPUT
 */
export const checkIdentifier = (value: string, field: string): string => {
  if (value.includes('@') || (phoneLike.test(value) && value.replace(/\D/g, '').length >= 10)) {
    throw new DomainError(
      'ID_LOOKS_PERSONAL',
      `${field} looks like an email address or a phone number; use an opaque id`,
      field,
    );
  }
  if (!opaque.test(value)) {
    throw new DomainError(
      'BAD_INPUT',
      `${field} must be 1 to 128 characters of letters, digits and _.~-, starting with a letter or digit`,
      field,
    );
  }
  return value;
};
