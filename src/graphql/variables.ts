import { DomainError } from '../domain/errors.ts';

/** The most that the variables of one notification may weigh, in bytes of UTF-8. */
export const largestVariables = 512 * 1024;

/**
 * Variables as they may come in: an object of strings, numbers and booleans. Which of them a template
 * wants is the command's to check.
 *
 * @throws DomainError WRONG_VARIABLE_TYPE naming the variable, PAYLOAD_TOO_LARGE naming the limit
 */
export const checkVariables = (
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => {
  let bytes = 0;
  for (const [name, value] of Object.entries(variables)) {
    const field = `variables.${name.slice(0, 64)}`;
    if (typeof value === 'object' && value !== null) {
      throw new DomainError(
        'WRONG_VARIABLE_TYPE',
        `${field} must be a string, a number or a boolean, not ${Array.isArray(value) ? 'a list' : 'an object'}`,
        field,
      );
    }
    bytes += Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : 8);
  }
  if (bytes > largestVariables) {
    throw new DomainError(
      'PAYLOAD_TOO_LARGE',
      `the variables of a notification may weigh ${largestVariables / 1024} KB, not ${Math.ceil(bytes / 1024)} KB`,
      'variables',
    );
  }
  return variables;
};
