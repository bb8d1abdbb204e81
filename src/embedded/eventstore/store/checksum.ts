/** Guards an event's row: its bytes and the numbers that it is found by. */
import { crc32 } from 'node:zlib';

/** CRC-32 of the record, seeded with where the record belongs. */
export const checksumOf = (
  record: Uint8Array,
  position: number,
  stream: number,
  revision: number,
): number =>
  crc32(record, (Math.imul(position, 31) ^ Math.imul(stream, 17) ^ Math.trunc(revision)) >>> 0);
