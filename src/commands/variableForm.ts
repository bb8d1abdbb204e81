import { DomainError } from '../domain/errors.ts';
import type { Variables } from '../domain/vocabulary.ts';

/** The most that the variables of one notification may weigh, in bytes of UTF-8. */
export const largestVariables = 512 * 1024;

/** How deep lists and objects may stand in each other (facts N1). */
export const deepestVariables = 5;

const badKey = /^$|^\$|\.|^(__proto__|constructor|prototype)$/;

/**
 * Variables as they may come in: an object of JSON values, not too deep. Which of them a template wants
 * is the command's to check.
 *
 * @throws DomainError BAD_INPUT, WRONG_VARIABLE_TYPE naming the variable, PAYLOAD_TOO_LARGE naming the limit
 */
export const checkVariables = (variables: Readonly<Record<string, unknown>>): Variables => {
  const bytes = weightOf(variables, 'variables', 0);
  if (bytes > largestVariables) {
    throw new DomainError(
      'PAYLOAD_TOO_LARGE',
      `the variables of a notification may weigh ${largestVariables / 1024} KB, not ${Math.ceil(bytes / 1024)} KB`,
      'variables',
    );
  }
  return variables as Variables;
};

const weightOf = (value: unknown, field: string, depth: number): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 8;
  if (depth > deepestVariables) {
    const message = `${field} stands deeper than ${deepestVariables} levels`;
    throw new DomainError('WRONG_VARIABLE_TYPE', message, field);
  }
  let bytes = 0;
  for (const [key, inner] of Object.entries(value)) {
    const place = `${field}.${key.slice(0, 64)}`;
    if (!Array.isArray(value) && badKey.test(key)) {
      throw new DomainError('BAD_INPUT', `${place} can't be the name of a variable`, place);
    }
    bytes +=
      (Array.isArray(value) ? 1 : Buffer.byteLength(key)) + weightOf(inner, place, depth + 1);
  }
  return bytes;
};
