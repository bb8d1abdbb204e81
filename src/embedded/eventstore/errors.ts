/** What the client turns into its typed errors: a gRPC code and trailers (facts, section 4). */

/** gRPC status codes that the server answers with. */
export const Code = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
} as const;

/** An answer other than OK. `trailers` are percent-encoded by the transport. */
export class GrpcError extends Error {
  readonly code: number;
  readonly trailers: Readonly<Record<string, string>>;
  constructor(code: number, message: string, trailers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.trailers = trailers;
  }
}

/** The stored bytes differ from what was written. Reads of them fail; they are never served. */
export class CorruptionError extends Error {}

/** The disk refused a write. Nothing of the append is stored; the client may repeat it. */
export class StorageError extends Error {}

export const invalidArgument = (message: string): GrpcError =>
  new GrpcError(Code.invalidArgument, message);

/** @param current -1 when the stream doesn't exist. */
export const wrongExpectedVersion = (
  stream: string,
  expected: number,
  current: number,
): GrpcError =>
  new GrpcError(
    Code.failedPrecondition,
    `Append failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${current}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(expected),
      ...(current >= 0 ? { 'actual-version': String(current) } : {}),
    },
  );

export const streamDeleted = (stream: string): GrpcError =>
  new GrpcError(Code.failedPrecondition, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const maximumAppendSizeExceeded = (limit: number): GrpcError =>
  new GrpcError(Code.invalidArgument, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });

export const missingMetadata = (property: string): GrpcError =>
  new GrpcError(Code.invalidArgument, `Required Metadata Property '${property}' is missing.`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

const groupTrailers = (exception: string, stream: string, group: string) => ({
  exception,
  'stream-name': stream,
  'group-name': group,
});

export const groupMissing = (stream: string, group: string): GrpcError =>
  new GrpcError(
    Code.notFound,
    `Subscription group ${group} on stream ${stream} does not exist.`,
    groupTrailers('persistent-subscription-does-not-exist', stream, group),
  );

export const groupExists = (stream: string, group: string): GrpcError =>
  new GrpcError(
    Code.alreadyExists,
    `Subscription group ${group} on stream ${stream} exists.`,
    groupTrailers('persistent-subscription-exists', stream, group),
  );

export const groupDropped = (stream: string, group: string): GrpcError =>
  new GrpcError(
    Code.cancelled,
    `Subscription group ${group} on stream ${stream} was dropped.`,
    groupTrailers('persistent-subscription-dropped', stream, group),
  );

export const groupFull = (stream: string, group: string): GrpcError =>
  new GrpcError(
    Code.failedPrecondition,
    `Maximum subscriptions reached for subscription group ${group} on stream ${stream}.`,
    groupTrailers('maximum-subscribers-reached', stream, group),
  );

/** The message of an error, also of one from another realm, which `instanceof` doesn't know. */
export const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);

/** What a thrown value becomes on the wire. */
export function toGrpcError(error: unknown): GrpcError {
  if (error instanceof GrpcError) return error;
  const text = messageOf(error);
  if (error instanceof RangeError) return invalidArgument(text);
  if (error instanceof CorruptionError) return new GrpcError(Code.dataLoss, text);
  if (/malformed|not a database/.test(text)) {
    return new GrpcError(Code.dataLoss, `The event store's file is damaged: ${text}`);
  }
  if (error instanceof StorageError) return new GrpcError(Code.resourceExhausted, text);
  return new GrpcError(Code.unknown, text);
}
