import { types } from './values.ts';

/** The position after the value of `type` that starts at `at`. Throws a RangeError on an unknown type. */
export function skip(buffer: Buffer, type: number, at: number): number {
  switch (type) {
    case types.double:
    case types.date:
    case types.timestamp:
    case types.int64:
      return at + 8;
    case types.int32:
      return at + 4;
    case types.string:
    case types.code:
    case types.symbol:
      return at + 4 + buffer.readInt32LE(at);
    case types.object:
    case types.array:
    case types.codeWithScope:
      return at + buffer.readInt32LE(at);
    case types.binary:
      return at + 5 + buffer.readInt32LE(at);
    case types.objectId:
      return at + 12;
    case types.boolean:
      return at + 1;
    case types.null:
    case types.undefined:
    case types.minKey:
    case types.maxKey:
      return at;
    case types.regex:
      return buffer.indexOf(0, buffer.indexOf(0, at) + 1) + 1;
    case types.dbPointer:
      return at + 16 + buffer.readInt32LE(at);
    case types.decimal:
      return at + 16;
    default:
      throw new RangeError(`unknown BSON type ${type}`);
  }
}
