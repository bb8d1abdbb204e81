import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { DomainError } from '../domain/errors.ts';

/** Codes of errors that GraphQL itself finds, beside the domain's. */
const protocolCodes: Readonly<Record<string, string>> = {
  BAD_USER_INPUT: 'BAD_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_INPUT',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_INPUT',
  BAD_REQUEST: 'BAD_INPUT',
  INTERNAL_SERVER_ERROR: 'INTERNAL',
};

/** Whether an error is ours to explain: neither the caller's mistake nor a rule. */
export const isUnexpected = (error: GraphQLError): boolean => {
  if (isCoercion(error) || domainErrorIn(error)) return false;
  const code = error.extensions.code;
  if (typeof code === 'string') return (protocolCodes[code] ?? code) === 'INTERNAL';
  // Found while executing (it has a path) or thrown by something that is not GraphQL.
  return error.path !== undefined || rootOf(error) !== error;
};

/** What was thrown at the bottom of an error. */
export const rootOf = (error: Error): Error => {
  const inner = error instanceof GraphQLError ? error.originalError : undefined;
  return inner ? rootOf(inner) : error;
};

/**
 * An error as a client may see it: a stable code, the field to blame where there is one, never a stack
 * or the text of a driver (facts Q8).
 *
 * @param correlationId names an unexpected error in our log
 */
export const presentError = (
  error: GraphQLError,
  correlationId: string | undefined,
): GraphQLFormattedError => {
  const where = {
    ...(error.locations ? { locations: error.locations } : {}),
    ...(error.path ? { path: error.path } : {}),
  };
  const refused = domainErrorIn(error);
  if (refused) {
    const { code, field, message, problems } = refused;
    const about = {
      ...(field === undefined ? {} : { field }),
      ...(problems === undefined ? {} : { problems }),
    };
    return { message, ...where, extensions: { code, ...about } };
  }
  if (isUnexpected(error)) {
    const id = correlationId === undefined ? {} : { correlationId };
    return { message: unexpectedMessage, ...where, extensions: { code: 'INTERNAL', ...id } };
  }
  const field = fieldIn(error);
  return {
    message: withoutValue(error.message),
    ...where,
    extensions: { code: codeOf(error), ...(field === undefined ? {} : { field }) },
  };
};

export const unexpectedMessage =
  'something went wrong on our side; our log knows it by the correlation id';

const domainErrorIn = (error: GraphQLError): DomainError | undefined => {
  const root = rootOf(error);
  return root instanceof DomainError ? root : undefined;
};

const codeOf = (error: GraphQLError): string => {
  const code = error.extensions.code;
  if (isCoercion(error)) return 'BAD_INPUT';
  return typeof code === 'string' ? (protocolCodes[code] ?? code) : 'GRAPHQL_VALIDATION_FAILED';
};

const isCoercion = ({ nodes }: GraphQLError): boolean =>
  nodes?.length === 1 && nodes[0]?.kind === Kind.VARIABLE_DEFINITION;

/** A variable's coercion error repeats the whole value; the part after it says what is wrong. */
const withoutValue = (message: string): string =>
  /^Variable "\$[^"]*" got invalid value .*?(?: at "([^"]*)")?; (.*)$/s
    .exec(message)
    ?.slice(1)
    .filter((part) => part !== '')
    .join(': ') ?? message;

/** The input field that GraphQL's own message names. */
const fieldIn = ({ message }: GraphQLError): string | undefined => {
  const unknown = /Field "([^"]+)" is not defined by type/.exec(message)?.[1];
  const missing = /Field "([^"]+)" of required type/.exec(message)?.[1];
  const at = / at "[^".]*\.([^"]+)"; /.exec(message)?.[1];
  return unknown ?? missing ?? at;
};
