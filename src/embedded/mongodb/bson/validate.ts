import { skip } from './skip.ts';
import { types } from './values.ts';

/** How deep documents may nest, as in MongoDB. */
const maxDepth = 180;

/** A reason why the bytes at `start` are not one well-formed document that ends by `limit`, or undefined. */
export function invalidBson(
  buffer: Buffer,
  start: number,
  limit: number,
  depth = 0,
): string | undefined {
  if (depth > maxDepth) return `documents nest deeper than ${maxDepth}`;
  if (start + 5 > limit) return 'a document is shorter than 5 bytes';
  const end = start + buffer.readInt32LE(start);
  if (end < start + 5 || end > limit) return 'a document has a wrong length';
  if (buffer[end - 1] !== 0) return 'a document does not end in a zero byte';
  let at = start + 4;
  while (at < end - 1) {
    const type = buffer[at] as number;
    let key = at + 1;
    while (key < end && buffer[key] !== 0) key++;
    const value = key + 1;
    if (value >= end && type !== types.null) return 'an element is cut off';
    const reason = invalidValue(buffer, type, value, end - 1, depth);
    if (reason !== undefined) return reason;
    at = skip(buffer, type, value);
  }
  return at === end - 1 ? undefined : 'an element reaches beyond its document';
}

function invalidValue(
  buffer: Buffer,
  type: number,
  at: number,
  limit: number,
  depth: number,
): string | undefined {
  const need = fixed.get(type);
  if (need === undefined) return `a value has the unknown type ${type}`;
  if (at + need > limit) return 'a value is cut off';
  switch (type) {
    case types.object:
    case types.array:
      return invalidBson(buffer, at, limit, depth + 1);
    case types.string:
    case types.code:
    case types.symbol: {
      const length = buffer.readInt32LE(at);
      if (length < 1 || at + 4 + length > limit) return 'a string has a wrong length';
      return buffer[at + 3 + length] === 0 ? undefined : 'a string does not end in a zero byte';
    }
    case types.binary:
    case types.dbPointer:
    case types.codeWithScope: {
      const length = buffer.readInt32LE(at);
      return length < 0 || at + length > limit || skip(buffer, type, at) > limit
        ? 'a value has a wrong length'
        : undefined;
    }
    case types.regex: {
      const middle = buffer.indexOf(0, at);
      const last = middle < 0 ? -1 : buffer.indexOf(0, middle + 1);
      return last < 0 || last >= limit ? 'a regular expression is cut off' : undefined;
    }
    default:
      return undefined;
  }
}

/** The least number of bytes a value of each type takes. */
const fixed = new Map<number, number>([
  [types.double, 8],
  [types.string, 5],
  [types.object, 5],
  [types.array, 5],
  [types.binary, 5],
  [types.undefined, 0],
  [types.objectId, 12],
  [types.boolean, 1],
  [types.date, 8],
  [types.null, 0],
  [types.regex, 2],
  [types.dbPointer, 17],
  [types.code, 5],
  [types.symbol, 5],
  [types.codeWithScope, 14],
  [types.int32, 4],
  [types.timestamp, 8],
  [types.int64, 8],
  [types.decimal, 16],
  [types.maxKey, 0],
  [types.minKey, 0],
]);
