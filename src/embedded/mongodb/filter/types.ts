import { Arr } from '../bson/document.ts';
import { types, wholeNumber } from '../bson/values.ts';
import type { Value } from '../bson/values.ts';
import { badValue } from '../errors.ts';

const numbers = [types.double, types.int32, types.int64, types.decimal];

const aliases = new Map<string, readonly number[]>([
  ['double', [types.double]],
  ['string', [types.string]],
  ['object', [types.object]],
  ['array', [types.array]],
  ['binData', [types.binary]],
  ['undefined', [types.undefined]],
  ['objectId', [types.objectId]],
  ['bool', [types.boolean]],
  ['date', [types.date]],
  ['null', [types.null]],
  ['regex', [types.regex]],
  ['dbPointer', [types.dbPointer]],
  ['javascript', [types.code]],
  ['symbol', [types.symbol]],
  ['javascriptWithScope', [types.codeWithScope]],
  ['int', [types.int32]],
  ['timestamp', [types.timestamp]],
  ['long', [types.int64]],
  ['decimal', [types.decimal]],
  ['minKey', [types.minKey]],
  ['maxKey', [types.maxKey]],
  ['number', numbers],
]);

const known = new Set([...aliases.values()].flat());

/** The BSON type numbers that a `$type` operand names. */
export function parseTypes(operand: Value): ReadonlySet<number> {
  const items = operand instanceof Arr ? operand.items() : [operand];
  if (items.length === 0) throw badValue('$type must match at least one type');
  return new Set(items.flatMap(parseType));
}

function parseType(value: Value): readonly number[] {
  if (typeof value === 'string') {
    const found = aliases.get(value);
    if (!found) throw badValue(`Unknown type name alias: ${value}`);
    return found;
  }
  const number = wholeNumber(value);
  if (number === undefined) throw badValue('type must be represented as a number or a string');
  const type = number === -1 ? types.minKey : number;
  if (!known.has(type)) throw badValue(`Invalid numerical type code: ${number}`);
  return [type];
}
