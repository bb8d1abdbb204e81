import { Arr, Doc } from '../bson/document.ts';
import { wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { badValue, codes, CommandError, unsupported } from '../errors.ts';
import type { Request } from './request.ts';

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
    'collation let arrayFilters min max returnKey showRecordId tailable awaitData noCursorTimeout ' +
    'allowPartialResults collation explain validator validationLevel validationAction capped size timeseries ' +
    'viewOn pipeline clusteredIndex changeStreamPreAndPostImages storageEngine indexOptionDefaults ' +
    'encryptedFields bypassEmptyTsReplacement commitQuorum isMapReduceCommand rawData'
  ).split(' '),
);

/** Whether an option that isn't carried is given the value that changes nothing. */
function isNeutral(name: string, value: Value): boolean {
  if (switches.has(name)) return value === false;
  if (!(value instanceof Doc)) return name === 'arrayFilters' && isEmptyArray(value);
  if (name === 'collation') return value.size === 0 || value.get('locale') === 'simple';
  return (name === 'min' || name === 'max') && value.size === 0;
}

const switches = new Set('returnKey showRecordId tailable awaitData capped rawData'.split(' '));

function isEmptyArray(value: Value): boolean {
  return value instanceof Arr && value.items().length === 0;
}

/** Refuses options that aren't carried, rather than ignoring them, and a statement without what it needs. */
export function checkOptions(
  doc: Doc,
  allowed: ReadonlySet<string>,
  where: string,
  required: readonly string[] = [],
): void {
  const fields = doc.fields();
  for (const name of required) {
    if (fields.has(name)) continue;
    throw new CommandError(
      codes.MissingField,
      `BSON field '${where}.${name}' is missing but a required field`,
    );
  }
  for (const [name, value] of fields) {
    if (allowed.has(name) || (known.has(name) && isNeutral(name, value))) continue;
    if (known.has(name)) throw unsupported(`the option '${name}' of ${where}`);
    throw new CommandError(
      codes.UnknownField,
      `BSON field '${where}.${name}' is an unknown field.`,
    );
  }
}

const maxTime = 0x7fff_ffff;

/** Read concerns that mean the same on a single node that answers after its commits. */
const levels = new Set<Value>(['local', 'available', 'majority', 'linearizable']);

/** Checks a command's own options and what all commands share. */
export function checkCommand(request: Request, allowed: readonly string[]): void {
  const { body } = request;
  for (const [name, value] of body.fields()) {
    if (generic.has(name) || name === request.command || allowed.includes(name)) continue;
    if (known.has(name) && isNeutral(name, value)) continue;
    if (name === 'startTransaction' || name === 'autocommit') {
      throw unsupported('a transaction', codes.OperationNotSupportedInTransaction);
    }
    if (known.has(name)) throw unsupported(`the option '${name}' of ${request.command}`);
    throw new CommandError(
      codes.UnknownField,
      `BSON field '${request.command}.${name}' is an unknown field.`,
    );
  }
  const time = body.get('maxTimeMS');
  if (time !== undefined) {
    const ms = wholeNumber(time);
    if (ms === undefined || ms < 0 || ms > maxTime) throw badValue('maxTimeMS is out of range');
  }
  const concern = body.get('readConcern');
  const level = concern instanceof Doc ? concern.get('level') : undefined;
  if (level !== undefined && !levels.has(level)) {
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
