/** HPACK (RFC 7541): reads header blocks with both tables; writes them without the dynamic one. */
import { decodeHuffman } from './huffman.ts';

export type Header = readonly [name: string, value: string];

/** Largest dynamic table that we keep for a peer, in bytes: the protocol's default. */
const TABLE_SIZE = 4_096;
/** What an entry counts beyond its two texts. */
const ENTRY_OVERHEAD = 32;

// prettier-ignore
const STATIC: readonly Header[] = [
  [':authority', ''], [':method', 'GET'], [':method', 'POST'], [':path', '/'], [':path', '/index.html'],
  [':scheme', 'http'], [':scheme', 'https'], [':status', '200'], [':status', '204'], [':status', '206'],
  [':status', '304'], [':status', '400'], [':status', '404'], [':status', '500'], ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'], ['accept-language', ''], ['accept-ranges', ''], ['accept', ''],
  ['access-control-allow-origin', ''], ['age', ''], ['allow', ''], ['authorization', ''],
  ['cache-control', ''], ['content-disposition', ''], ['content-encoding', ''], ['content-language', ''],
  ['content-length', ''], ['content-location', ''], ['content-range', ''], ['content-type', ''],
  ['cookie', ''], ['date', ''], ['etag', ''], ['expect', ''], ['expires', ''], ['from', ''], ['host', ''],
  ['if-match', ''], ['if-modified-since', ''], ['if-none-match', ''], ['if-range', ''],
  ['if-unmodified-since', ''], ['last-modified', ''], ['link', ''], ['location', ''],
  ['max-forwards', ''], ['proxy-authenticate', ''], ['proxy-authorization', ''], ['range', ''],
  ['referer', ''], ['refresh', ''], ['retry-after', ''], ['server', ''], ['set-cookie', ''],
  ['strict-transport-security', ''], ['transfer-encoding', ''], ['user-agent', ''], ['vary', ''],
  ['via', ''], ['www-authenticate', ''],
];

/** Reads the header blocks of one connection, in order. */
export interface HeaderDecoder {
  /**
   * Throws RangeError when the block is malformed or its list longer than `limit` bytes; the connection
   * can't go on then.
   */
  decode(block: Buffer): readonly Header[];
}

/** @param limit of a decoded list, in bytes, each header counted with 32 more. */
export function createHeaderDecoder(limit: number): HeaderDecoder {
  /** The newest entry first. */
  const table: Header[] = [];
  let tableSize = 0;
  let maxSize = TABLE_SIZE;
  let block: Buffer = Buffer.alloc(0);
  let at = 0;

  const readInteger = (bits: number): number => {
    const mask = (1 << bits) - 1;
    let value = (block[at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = block[at++];
      if (byte === undefined) throw new RangeError('A header block ends within a number.');
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('A number in a header block is too large.');
  };
  const readText = (): string => {
    const first = block[at];
    if (first === undefined) throw new RangeError('A header block ends before a text.');
    const length = readInteger(7);
    const start = at;
    at += length;
    if (at > block.length) throw new RangeError('A header block ends within a text.');
    return first >= 0x80 ? decodeHuffman(block, start, at) : block.toString('latin1', start, at);
  };
  const sizeOf = ([name, value]: Header): number => name.length + value.length + ENTRY_OVERHEAD;
  const evictTo = (size: number): void => {
    while (tableSize > size) {
      const oldest = table.pop();
      if (oldest !== undefined) tableSize -= sizeOf(oldest);
    }
  };
  const remember = (header: Header): void => {
    const size = sizeOf(header);
    evictTo(Math.max(0, maxSize - size));
    if (size > maxSize) return;
    table.unshift(header);
    tableSize += size;
  };
  const entry = (index: number): Header => {
    const found = index <= STATIC.length ? STATIC[index - 1] : table[index - STATIC.length - 1];
    if (found === undefined) throw new RangeError(`A header block refers to entry ${index}.`);
    return found;
  };
  const readLiteral = (bits: number): Header => {
    const index = readInteger(bits);
    const name = index === 0 ? readText() : entry(index)[0];
    return [name, readText()];
  };
  const resize = (): void => {
    const size = readInteger(5);
    if (size > TABLE_SIZE) throw new RangeError(`A header table of ${size} bytes was not allowed.`);
    maxSize = size;
    evictTo(size);
  };

  return {
    decode(bytes) {
      block = bytes;
      at = 0;
      let listSize = 0;
      const headers: Header[] = [];
      while (at < block.length) {
        const first = block[at] ?? 0;
        if (first >= 0x20 && first < 0x40) {
          if (headers.length > 0) throw new RangeError('A header table is resized too late.');
          resize();
          continue;
        }
        let header: Header;
        if (first >= 0x80) header = entry(readInteger(7));
        else if (first >= 0x40) remember((header = readLiteral(6)));
        else header = readLiteral(4);
        listSize += sizeOf(header);
        if (listSize > limit) throw new RangeError(`A header list is longer than ${limit} bytes.`);
        headers.push(header);
      }
      return headers;
    },
  };
}

function putInteger(out: number[], first: number, bits: number, value: number): void {
  const mask = (1 << bits) - 1;
  if (value < mask) {
    out.push(first | value);
    return;
  }
  out.push(first | mask);
  let rest = value - mask;
  for (; rest >= 0x80; rest >>= 7) out.push((rest & 0x7f) | 0x80);
  out.push(rest);
}

/** Resizes the peer's table to nothing: what a block starts with after the peer changed its size. */
export const TABLE_EMPTIED = Buffer.from([0x20]);

/** Encodes headers as literals, which leave the peer's table as it is. */
export function encodeHeaders(headers: readonly Header[]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of headers) {
    const whole = STATIC.findIndex((known) => known[0] === name && known[1] === value);
    const head: number[] = [];
    if (whole >= 0) {
      putInteger(head, 0x80, 7, whole + 1);
      parts.push(Buffer.from(head));
      continue;
    }
    const known = STATIC.findIndex((header) => header[0] === name);
    putInteger(head, 0, 4, known + 1);
    if (known < 0) {
      putInteger(head, 0, 7, name.length);
      parts.push(Buffer.from(head), Buffer.from(name, 'latin1'));
      head.length = 0;
    }
    putInteger(head, 0, 7, value.length);
    parts.push(Buffer.from(head), Buffer.from(value, 'latin1'));
  }
  return Buffer.concat(parts);
}
