import type { Logger } from 'pino';
import { DomainError, type ErrorCode } from '../domain/errors.ts';
import { unexpectedMessage } from '../graphql/errors.ts';

/** Codes of the HTTP edge itself, beside the domain's. */
export type EdgeCode =
  ErrorCode | 'NOT_FOUND' | 'METHOD_NOT_ALLOWED' | 'UNSUPPORTED_MEDIA_TYPE' | 'INTERNAL';

/** What every error of the REST surface says. */
export interface ErrorBody {
  readonly error: {
    readonly code: EdgeCode;
    readonly message: string;
    readonly field?: string;
    readonly correlationId?: string;
  };
}

export interface HttpError {
  readonly status: number;
  readonly body: ErrorBody;
}

const statuses: Readonly<Record<ErrorCode, number>> = {
  BAD_INPUT: 400,
  ID_LOOKS_PERSONAL: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  UNKNOWN_USER: 404,
  UNKNOWN_TEMPLATE: 404,
  UNKNOWN_NOTIFICATION: 404,
  UNKNOWN_TEMPLATE_VERSION: 404,
  UNKNOWN_SEGMENT: 404,
  UNKNOWN_LIST: 404,
  UNKNOWN_BROADCAST: 404,
  UNKNOWN_LAYOUT: 404,
  NO_DRAFT: 409,
  NOTHING_TO_ROLL_BACK: 409,
  TEMPLATE_EXISTS: 409,
  USER_EXISTS: 409,
  UNSUBSCRIBED: 409,
  REQUIRED_TOPIC: 409,
  SEGMENT_EXISTS: 409,
  BROADCAST_ENDED: 409,
  UNKNOWN_TEXT: 404,
  TEXT_SETTLED: 409,
  NOT_CANCELLABLE: 409,
  NOT_DEAD_LETTERED: 409,
  NOT_YET_SENT: 409,
  CONFLICT: 409,
  TEMPLATE_ARCHIVED: 410,
  LAYOUT_ARCHIVED: 410,
  PAYLOAD_TOO_LARGE: 413,
  TEMPLATE_INVALID: 422,
  LAYOUT_INVALID: 422,
  MISSING_VARIABLE: 422,
  UNKNOWN_VARIABLE: 422,
  WRONG_VARIABLE_TYPE: 422,
  CHANNEL_NOT_IN_TEMPLATE: 422,
  NO_ADDRESS: 422,
  BAD_SCHEDULE: 422,
  // As the IETF draft on the Idempotency-Key header wants it.
  IDEMPOTENCY_KEY_REUSED: 422,
  UNAVAILABLE: 503,
};

export const httpError = (
  status: number,
  code: EdgeCode,
  message: string,
  field?: string,
): HttpError => ({
  status,
  body: { error: { code, message, ...(field === undefined ? {} : { field }) } },
});

/** An error that Fastify or one of its parsers throws, as far as it is read here. */
interface Thrown extends Error {
  readonly statusCode?: number;
  readonly code?: string;
}

/** Turns what was thrown into what the caller is told; what is our fault goes to the log. */
export type ErrorMapper = (
  thrown: unknown,
  where: { readonly route: string; readonly bodyLimit: number; readonly correlationId: string },
) => HttpError;

export const createErrorMapper =
  (logger: Logger): ErrorMapper =>
  (thrown, { route, bodyLimit, correlationId }) => {
    if (thrown instanceof DomainError) {
      return httpError(statuses[thrown.code], thrown.code, thrown.message, thrown.field);
    }
    const error: Thrown = thrown instanceof Error ? thrown : new Error('something else was thrown');
    if (error.statusCode === 413) {
      const most = `${Math.round(bodyLimit / 1024)} KB`;
      return httpError(413, 'PAYLOAD_TOO_LARGE', `the body may have at most ${most}`);
    }
    if (error.statusCode === 415) {
      return httpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'send application/json');
    }
    if (error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' || error instanceof SyntaxError) {
      return httpError(400, 'BAD_INPUT', 'the body is not valid JSON');
    }
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return httpError(error.statusCode, 'BAD_INPUT', error.message);
    }
    if (error.statusCode === 503) {
      return httpError(503, 'UNAVAILABLE', 'the server is stopping');
    }
    logger.error({ route, correlationId, error: loggable(error) }, 'a request failed');
    return {
      status: 500,
      body: { error: { code: 'INTERNAL', message: unexpectedMessage, correlationId } },
    };
  };

/** Name, message and stack, nothing that a library hung on the error (facts N5). */
export const loggable = (error: Error): Readonly<Record<string, unknown>> => ({
  name: error.name,
  message: error.message,
  stack: error.stack,
  ...(error.cause instanceof Error ? { cause: loggable(error.cause) } : {}),
});
