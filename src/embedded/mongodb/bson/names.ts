/** Field names met before, by a hash of their bytes: making a string anew costs more than looking it up. */
const slots = 2048;
const known: (string | undefined)[] = new Array<string | undefined>(slots).fill(undefined);
const longestKept = 40;

/** The field name in `buffer` from `start` to `end`. */
export function nameAt(buffer: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length > longestKept) return buffer.toString('utf8', start, end);
  let hash = length;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + (buffer[i] as number)) | 0;
  const slot = (hash ^ (hash >>> 11)) & (slots - 1);
  const found = known[slot];
  if (found?.length === length && isAt(found, buffer, start)) return found;
  const name = buffer.toString('utf8', start, end);
  // Only ASCII has as many characters as bytes.
  if (name.length === length) known[slot] = name;
  return name;
}

function isAt(name: string, buffer: Buffer, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== buffer[start + i]) return false;
  return true;
}
