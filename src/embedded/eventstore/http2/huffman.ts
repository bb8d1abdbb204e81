/**
 * HPACK's Huffman code (RFC 7541, appendix B). It is canonical: the lengths of the codes, in the order
 * of their symbols, say which bits each one is.
 */

const EOS = 256;
const LONGEST = 30;

/** Bits of the code of each byte, sixteen to a row, and of the end of the string. */
// prettier-ignore
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

/** Symbols in the order of their codes. */
const SYMBOLS = LENGTHS.map((_, symbol) => symbol).sort(
  (a, b) => (LENGTHS[a] ?? 0) - (LENGTHS[b] ?? 0) || a - b,
);
/** By length: the first code, how many there are, and where their symbols start. */
const FIRST = new Int32Array(LONGEST + 1);
const COUNT = new Int32Array(LONGEST + 1);
const OFFSET = new Int32Array(LONGEST + 1);

for (const length of LENGTHS) COUNT[length] = (COUNT[length] ?? 0) + 1;
for (let length = 1; length <= LONGEST; length += 1) {
  FIRST[length] = ((FIRST[length - 1] ?? 0) + (COUNT[length - 1] ?? 0)) * 2;
  OFFSET[length] = (OFFSET[length - 1] ?? 0) + (COUNT[length - 1] ?? 0);
}

/** Decodes `bytes[start, end)` as Latin-1. Throws RangeError on what no encoder writes. */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string {
  // The shortest code has five bits.
  const decoded = Buffer.allocUnsafe(Math.ceil(((end - start) * 8) / 5));
  let size = 0;
  let code = 0;
  let length = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = (code << 1) | ((byte >> bit) & 1);
      length += 1;
      if (length > LONGEST) throw new RangeError('A Huffman code is longer than any.');
      const index = code - (FIRST[length] ?? 0);
      if (index >= (COUNT[length] ?? 0)) continue;
      const symbol = SYMBOLS[(OFFSET[length] ?? 0) + index] ?? EOS;
      if (symbol === EOS) throw new RangeError('A Huffman string holds its own end.');
      decoded[size++] = symbol;
      code = 0;
      length = 0;
    }
  }
  // What is left is the start of the end's code: ones, fewer than eight.
  if (length > 7 || code !== (1 << length) - 1) {
    throw new RangeError('A Huffman string is padded with something else than ones.');
  }
  return decoded.toString('latin1', 0, size);
}
