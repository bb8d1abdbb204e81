/** Cuts the bytes of a connection into frames. */
import { ConnectionError, DEFAULT_FRAME_SIZE, FRAME_HEADER, PREFACE, Reason } from './frames.ts';

/** The payload is a view of the bytes read. False stops the reading for good. */
export type OnFrame = (type: number, flags: number, stream: number, payload: Buffer) => boolean;

/** The function it returns throws ConnectionError when the bytes are no HTTP/2. */
export function createFrameReader(onFrame: OnFrame): (chunk: Buffer) => void {
  let kept: Buffer | undefined;
  let prefaced = false;

  const skipPreface = (bytes: Buffer): boolean => {
    const length = Math.min(bytes.length, PREFACE.length);
    if (PREFACE.compare(bytes, 0, length, 0, length) !== 0) {
      throw new ConnectionError(Reason.protocol, 'The connection does not start as HTTP/2 does.');
    }
    prefaced = length === PREFACE.length;
    return prefaced;
  };

  return (chunk) => {
    const bytes = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
    kept = bytes;
    let at = 0;
    if (!prefaced) {
      if (!skipPreface(bytes)) return;
      at = PREFACE.length;
    }
    while (bytes.length - at >= FRAME_HEADER) {
      const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      if (length > DEFAULT_FRAME_SIZE) {
        throw new ConnectionError(Reason.frameSize, `A frame of ${length} bytes is too large.`);
      }
      const start = at + FRAME_HEADER;
      if (bytes.length - start < length) break;
      const stream =
        (((bytes[at + 5] ?? 0) & 0x7f) << 24) |
        ((bytes[at + 6] ?? 0) << 16) |
        ((bytes[at + 7] ?? 0) << 8) |
        (bytes[at + 8] ?? 0);
      const payload = bytes.subarray(start, start + length);
      at = start + length;
      if (!onFrame(bytes[start - 6] ?? 0, bytes[start - 5] ?? 0, stream, payload)) return;
    }
    kept = at === bytes.length ? undefined : bytes.subarray(at);
  };
}
