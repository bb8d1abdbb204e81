import { Doc } from '../bson/document.ts';
import { Int32, truthy, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { codes, CommandError, typeMismatch, unsupported } from '../errors.ts';
import { compileFilter } from '../filter/match.ts';
import type { Matcher } from '../filter/match.ts';
import { parseFilter } from '../filter/parse.ts';
import type { Filter } from '../filter/ast.ts';
import { refusal } from '../known.ts';
import { position } from '../filter/path.ts';
import { keyText } from '../order/keystring.ts';

/** One field of an index key. */
export interface IndexField {
  readonly name: string;
  readonly path: readonly string[];
  readonly descending: boolean;
}

/** What an index is, without where it is stored. */
export interface IndexSpec {
  readonly name: string;
  readonly fields: readonly IndexField[];
  readonly key: Doc;
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly hidden: boolean;
  /** A document is in the index only when it matches. */
  readonly partial:
    { readonly doc: Doc; readonly filter: Filter; readonly matches: Matcher } | undefined;
  /** Seconds after the field's date when a document goes. */
  readonly expireAfterSeconds: number | undefined;
}

const carried = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'hidden',
  'partialFilterExpression',
  'expireAfterSeconds',
  'background',
  'ns',
]);

/** Parses an index specification as `createIndexes` takes it. */
export function parseIndexSpec(spec: Doc): IndexSpec {
  for (const [option, value] of spec.fields()) {
    if (!carried.has(option)) throw refusal('indexOption', option);
    if (option === 'hidden' && truthy(value)) throw unsupported('a hidden index');
  }
  const key = spec.get('key');
  if (!(key instanceof Doc) || key.size === 0) {
    throw new CommandError(codes.CannotCreateIndex, 'Index keys cannot be empty.');
  }
  const fields = [...key.fields()].map(([name, direction]) => indexField(name, direction));
  const name = spec.get('name') ?? defaultName(key);
  if (typeof name !== 'string') throw typeMismatch('The index name must be a string');
  const expire = spec.get('expireAfterSeconds');
  const partial = spec.get('partialFilterExpression');
  const sparse = truthy(spec.get('sparse'));
  if (sparse && partial !== undefined) {
    throw new CommandError(
      codes.CannotCreateIndex,
      'cannot mix "partialFilterExpression" and "sparse" options',
    );
  }
  return {
    name,
    fields,
    key,
    unique: truthy(spec.get('unique')) || name === '_id_',
    sparse,
    hidden: false,
    partial: partial === undefined ? undefined : partialFilter(partial),
    expireAfterSeconds: expire === undefined ? undefined : expiry(expire, fields),
  };
}

function indexField(name: string, direction: Value): IndexField {
  if (typeof direction === 'string') throw unsupported(`a '${direction}' index`);
  const order = typeof direction === 'number' ? Math.trunc(direction) : wholeNumber(direction);
  if (order === undefined || order === 0) {
    throw new CommandError(codes.CannotCreateIndex, 'Values in the index key pattern cannot be 0.');
  }
  const path = name.split('.');
  if (path.some((part) => part.startsWith('$'))) {
    throw unsupported(`the index field '${name}'`, codes.CannotCreateIndex);
  }
  if (path.includes('')) {
    throw new CommandError(codes.CannotCreateIndex, 'Index keys cannot contain an empty field.');
  }
  if (path.some((part, i) => i > 0 && position(part) >= 0)) {
    throw unsupported(`an index on an array position ('${name}')`);
  }
  return { name, path, descending: order < 0 };
}

function defaultName(key: Doc): string {
  return [...key.fields()]
    .map(([field, direction]) => `${field}_${String(wholeNumber(direction) ?? '1')}`)
    .join('_');
}

function partialFilter(value: Value): IndexSpec['partial'] {
  if (!(value instanceof Doc)) {
    throw new CommandError(
      codes.CannotCreateIndex,
      '"partialFilterExpression" for an index must be a document',
    );
  }
  const filter = parseFilter(value);
  return { doc: value, filter, matches: compileFilter(filter) };
}

function expiry(value: Value, fields: readonly IndexField[]): number {
  const seconds = wholeNumber(value) ?? (typeof value === 'number' ? Math.trunc(value) : undefined);
  if (seconds === undefined || seconds < 0 || seconds > 2_147_483_647) {
    throw new CommandError(
      codes.CannotCreateIndex,
      'TTL index expireAfterSeconds must be a number from 0 to 2147483647',
    );
  }
  if (fields.length !== 1 || fields[0]?.name === '_id') {
    throw new CommandError(
      codes.CannotCreateIndex,
      'TTL indexes are single-field indexes, compound indexes and _id do not support TTL.',
    );
  }
  return seconds;
}

/** The specification as `listIndexes` answers it. */
export function describeIndex(spec: IndexSpec): Doc {
  const fields: [string, Value][] = [
    ['v', new Int32(2)],
    ['key', spec.key],
    ['name', spec.name],
  ];
  if (spec.unique && spec.name !== '_id_') fields.push(['unique', true]);
  if (spec.sparse) fields.push(['sparse', true]);
  if (spec.partial) fields.push(['partialFilterExpression', spec.partial.doc]);
  if (spec.expireAfterSeconds !== undefined) {
    fields.push(['expireAfterSeconds', new Int32(spec.expireAfterSeconds)]);
  }
  return Doc.of(fields);
}

/** Whether two specifications are the same index, names apart. */
export function sameIndex(a: IndexSpec, b: IndexSpec): boolean {
  const parts = (spec: IndexSpec): string =>
    [...describeIndex(spec).fields()]
      .filter(([field]) => field !== 'name')
      .map(([field, value]) => `${field}:${keyText(value)}`)
      .join();
  return parts(a) === parts(b);
}
