import { Doc } from './bson/document.ts';
import { Int32 } from './bson/values.ts';
import type { Value } from './bson/values.ts';

/** MongoDB's error codes that this server answers with. */
export const codes = {
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  InvalidLength: 16,
  MaxTimeMSExpired: 50,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  Unauthorized: 13,
  IllegalOperation: 20,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CommandNotSupported: 115,
  UnsatisfiableWriteConcern: 100,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  QueryPlanKilled: 175,
  TransactionTooOld: 225,
  InvalidIndexSpecificationOption: 197,
  OperationNotSupportedInTransaction: 263,
  DuplicateKey: 11000,
  BSONObjectTooLarge: 10334,
  InternalError: 8,
  UnrecognizedStage: 40324,
  UnknownField: 40415,
  MissingField: 40414,
} as const;

const names = new Map<number, string>(Object.entries(codes).map(([name, code]) => [code, name]));

/** An error that is answered to the client, in MongoDB's shape. */
export class CommandError extends Error {
  readonly code: number;
  readonly extra: readonly (readonly [string, Value])[];

  constructor(code: number, message: string, extra: readonly (readonly [string, Value])[] = []) {
    super(message);
    this.code = code;
    this.extra = extra;
  }

  /** The whole reply of a command that failed. */
  reply(): Doc {
    return Doc.of([
      ['ok', 0],
      ['errmsg', this.message],
      ['code', new Int32(this.code)],
      ['codeName', codeName(this.code)],
      ...this.extra,
    ]);
  }
}

/** MongoDB's name of a code; codes without a name are called after their number, as MongoDB does. */
export function codeName(code: number): string {
  return names.get(code) ?? `Location${code}`;
}

const edge = 'is not supported by the embedded server (MongoDB itself supports it)';

/** Something MongoDB can do and this server, on purpose, does not. */
export function unsupported(what: string, code: number = codes.CommandNotSupported): CommandError {
  return new CommandError(code, `${what} ${edge}`);
}

/** A value that MongoDB refuses too. */
export function badValue(message: string): CommandError {
  return new CommandError(codes.BadValue, message);
}

/** A command or operator that doesn't parse. */
export function failedToParse(message: string): CommandError {
  return new CommandError(codes.FailedToParse, message);
}

/** A value of the wrong BSON type. */
export function typeMismatch(message: string): CommandError {
  return new CommandError(codes.TypeMismatch, message);
}

/** The reply for anything that was thrown; what isn't a refusal is this server's own failure. */
export function failureReply(error: Error): Doc {
  if (error instanceof CommandError) return error.reply();
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return new CommandError(
    codes.InternalError,
    `the embedded server failed: ${error.message}${cause}`,
  ).reply();
}
