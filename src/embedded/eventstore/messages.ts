/** The messages of a gRPC stream: five bytes of header, then the message. */
import { Code, GrpcError } from './errors.ts';

/** Largest message taken from a client, in bytes. */
const MAX_MESSAGE = 17 * 1024 * 1024;
const HEADER = 5;

/**
 * Cuts chunks of data into messages without copying those that arrive whole. Throws GrpcError when a
 * message is compressed or too large.
 */
export function createMessageReader(onMessage: (bytes: Buffer) => void): (chunk: Buffer) => void {
  let kept: Buffer[] = [];
  let size = 0;
  let wanted = HEADER;

  const cut = (bytes: Buffer): void => {
    let at = 0;
    while (bytes.length - at >= HEADER) {
      if (bytes[at] !== 0) {
        throw new GrpcError(Code.unimplemented, 'Compressed messages are not supported.');
      }
      const length = bytes.readUInt32BE(at + 1);
      if (length > MAX_MESSAGE) {
        throw new GrpcError(Code.resourceExhausted, `A message of ${length} bytes is too large.`);
      }
      const start = at + HEADER;
      if (bytes.length - start < length) {
        wanted = length + HEADER;
        break;
      }
      onMessage(bytes.subarray(start, start + length));
      at = start + length;
      wanted = HEADER;
    }
    size = bytes.length - at;
    kept = size > 0 ? [bytes.subarray(at)] : [];
  };

  return (chunk) => {
    if (size === 0) {
      cut(chunk);
      return;
    }
    kept.push(chunk);
    size += chunk.length;
    if (size >= wanted) cut(Buffer.concat(kept));
  };
}
