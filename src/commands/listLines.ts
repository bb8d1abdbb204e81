import type { RecipientRefusal } from '../domain/broadcast/events.ts';
import { DomainError } from '../domain/errors.ts';
import { checkIdentifier } from '../domain/identifiers.ts';
import type { Variables } from '../domain/vocabulary.ts';
import type { Line } from './lines.ts';
import { checkVariables } from './variableForm.ts';

/** One recipient of an uploaded list. */
export interface ListRow {
  readonly userId: string;
  readonly line: number;
  readonly variables?: Variables;
}

/** The longest line of a list, in characters. */
export const longestListLine = 64 * 1024;

/**
 * Reads one line of an upload, such as `{"userId":"u-1","variables":{"code":"A-17"}}`.
 *
 * @returns the row, or why the line is refused; undefined for a line that is blank
 */
export const readLine = ({ line, text }: Line): ListRow | RecipientRefusal | undefined => {
  if (text?.trim() === '') return undefined;
  try {
    return rowOf(parse(text), line);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, field, message } = error;
    return { line, code, ...(field === undefined ? {} : { field }), reason: message };
  }
};

const parse = (text: string | undefined): Readonly<Record<string, unknown>> => {
  if (text === undefined) {
    throw bad(`the line is longer than ${longestListLine / 1024} KB`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Told below in words of ours: the parser's repeat what the line holds.
  }
  throw bad('the line is not a JSON object');
};

const rowOf = (value: Readonly<Record<string, unknown>>, line: number): ListRow => {
  const { userId, variables, ...rest } = value;
  const [other] = Object.keys(rest);
  if (other !== undefined) throw bad('a line has userId and variables, nothing else');
  // As in the other requests, a number stands for its digits.
  const id = typeof userId === 'number' && Number.isSafeInteger(userId) ? String(userId) : userId;
  if (typeof id !== 'string') throw bad('userId must be text', 'userId');
  checkIdentifier(id, 'userId');
  if (variables === undefined || variables === null) return { userId: id, line };
  return { userId: id, line, variables: checkedVariables(variables) };
};

const checkedVariables = (variables: unknown): Variables => {
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) {
    throw bad('variables must be an object', 'variables');
  }
  return checkVariables(variables as Readonly<Record<string, unknown>>);
};

const bad = (message: string, field?: string): DomainError =>
  new DomainError('BAD_INPUT', message, field);
