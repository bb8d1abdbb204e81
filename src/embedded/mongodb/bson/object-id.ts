import { randomBytes } from 'node:crypto';
import { ObjectId } from './values.ts';

const unique = randomBytes(5);
let counter = randomBytes(3).readUIntBE(0, 3);

/** A new ObjectId: seconds, a random part of this process, a counter. */
export function newObjectId(): ObjectId {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1000), 0);
  unique.copy(bytes, 4);
  counter = (counter + 1) % 0x100_0000;
  bytes.writeUIntBE(counter, 9, 3);
  return new ObjectId(bytes);
}
