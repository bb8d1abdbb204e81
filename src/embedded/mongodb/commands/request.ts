import { Arr, Doc } from '../bson/document.ts';
import { parseVariables } from '../aggregate/variables.ts';
import type { Variables } from '../aggregate/expressions.ts';
import { isNumber, truthy, typeName, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { codes, CommandError, typeMismatch, unsupported } from '../errors.ts';

/** A command as it came over the wire. */
export interface Request {
  readonly command: string;
  readonly db: string;
  readonly body: Doc;
  /** Document sequences of the message, by name. */
  readonly sequences: ReadonlyMap<string, readonly Doc[]>;
}

/** A command from its body: its name is its first field. */
export function toRequest(body: Doc, sequences: ReadonlyMap<string, readonly Doc[]>): Request {
  const first = body.fields().keys().next();
  const db = body.get('$db');
  return {
    command: first.done ? '' : first.value,
    db: typeof db === 'string' ? db : 'admin',
    body,
    sequences,
  };
}

/** The documents of an argument, whether they came as a sequence or as an array. */
export function documentsOf(request: Request, name: string): readonly Doc[] {
  const sequence = request.sequences.get(name);
  if (sequence) return sequence;
  const value = request.body.get(name);
  if (value === undefined) throw missingField(request, name);
  if (!(value instanceof Arr)) throw wrongType(request, name, value, 'array');
  return value.items().map((item) => {
    if (item instanceof Doc) return item;
    throw wrongType(request, name, item, 'object');
  });
}

/** The collection's name: the value of the command's first field. */
export function collectionName(request: Request): string {
  const name = request.body.get(request.command);
  if (typeof name !== 'string') {
    throw new CommandError(
      codes.InvalidNamespace,
      `collection name has invalid type ${typeName(name)}`,
    );
  }
  checkName(request.db, name);
  return name;
}

/** Refuses names that MongoDB refuses. */
export function checkName(db: string, name: string): void {
  const bad =
    name === '' ||
    name.startsWith('.') ||
    name.endsWith('.') ||
    name.includes('$') ||
    name.includes('\0') ||
    db === '' ||
    /[/\\. "$\0]/.test(db);
  if (bad) {
    throw new CommandError(codes.InvalidNamespace, `Invalid namespace specified '${db}.${name}'`);
  }
  if (name.startsWith('system.')) throw unsupported(`the collection '${name}'`);
}

/** A boolean argument; a number counts as one. */
export function flagOf(doc: Doc, name: string, otherwise: boolean): boolean {
  const value = doc.get(name);
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'boolean' || isNumber(value)) return truthy(value);
  throw typeMismatch(
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected types '[bool, long, int, decimal, double]'`,
  );
}

/** The variables of a `let`. */
export function variablesOf(doc: Doc): Variables {
  return parseVariables(documentOf(doc, 'let'));
}

/** A whole number that isn't negative. */
export function countOf(doc: Doc, name: string): number | undefined {
  const value = doc.get(name);
  if (value === undefined || value === null) return undefined;
  const number = wholeNumber(value);
  if (number === undefined)
    throw typeMismatch(`BSON field '${name}' is the wrong type '${typeName(value)}'`);
  if (number < 0) {
    throw new CommandError(
      51024,
      `BSON field '${name}' value must be >= 0, actual value '${number}'`,
    );
  }
  return number;
}

/** A document argument; missing is an empty one. */
export function documentOf(doc: Doc, name: string): Doc {
  const value = doc.get(name);
  if (value === undefined) return Doc.of();
  if (value instanceof Doc) return value;
  throw typeMismatch(
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected type 'object'`,
  );
}

/** A `hint`: an index's name or key. */
export function hintOf(doc: Doc): string | Doc | undefined {
  const value = doc.get('hint');
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (!(value instanceof Doc))
    throw new CommandError(codes.FailedToParse, 'Hint must be a string or an object');
  const natural = value.get('$natural');
  if (natural !== undefined && wholeNumber(natural) !== 1) {
    throw unsupported('a $natural hint other than 1');
  }
  return value.size === 0 ? undefined : value;
}

/** The refusal of a command without an argument that it needs. */
export function missingField(request: Request, name: string): CommandError {
  return new CommandError(
    codes.MissingField,
    `BSON field '${request.command}.${name}' is missing but a required field`,
  );
}

/** The refusal of an argument of another type. */
export function wrongType(
  request: Request,
  name: string,
  value: Value,
  wanted: string,
): CommandError {
  return typeMismatch(
    `BSON field '${request.command}.${name}' is the wrong type '${typeName(value)}', expected type '${wanted}'`,
  );
}

/** The statements of a write command: 1 to 100,000, as in MongoDB. */
export function statementsOf(request: Request, name: string): readonly Doc[] {
  const statements = documentsOf(request, name);
  if (statements.length >= 1 && statements.length <= 100_000) return statements;
  throw new CommandError(
    codes.InvalidLength,
    `Write batch sizes must be between 1 and 100000. Got ${statements.length} operations.`,
  );
}
