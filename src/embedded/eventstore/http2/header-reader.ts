/** Puts header blocks together: HEADERS, and the CONTINUATION frames that follow it at once. */
import { ConnectionError, Flag, Reason } from './frames.ts';
import { createHeaderDecoder, type Header } from './hpack.ts';

/** A whole header block, decoded. */
export interface HeaderBlock {
  readonly stream: number;
  readonly endStream: boolean;
  readonly headers: readonly Header[];
}

/** Both return nothing until the block is whole, and throw ConnectionError when it can't be. */
export interface HeaderReader {
  headers(stream: number, flags: number, payload: Buffer): HeaderBlock | undefined;
  continuation(stream: number, flags: number, payload: Buffer): HeaderBlock | undefined;
  /** Whether a block is unfinished, so that nothing else may come. */
  readonly isOpen: () => boolean;
}

/** Of a block, and of the list that it decodes to, in bytes. */
export const MAX_HEADER_LIST = 64 * 1024;
/** Frames that one block may come in. */
const MAX_PARTS = 64;

interface Unfinished {
  readonly stream: number;
  readonly endStream: boolean;
  readonly parts: Buffer[];
  size: number;
}

export function createHeaderReader(): HeaderReader {
  const decoder = createHeaderDecoder(MAX_HEADER_LIST);
  let unfinished: Unfinished | undefined;

  const add = (block: Unfinished, flags: number, part: Buffer): HeaderBlock | undefined => {
    block.parts.push(part);
    block.size += part.length;
    if (block.size > MAX_HEADER_LIST || block.parts.length > MAX_PARTS) {
      throw new ConnectionError(Reason.enhanceYourCalm, 'A header block is too long.');
    }
    if ((flags & Flag.endHeaders) === 0) {
      unfinished = block;
      return undefined;
    }
    unfinished = undefined;
    const { stream, endStream, parts } = block;
    try {
      const headers = decoder.decode(parts.length === 1 ? part : Buffer.concat(parts));
      return { stream, endStream, headers };
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new ConnectionError(Reason.compression, text);
    }
  };

  return {
    isOpen: () => unfinished !== undefined,
    headers(stream, flags, payload) {
      const padded = (flags & Flag.padded) !== 0;
      const start = (padded ? 1 : 0) + ((flags & Flag.priority) === 0 ? 0 : 5);
      const end = payload.length - (padded ? (payload[0] ?? 0) : 0);
      if (start > end) {
        throw new ConnectionError(Reason.protocol, 'A HEADERS frame has more padding than room.');
      }
      const endStream = (flags & Flag.endStream) !== 0;
      return add({ stream, endStream, parts: [], size: 0 }, flags, payload.subarray(start, end));
    },
    continuation(stream, flags, payload) {
      if (unfinished?.stream !== stream) {
        throw new ConnectionError(Reason.protocol, 'A CONTINUATION frame follows nothing.');
      }
      return add(unfinished, flags, payload);
    },
  };
}
