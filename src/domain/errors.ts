/** Every refusal that Tidings gives. Clients rely on these codes: add, never rename. */
export const errorCodes = [
  'BAD_INPUT',
  'UNKNOWN_USER',
  'UNKNOWN_TEMPLATE',
  'UNKNOWN_NOTIFICATION',
  'TEMPLATE_ARCHIVED',
  'TEMPLATE_EXISTS',
  'TEMPLATE_INVALID',
  'UNKNOWN_TEMPLATE_VERSION',
  'NOTHING_TO_ROLL_BACK',
  'NO_DRAFT',
  'UNKNOWN_LAYOUT',
  'LAYOUT_INVALID',
  'LAYOUT_ARCHIVED',
  'MISSING_VARIABLE',
  'UNKNOWN_VARIABLE',
  'WRONG_VARIABLE_TYPE',
  'CHANNEL_NOT_IN_TEMPLATE',
  'NO_ADDRESS',
  'BAD_SCHEDULE',
  'IDEMPOTENCY_KEY_REUSED',
  'ID_LOOKS_PERSONAL',
  'USER_EXISTS',
  'UNSUBSCRIBED',
  'REQUIRED_TOPIC',
  'UNKNOWN_SEGMENT',
  'SEGMENT_EXISTS',
  'UNKNOWN_LIST',
  'UNKNOWN_BROADCAST',
  'BROADCAST_ENDED',
  'UNKNOWN_TEXT',
  'TEXT_SETTLED',
  'NOT_CANCELLABLE',
  'NOT_DEAD_LETTERED',
  'NOT_YET_SENT',
  'PAYLOAD_TOO_LARGE',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'CONFLICT',
  'UNAVAILABLE',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** One of several things that are wrong with one input. */
export interface FieldProblem {
  readonly code: string;
  readonly field: string;
  readonly message: string;
}

/** A rule was broken. `field` names the part of the input that is to blame, in the caller's words. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  /** Everything that is wrong, where that is more than the first that is named. */
  readonly problems: readonly FieldProblem[] | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    field?: string,
    problems?: readonly FieldProblem[],
  ) {
    super(message);
    this.name = 'DomainError';
    this.code = code;
    this.field = field;
    this.problems = problems;
  }
}
