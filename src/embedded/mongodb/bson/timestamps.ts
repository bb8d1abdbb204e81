import { skip } from './skip.ts';
import { types } from './values.ts';

/**
 * A document as it is inserted: an empty timestamp at its top level becomes the current one, as in MongoDB.
 * `next` gives the timestamps; the bytes are copied only when there is something to fill in.
 */
export function fillTimestamps(raw: Buffer, next: () => bigint): Buffer {
  let filled: Buffer | undefined;
  let at = 4;
  for (let type = raw[at]; type !== 0 && type !== undefined; type = raw[at]) {
    let value = at + 1;
    while (raw[value] !== 0) value++;
    value++;
    if (type === types.timestamp && raw.readBigUInt64LE(value) === 0n && !isId(raw, at)) {
      filled ??= Buffer.from(raw);
      filled.writeBigUInt64LE(next(), value);
    }
    at = skip(raw, type, value);
  }
  return filled ?? raw;
}

function isId(raw: Buffer, at: number): boolean {
  return raw.toString('latin1', at + 1, at + 5) === '_id\0';
}
