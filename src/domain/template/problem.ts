import { DomainError, type ErrorCode } from '../errors.ts';

/** What can be wrong with a template or a layout. Clients rely on these codes: add, never rename. */
export const problemCodes = [
  'SYNTAX_ERROR',
  'UNKNOWN_HELPER',
  'UNKNOWN_VARIABLE',
  'BAD_ARGUMENT',
  'NOT_ALLOWED',
  'BAD_VARIABLE_NAME',
  'WRONG_VARIABLE_TYPE',
  'VARIABLE_MAY_BE_ABSENT',
  'BAD_SCHEMA',
  'NO_CHANNEL',
  'UNESCAPED_HTML',
  'UNSAFE_HTML',
  'UNQUOTED_ATTRIBUTE',
  'BAD_URL',
  'VARIABLE_IN_URL',
  'CONTROL_CHARACTER',
  'NO_POSTAL_ADDRESS',
  'NO_UNSUBSCRIBE_LINK',
  'NOT_FOR_MARKETING',
  'BAD_LOCALE',
  'CHANNEL_NOT_IN_DEFAULT_LOCALE',
  'BAD_DATA_KEY',
  'SMS_TOO_LONG',
  'CANNOT_BE_RENDERED',
  'BAD_MJML',
  'UNKNOWN_LAYOUT',
  'BAD_LAYOUT',
  'TOO_LARGE',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** One thing wrong with a template: where (`channels.email.html`), what it is, in a code and in words. */
export interface Problem {
  readonly code: ProblemCode;
  readonly field: string;
  readonly message: string;
}

/** @throws DomainError with all of them; it names the first */
export const refuseProblems = (code: ErrorCode, problems: readonly Problem[]): void => {
  const [first] = problems;
  if (first) throw new DomainError(code, first.message, first.field, problems);
};
