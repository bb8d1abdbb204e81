import { Arr, Doc } from '../bson/document.ts';
import { truthy, typeName, wholeNumber } from '../bson/values.ts';
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

/** A boolean argument. */
export function flagOf(doc: Doc, name: string, otherwise: boolean): boolean {
  const value = doc.get(name);
  return value === undefined ? otherwise : truthy(value);
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
  return value.size === 0 ? undefined : value;
}

function missingField(request: Request, name: string): CommandError {
  return new CommandError(
    codes.MissingField,
    `BSON field '${request.command}.${name}' is missing but a required field`,
  );
}

function wrongType(request: Request, name: string, value: Value, wanted: string): CommandError {
  return typeMismatch(
    `BSON field '${request.command}.${name}' is the wrong type '${typeName(value)}', expected type '${wanted}'`,
  );
}

/** Fields that every command may carry and that need nothing done on a single node. */
const generic = new Set([
  '$db',
  'lsid',
  'txnNumber',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

const known = new Set(
  (
    'collation let arrayFilters min max returnKey showRecordId tailable awaitData oplogReplay noCursorTimeout ' +
    'allowPartialResults collation explain validator validationLevel validationAction capped size timeseries ' +
    'viewOn pipeline clusteredIndex changeStreamPreAndPostImages storageEngine indexOptionDefaults ' +
    'encryptedFields bypassEmptyTsReplacement commitQuorum isMapReduceCommand rawData'
  ).split(' '),
);

/** Refuses options that aren't carried, rather than ignoring them. */
export function checkOptions(doc: Doc, allowed: ReadonlySet<string>, where: string): void {
  for (const name of doc.fields().keys()) {
    if (allowed.has(name)) continue;
    if (known.has(name)) throw unsupported(`the option '${name}' of ${where}`);
    throw new CommandError(
      codes.UnknownField,
      `BSON field '${where}.${name}' is an unknown field.`,
    );
  }
}

/** Checks a command's own options and what all commands share. */
export function checkCommand(request: Request, allowed: readonly string[]): void {
  const { body } = request;
  for (const name of body.fields().keys()) {
    if (generic.has(name) || name === request.command || allowed.includes(name)) continue;
    if (name === 'startTransaction' || name === 'autocommit') {
      throw unsupported('a transaction', codes.OperationNotSupportedInTransaction);
    }
    if (known.has(name)) throw unsupported(`the option '${name}' of ${request.command}`);
    throw new CommandError(
      codes.UnknownField,
      `BSON field '${request.command}.${name}' is an unknown field.`,
    );
  }
  const concern = body.get('readConcern');
  const level = concern instanceof Doc ? concern.get('level') : undefined;
  if (level !== undefined && level !== 'local' && level !== 'available' && level !== 'majority') {
    throw unsupported(
      `the read concern '${typeof level === 'string' ? level : ''}'`,
      codes.InvalidOptions,
    );
  }
  const write = body.get('writeConcern');
  const w = write instanceof Doc ? write.get('w') : undefined;
  const nodes = wholeNumber(w);
  if (w !== undefined && w !== 'majority' && (nodes === undefined || nodes > 1)) {
    throw new CommandError(
      100,
      'Not enough data-bearing nodes: the embedded server is a single node',
    );
  }
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
